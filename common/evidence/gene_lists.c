/* gene_lists.c - see gene_lists.h. */
#include "base/util.h"

#include "evidence/gene_lists.h"
#include "evidence/marker_table.h"
#include "format/tsv.h"
#include "matrix/gene_panel.h"

#define MOST_PAIRS ((size_t)1 << 30) /* of a list and a gene: a byte each */

struct listed_gene {
	uint32_t list, gene;
	bool chosen;
};

struct reading {
	struct gene_lists *l;
	const struct list_rules *rules;
	const struct gene_tables *names;
	struct strtab all; /* genes of the table */
	struct listed_gene *rows;
	size_t n, cap, n_chosen;
};

static int read_rows(struct reading *r, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t gene, padj, score, *taken = NULL, cap = 0, n_lists = 0;
	double p = 0, s = 1;
	int got = -1;

	if (!in || tsv_need(in, "gene", &gene, err))
		goto close_table;
	padj = tsv_column(in, "padj");
	score = tsv_column(in, "score");
	if (score == SIZE_MAX)
		score = tsv_column(in, "log2fc");
	if (padj == SIZE_MAX && !r->rules->background) {
		err_refuse(err,
			   "%s: lists alone: what genes they were chosen from must be said "
			   "(--background FILE)",
			   path);
		goto close_table;
	}
	while ((got = tsv_next(in, err)) > 0) {
		uint32_t list = strtab_add(&r->l->lists, in->fields[0]);
		if ((padj != SIZE_MAX && (got = tsv_number(in, padj, &p, err))) ||
		    (score != SIZE_MAX && (got = tsv_number(in, score, &s, err))))
			break;
		MEM_GROW(taken, list + 1, cap);
		for (; n_lists <= list; n_lists++)
			taken[n_lists] = 0;
		bool chosen = p <= r->rules->largest_padj && s > 0 &&
			      (!r->rules->most || taken[list] < r->rules->most);
		taken[list] += chosen;
		r->n_chosen += chosen;
		MEM_GROW(r->rows, r->n + 1, r->cap);
		r->rows[r->n++] = (struct listed_gene){
			list, strtab_add(&r->all, marker_symbol(r->names, in->fields[gene])),
			chosen};
	}
close_table:
	free(taken);
	tsv_close(in);
	return got;
}

/* Does every cluster list every gene? */
static bool is_whole(const struct reading *r)
{
	size_t n_genes = r->all.n, n_lists = r->l->lists.n, n = 0;
	bool *seen;

	if (mem_product(n_genes, n_lists) > r->n)
		return false; /* there are not so many rows */
	seen = mem_zero(mem_product(n_genes, n_lists), 1);
	for (size_t i = 0; i < r->n; i++) {
		size_t at = r->rows[i].list * n_genes + r->rows[i].gene;
		n += !seen[at];
		seen[at] = true;
	}
	free(seen);
	return n == n_genes * n_lists;
}

static int take_background(struct reading *r, const char *path, struct err *err)
{
	struct gene_panel panel = {0};

	if (!r->rules->background) {
		if (!is_whole(r))
			return err_refuse(
				err,
				"%s: clusters list different genes: the table was cut "
				"(--top?) and is no background (--background FILE gives one)",
				path);
		for (uint32_t i = 0; i < r->all.n; i++)
			strtab_add(&r->l->genes, strtab_str(&r->all, i));
		return 0;
	}
	if (gene_panel_read(r->rules->background, &panel, err))
		return -1;
	for (uint32_t i = 0; i < panel.genes.n; i++)
		strtab_add(&r->l->genes, marker_symbol(r->names, strtab_str(&panel.genes, i)));
	gene_panel_release(&panel);
	return 0;
}

int gene_lists_read(struct gene_lists *l, const char *path, const struct list_rules *rules,
		    const struct gene_tables *names, struct err *err)
{
	struct reading r = {.l = l, .rules = rules, .names = names};
	int ret;

	*l = (struct gene_lists){0};
	ret = read_rows(&r, path, err) || take_background(&r, path, err);
	if (!ret && mem_product(l->lists.n, l->genes.n) > MOST_PAIRS)
		ret = err_set(err, "%s: %zu lists, of %zu genes: more than are compared", path,
			      l->lists.n, l->genes.n);
	if (!ret) {
		l->in_list = mem_zero(mem_product(l->lists.n, l->genes.n), sizeof(*l->in_list));
		MEM_ZERO(l->sizes, l->lists.n);
	}
	for (size_t i = 0; i < r.n && !ret; i++) {
		uint32_t gene = strtab_find(&l->genes, strtab_str(&r.all, r.rows[i].gene));
		if (!r.rows[i].chosen)
			continue;
		if (gene == STRTAB_NONE) {
			l->n_outside++;
			continue;
		}
		bool *flag = &l->in_list[r.rows[i].list * l->genes.n + gene];
		l->sizes[r.rows[i].list] += !*flag;
		*flag = true;
	}
	strtab_release(&r.all);
	free(r.rows);
	if (ret)
		gene_lists_release(l);
	return ret ? -1 : 0;
}

void gene_lists_release(struct gene_lists *l)
{
	strtab_release(&l->lists);
	strtab_release(&l->genes);
	free(l->in_list);
	free(l->sizes);
	*l = (struct gene_lists){0};
}
