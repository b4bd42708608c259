/* qc_metrics.c - see qc_metrics.h. */
#include "base/util.h"

#include <ctype.h>
#include <math.h>
#include <strings.h>

#include "qc/qc_metrics.h"

static uint8_t kind_of(const char *symbol)
{
	if (strncasecmp(symbol, "MT-", 3) == 0)
		return QC_MITO;
	return strncasecmp(symbol, "RPS", 3) == 0 || strncasecmp(symbol, "RPL", 3) == 0 ? QC_RIBO
											: 0;
}

static void mark(struct qc_genes *g, size_t gene, const char *symbol)
{
	g->kind[gene] = kind_of(symbol);
	g->n_mito += g->kind[gene] == QC_MITO;
	g->n_ribo += g->kind[gene] == QC_RIBO;
}

static void mark_column(struct qc_genes *g, const struct column *c)
{
	struct text scratch = TEXT_INIT;

	for (size_t gene = 0; gene < c->n; gene++)
		mark(g, gene, column_text(c, gene, &scratch));
	text_release(&scratch);
	g->column = g->n_mito + g->n_ribo ? c->name : NULL;
}

int qc_genes_find(struct qc_genes *g, struct frame *var, struct err *err)
{
	char **names = frame_keys(var, err);

	*g = (struct qc_genes){0};
	if (!names)
		return -1;
	MEM_ZERO(g->kind, var->n_rows);
	for (size_t gene = 0; gene < var->n_rows; gene++)
		mark(g, gene, names[gene]);
	for (size_t i = 0; i < var->n_columns && !(g->n_mito + g->n_ribo); i++) {
		struct err unread = ERR_INIT;
		const struct column *c = frame_column_at(var, i, &unread);

		if (c && (c->kind == COLUMN_STRING || c->kind == COLUMN_CATEGORY))
			mark_column(g, c);
	}
	return 0;
}

void qc_genes_release(struct qc_genes *g)
{
	free(g->kind);
	*g = (struct qc_genes){0};
}

struct job {
	const struct cells *block;
	const struct qc_genes *genes;
	struct qc_metrics *out;
};

static void measure(const struct job *job, size_t cell)
{
	const struct cells *b = job->block;
	double of_kind[3] = {0};
	struct qc_metrics *m = &job->out[cell];

	*m = (struct qc_metrics){0};
	for (size_t i = b->starts[cell]; i < b->starts[cell + 1]; i++) {
		of_kind[job->genes->kind[b->genes[i]]] += (double)b->values[i];
		m->n_counts += (double)b->values[i];
		m->n_genes += b->values[i] > 0;
	}
	m->mito = m->n_counts > 0 ? of_kind[QC_MITO] / m->n_counts : NAN;
	m->ribo = m->n_counts > 0 ? of_kind[QC_RIBO] / m->n_counts : NAN;
	m->complexity = m->n_counts > 1 ? log10((double)m->n_genes) / log10(m->n_counts) : NAN;
}

static void measure_part(void *arg, size_t part)
{
	const struct job *job = arg;
	struct cell_range cells = cells_part(job->block, part);

	for (size_t cell = cells.from; cell < cells.end; cell++)
		measure(job, cell);
}

void qc_metrics_of(const struct cells *block, const struct qc_genes *genes, struct qc_metrics *out,
		   struct pool *pool)
{
	struct job job = {block, genes, out};

	pool_run(pool, cells_n_parts(block), measure_part, &job);
}
