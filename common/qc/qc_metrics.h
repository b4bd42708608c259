/* qc_metrics.h - what a cell's counts say of its quality.
 *
 * One pass over counts. Equal to scanpy's calculate_qc_metrics: n_counts is total_counts, n_genes
 * n_genes_by_counts, the shares are pct_counts_mt and pct_counts_ribo as parts of 1. Complexity is
 * log10(n_genes) / log10(n_counts): low where few genes make up a cell.
 *
 *	struct qc_genes genes;
 *	struct qc_metrics *m = mem_zero(n_cells, sizeof(*m));
 *	if (qc_genes_find(&genes, h5ad_var(in), &err))
 *		die_err(&err);
 *	while (stream_next(counts, &block, &err) > 0)
 *		qc_metrics_of(block, &genes, m + block->first, pool);
 *	qc_genes_release(&genes);
 *
 * Sums are in double and in the order of the genes: the same for any number of threads.
 */
#ifndef QC_QC_METRICS_H
#define QC_QC_METRICS_H

#include "base/pool.h"
#include "h5ad/frame/frame.h"
#include "matrix/cells.h"

/* Which genes are mitochondrial (MT-) or ribosomal (RPS, RPL), in any spelling of case. */
struct qc_genes {
	uint8_t *kind; /* per gene: 0, QC_MITO or QC_RIBO */
	size_t n_mito, n_ribo;
	const char *column; /* of var, where the symbols are; NULL: the genes' names. Borrowed. */
};
enum { QC_MITO = 1, QC_RIBO = 2 };

/* By the genes' names, or where those say nothing by the first text column of var that does. */
int qc_genes_find(struct qc_genes *g, struct frame *var, struct err *err) MUST_USE;
void qc_genes_release(struct qc_genes *g);

struct qc_metrics {
	double n_counts;
	size_t n_genes;
	double mito, ribo; /* shares of the counts; NaN in a cell without any */
	double complexity; /* NaN in a cell of one count or none */
};

/* Of every cell of a block of counts. */
void qc_metrics_of(const struct cells *block, const struct qc_genes *genes, struct qc_metrics *out,
		   struct pool *pool);

#endif
