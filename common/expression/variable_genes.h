/* variable_genes.h - which genes tell cells apart, and how to scale them.
 *
 * scanpy's path as CellTypist runs it: genes in fewer than five cells are left out; of the others
 * the most variable are taken, by dispersions of the unlogged values, normalised within 20 bins of
 * mean (Seurat's flavour).
 *
 *	struct gene_moments m;
 *	gene_moments_read(&m, cells, pool, &err);       // one pass over log1p values
 *	n = variable_genes(&m, 2500, chosen);
 *	gene_moments_release(&m);
 */
#ifndef EXPRESSION_VARIABLE_GENES_H
#define EXPRESSION_VARIABLE_GENES_H

#include "base/pool.h"
#include "matrix/stream.h"

struct gene_moments {
	size_t n_cells, n_genes;
	struct gene_sums *sums; /* per gene */
};

struct gene_sums {
	double n_positive;           /* cells with a value above 0 */
	double sum, squares;         /* of the values */
	double raw_sum, raw_squares; /* of expm1 of the values */
};

int gene_moments_read(struct gene_moments *m, struct stream *cells, struct pool *pool,
		      struct err *err) MUST_USE;
void gene_moments_release(struct gene_moments *m);

double gene_mean(const struct gene_moments *m, size_t gene);
double gene_deviation(const struct gene_moments *m, size_t gene); /* n - 1; 1 when it would be 0 */

/*
 * Mark the genes chosen: 'n_top' of them, more when several tie for the last place, fewer when
 * there are fewer. Returns how many.
 */
size_t variable_genes(const struct gene_moments *m, size_t n_top, bool *chosen);

#endif
