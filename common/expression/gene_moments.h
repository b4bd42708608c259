/* gene_moments.h - mean and deviation of every gene, from one pass over a stream.
 *
 *	struct gene_moments m;
 *	if (gene_moments_read(&m, cells, pool, &err))   // of log1p values
 *		die_err(&err);
 *	printf("%g +- %g\n", gene_mean(&m, gene), gene_deviation(&m, gene));
 *	gene_moments_release(&m);
 *
 * Sums of the values and of what they were before the logarithm, as scanpy adds them up, whose
 * choice of variable genes hangs on their last bits' order (group_moments.h has moments of groups,
 * which do not subtract large numbers). Cells are shared out in fixed parts that are added in
 * order: the same numbers for any number of threads. Zeros cost nothing. 40 bytes a gene are kept,
 * eight times that while reading.
 */
#ifndef EXPRESSION_GENE_MOMENTS_H
#define EXPRESSION_GENE_MOMENTS_H

#include "base/pool.h"
#include "matrix/stream.h"

struct gene_sums {
	double n_positive;           /* cells with a value above 0 */
	double sum, squares;         /* of the values */
	double raw_sum, raw_squares; /* of expm1 of the values */
};

struct gene_moments {
	size_t n_cells, n_genes;
	struct gene_sums *sums; /* per gene */
};

/* Reads 'cells' to its end; -1 with 'err' when that fails. Release in any case. */
int gene_moments_read(struct gene_moments *m, struct stream *cells, struct pool *pool,
		      struct err *err) MUST_USE;
void gene_moments_release(struct gene_moments *m);

double gene_mean(const struct gene_moments *m, size_t gene);
double gene_deviation(const struct gene_moments *m, size_t gene); /* n - 1; 1 when it would be 0 */

/* Over n - 1, of n numbers with that sum and sum of squares; never below 0. */
double sums_variance(double sum, double squares, double n);

#endif
