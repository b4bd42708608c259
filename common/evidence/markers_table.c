/* markers_table.c - see markers_table.h. */
#include "base/util.h"

#include "evidence/markers_table.h"

/* The rows of one group: its genes as they are listed, their p corrected by gene. */
struct listing {
	const struct markers_table *t;
	size_t group, n;
	uint32_t *order;
	double *padj;
};

static void put_row(struct tsv_writer *w, void *arg, size_t row)
{
	const struct listing *l = arg;
	uint32_t gene = l->order[row];
	const struct marker *m = markers_at(l->t->markers, l->group, gene);
	struct moment own = group_moment(l->t->markers->moments, l->group, gene);
	size_t agree, counted;
	char text[48];

	tsv_put(w, l->t->groups[l->group]);
	tsv_put(w, l->t->genes[gene]);
	tsv_put_float(w, m->score);
	tsv_put_float(w, (double)m->log2fc);
	tsv_put_float(w, m->p);
	tsv_put_float(w, l->padj[gene]);
	tsv_put_float(w, (double)m->auc);
	tsv_put_float(w, own.n_expressing / own.n);
	tsv_put_float(w, m->pct_rest);
	tsv_put_float(w, own.mean);
	tsv_put_float(w, m->mean_rest);
	if (l->t->donors) {
		donors_agree(l->t->donors, l->group, gene, own.mean > m->mean_rest, &agree,
			     &counted);
		snprintf(text, sizeof(text), "%zu/%zu", agree, counted);
		tsv_put(w, text);
	}
}

static void list_group(void *arg, size_t group)
{
	struct listing *l = (struct listing *)arg + group;
	const struct markers *m = l->t->markers;

	if (group == m->rules.reference)
		return;
	MEM_ARRAY(l->order, m->rules.n_genes);
	MEM_ARRAY(l->padj, m->rules.n_genes);
	l->n = markers_order(m, group, l->order);
	markers_adjust(m, group, l->padj);
}

int markers_table_put(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct markers_table *t = arg;
	size_t n_groups = t->markers->rules.n_groups;
	struct listing *listings;

	(void)err;
	MEM_ZERO(listings, n_groups);
	tsv_header(w, t->donors ? "cluster\tgene\tscore\tlog2fc\tp\tpadj\tauc\tpct\tpct_rest\t"
				  "mean\tmean_rest\tdonors"
				: "cluster\tgene\tscore\tlog2fc\tp\tpadj\tauc\tpct\tpct_rest\t"
				  "mean\tmean_rest");
	for (size_t g = 0; g < n_groups; g++)
		listings[g] = (struct listing){.t = t, .group = g};
	pool_run(t->pool, n_groups, list_group, listings);
	for (size_t g = 0; g < n_groups; g++) {
		struct listing *l = &listings[g];

		tsv_put_rows(w, t->pool, t->top ? MIN(t->top, l->n) : l->n, put_row, l);
		free(l->order);
		free(l->padj);
	}
	free(listings);
	return 0;
}
