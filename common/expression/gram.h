/* gram.h - sums over cells of products of scaled genes, two by two, from a stream of cells.
 *
 * What the covariance of genes is made of (expression/pca.h), without making cells dense: genes are
 * scaled to mean 0 and deviation 1 and clipped at +-10, and of a scaled cell only what its stored
 * values shift it from the constant cell without any counts.
 *
 *	struct scaled_genes genes = {n, mean, deviation};
 *	struct gram *gram = gram_new(&genes);
 *	while (stream_next(cells, &block, err) > 0)
 *		gram_add(gram, block, pool);
 *	size_t at = gram->row_of[gene] * n + gram->row_of[other];    // where row is column or above
 *	use(gram->products[at], gram->sums[gram->row_of[gene]]);
 *	gram_free(gram);
 *
 * Most products are of genes that many cells have. Rows go by that: first come, in tiles of 32, the
 * genes that one in eight cells of the first block has. Columns of a tile are held dense for some
 * cells at a time, small enough for the second cache, and of a row 32 sums stay in registers while
 * the cells go by that have its gene: four products a cycle where single additions to a row take two
 * cycles each. Columns of rarer genes are added to one by one. Blocks that are more than half full
 * go through a product of dense matrices.
 *
 * Sums are in double, in an order that the data alone decides: the same bytes for any number of
 * threads, and but for blocks more than half full on every processor.
 */
#ifndef EXPRESSION_GRAM_H
#define EXPRESSION_GRAM_H

#include "base/pool.h"
#include "matrix/cells.h"

/* Per column of the stream: how it is scaled. The arrays are the caller's. */
struct scaled_genes {
	size_t n;
	double *mean, *deviation; /* deviations are above 0 */
	bool uncentred;           /* take values as they are: neither of the two is read */
};

#define SCALED_MOST 10.0

/* What scaling makes of a value. A stored one shifts its cell by that less what is made of 0. */
static inline double scaled_value(const struct scaled_genes *genes, size_t gene, double x)
{
	double z;

	if (genes->uncentred)
		return x;
	z = (x - genes->mean[gene]) / genes->deviation[gene];
	return z > SCALED_MOST ? SCALED_MOST : z < -SCALED_MOST ? -SCALED_MOST : z;
}

/* Per gene what scaling makes of 0. The caller frees it. */
double *scaled_zeros(const struct scaled_genes *genes) MUST_USE;

struct gram_room;

struct gram {
	const struct scaled_genes *genes; /* borrowed */
	size_t n_cells;
	uint32_t *row_of; /* per gene; settled by the first block */
	double *products; /* rows x rows; only what is at or below the diagonal means anything */
	double *sums;     /* of shifts, per row */
	struct gram_room *room;
};

/* Memory is 8 bytes a pair of genes, and some 4 KB a gene. The caller frees it. */
struct gram *gram_new(const struct scaled_genes *genes) MUST_USE;

/* Add a block's cells. Gene indices are below genes->n. */
void gram_add(struct gram *gram, const struct cells *block, struct pool *pool);

/* NULL is fine. */
void gram_free(struct gram *gram);

#endif
