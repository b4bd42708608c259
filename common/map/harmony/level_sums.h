/* level_sums.h - for one batch variable: cells gone through level by level, as matrices.
 *
 * What a ridge needs of a cluster are, for every level, the sum of its cells' memberships and of
 * membership times point; what a correction takes away of a cell is the product of its memberships
 * with what its level adds to each cluster. Both are products of matrices once the cells of a level
 * stand together.
 *
 *	struct level_order order = level_order_of(batches);     // of one variable
 *	level_sums(&order, members, points, dims, K, pool, weights, sums);
 *	level_take_away(&order, members, points, dims, K, coefficients, pool, corrected);
 *	level_order_release(&order);
 *
 * Sums go over a level's cells in their order: the same bytes for any number of threads.
 */
#ifndef MAP_HARMONY_LEVEL_SUMS_H
#define MAP_HARMONY_LEVEL_SUMS_H

#include "base/pool.h"
#include "map/harmony/batches.h"

struct level_order {
	size_t n_cells, n_levels;
	uint32_t *cells;   /* those of level l: cells[starts[l]..starts[l + 1]), rising */
	size_t *starts;    /* n_levels + 1 */
	size_t n_runs;     /* stretches of a level's cells, of bounded length: */
	uint32_t *level;   /* whose it is, */
	size_t *run_start; /* where in 'cells' it begins; it ends at run_end */
	size_t *run_end;
};

struct level_order level_order_of(const struct batches *b);
void level_order_release(struct level_order *o);

/* weights[l * K + k], sums[(l * K + k) * dims]; members is n x K, points n x dims. */
void level_sums(const struct level_order *o, const double *members, const double *points,
		size_t dims, size_t K, struct pool *pool, double *weights, double *sums);

/*
 * out = point - sum over k of membership times what ridge_solve found that level l adds in cluster k:
 * coefficients[(k * (1 + n_levels) + 1 + l) * dims]. 'out' may be 'points'.
 */
void level_take_away(const struct level_order *o, const double *members, const double *points,
		     size_t dims, size_t K, const double *coefficients, struct pool *pool,
		     double *out);

#endif
