/* gene_evidence.c - see gene_evidence.h. */
#include "base/util.h"

#include <ctype.h>
#include <math.h>

#include "evidence/gene_evidence.h"
#include "evidence/marker_table.h"
#include "format/tsv.h"

#define LARGEST_P 0.05
#define MOST_VALUES ((size_t)1 << 28) /* of a cluster and a gene */

/* What scanpy, Seurat and we call the columns. */
static const char *const names_of[][5] = {
	{"cluster", "group", NULL},
	{"gene", "names", "features", NULL},
	{"padj", "pvals_adj", "p_val_adj", "p_adj", NULL},
	{"log2fc", "logfoldchanges", "avg_log2FC", "log2FC", NULL},
	{"auc", NULL},
	{"pct", "pct_nz_group", "pct.1", "pct_in", NULL},
	{"pct_rest", "pct_nz_reference", "pct.2", "pct_out", NULL},
};
enum { CLUSTER, GENE, PADJ, CHANGE, AUC, SHARE, SHARE_REST, N_COLUMNS };

/* One row kept until the universe is known. */
struct seen {
	uint32_t cluster, gene;
	float value;
};

static int find_columns(const struct tsv *in, size_t *at, struct err *err)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		at[i] = SIZE_MAX;
		for (size_t k = 0; names_of[i][k] && at[i] == SIZE_MAX; k++)
			at[i] = tsv_column(in, names_of[i][k]);
	}
	for (size_t i = CLUSTER; i <= CHANGE; i++)
		if (at[i] == SIZE_MAX)
			return err_set(err, "%s: no table of markers: there is no column %s",
				       in->path, names_of[i][0]);
	if (at[AUC] == SIZE_MAX && (at[SHARE] == SIZE_MAX || at[SHARE_REST] == SIZE_MAX))
		return err_set(err, "%s: there is neither a column auc nor pct and pct_rest",
			       in->path);
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Genes of every cell: how much of a library they are says nothing of its type. */
static bool is_housekeeping(const char *gene)
{
	return ((str_starts(gene, "RPL") || str_starts(gene, "RPS")) && is_digit(gene[3])) ||
	       str_starts(gene, "MT-") || str_eq(gene, "MALAT1") || str_eq(gene, "NEAT1");
}

static int value_of(const struct tsv *in, const size_t *at, bool *auc, double *value,
		    struct err *err)
{
	double padj, change, a = NAN, b;

	if (tsv_number(in, at[PADJ], &padj, err) || tsv_number(in, at[CHANGE], &change, err) ||
	    (at[AUC] != SIZE_MAX && tsv_number(in, at[AUC], &a, err)))
		return -1;
	*auc = !isnan(a);
	if (*auc) {
		*value = 2 * a - 1;
	} else {
		if (at[SHARE] == SIZE_MAX || at[SHARE_REST] == SIZE_MAX)
			return err_set(err, "%s: line %zu: no auc", in->path, in->line);
		if (tsv_number(in, at[SHARE], &a, err) || tsv_number(in, at[SHARE_REST], &b, err))
			return -1;
		*value = a - (isnan(b) ? 0 : b);
	}
	if (!(padj <= LARGEST_P) || !(change * *value > 0))
		*value = 0;
	if (fabs(*value) > 1)
		return err_set(err, "%s: line %zu: auc or pct is not from 0 to 1", in->path,
			       in->line);
	return 0;
}

/* Rows to a matrix; of two genes that are one by their approved symbol the stronger counts. */
static void fill(struct gene_evidence *e, const struct seen *rows, size_t n)
{
	size_t n_genes = e->genes.n, distinct = 0;
	uint8_t *listed = mem_zero(mem_product(e->clusters.n, n_genes), 1);

	e->values = mem_zero(mem_product(e->clusters.n, n_genes), sizeof(*e->values));
	for (size_t i = 0; i < n; i++) {
		size_t at = rows[i].cluster * n_genes + rows[i].gene;
		distinct += !listed[at];
		listed[at] = 1;
		if (fabsf(rows[i].value) > fabsf(e->values[at]))
			e->values[at] = rows[i].value;
	}
	e->cut = distinct < e->clusters.n * n_genes;
	free(listed);
}

int gene_evidence_read(struct gene_evidence *e, const char *path, const struct gene_tables *names,
		       struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct seen *rows = NULL;
	size_t at[N_COLUMNS], n = 0, cap = 0;
	double value = 0;
	bool auc;
	int got = -1;

	*e = (struct gene_evidence){0};
	if (in && !find_columns(in, at, err)) {
		while ((got = tsv_next(in, err)) > 0) {
			const char *gene = marker_symbol(names, in->fields[at[GENE]]);
			uint32_t cluster = strtab_add(&e->clusters, in->fields[at[CLUSTER]]);
			e->n_rows++;
			if (is_housekeeping(gene)) {
				e->n_left_out++;
				continue;
			}
			if ((got = value_of(in, at, &auc, &value, err)))
				break;
			e->auc |= auc;
			MEM_GROW(rows, n + 1, cap);
			rows[n++] =
				(struct seen){cluster, strtab_add(&e->genes, gene), (float)value};
		}
	}
	if (got == 0 && mem_product(e->clusters.n, e->genes.n) > MOST_VALUES)
		got = err_set(err, "%s: %zu clusters, of %zu genes: more than are compared", path,
			      e->clusters.n, e->genes.n);
	if (got == 0)
		fill(e, rows, n);
	else
		gene_evidence_release(e);
	free(rows);
	tsv_close(in);
	return got;
}

void gene_evidence_release(struct gene_evidence *e)
{
	strtab_release(&e->clusters);
	strtab_release(&e->genes);
	free(e->values);
	*e = (struct gene_evidence){0};
}
