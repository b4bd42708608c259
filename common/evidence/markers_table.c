/* markers_table.c - see markers_table.h. */
#include "base/util.h"

#include "evidence/markers_table.h"

struct listing {
	const struct markers_table *t;
	size_t group;
	const uint32_t *order;
	const double *padj;
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

int markers_table_put(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct markers_table *t = arg;
	const struct marker_rules *rules = &t->markers->rules;
	uint32_t *order;
	double *padj;

	(void)err;
	MEM_ARRAY(order, rules->n_genes);
	MEM_ARRAY(padj, rules->n_genes);
	tsv_header(w, t->donors ? "cluster\tgene\tscore\tlog2fc\tp\tpadj\tauc\tpct\tpct_rest\t"
				  "mean\tmean_rest\tdonors"
				: "cluster\tgene\tscore\tlog2fc\tp\tpadj\tauc\tpct\tpct_rest\t"
				  "mean\tmean_rest");
	for (size_t g = 0; g < rules->n_groups; g++) {
		struct listing l = {t, g, order, padj};
		if (g == rules->reference)
			continue;
		size_t n = markers_order(t->markers, g, order);
		markers_adjust(t->markers, g, padj);
		tsv_put_rows(w, t->pool, t->top ? MIN(t->top, n) : n, put_row, &l);
	}
	free(order);
	free(padj);
	return 0;
}
