/* group_moments.h - mean, variance and share of expressing cells, per group of cells and gene.
 *
 * One pass over a stream, whatever its storage, gives everything that tests of marker genes need
 * but ranks. Only stored values cost work: zeros enter in closed form when a moment is asked for.
 *
 *	struct group_moments m;
 *	group_moments_init(&m, n_groups, n_genes, false);
 *	while ((got = stream_next(cells, &block, &err)) > 0)
 *		group_moments_add(&m, block, group_of, pool);
 *	struct moment a = group_moment(&m, group, gene);
 *	printf("%g +- %g\n", a.mean, sqrt(moment_variance(&a)));
 *	group_moments_release(&m);
 *
 * Groups are numbered from 0; a cell of no group has GROUP_NONE and is counted in one more, the
 * last: m.n_groups is what was asked for, and group_moment takes m.n_groups as well. Sums are kept
 * about the first value stored in the group, so a gene that is the same in all cells has a variance
 * of exactly 0. Cells are added in order, genes shared out in fixed parts: the same bytes for any
 * number of threads. A stored zero counts as not stored. Memory: 24 bytes a group and gene, 8 more
 * with 'unlogged'.
 */
#ifndef EXPRESSION_GROUP_MOMENTS_H
#define EXPRESSION_GROUP_MOMENTS_H

#include "base/pool.h"
#include "matrix/cells.h"

#define GROUP_NONE UINT32_MAX

/* What is added up for one group and gene. */
struct group_sum {
	double shifted, squares; /* of the stored values less 'pivot' */
	float pivot;
	uint32_t n; /* stored values that are not 0 */
};

struct group_moments {
	size_t n_groups, n_genes;
	size_t *n_cells;        /* per group, and of no group */
	struct group_sum *sums; /* (groups + 1) x genes */
	double *unlogged;       /* of the same shape: sums of expm1 of the values; or NULL */
};

/* Number, mean and sum of squares about the mean, zeros included. */
struct moment {
	double n, mean, squares, n_expressing;
};

void group_moments_init(struct group_moments *m, size_t n_groups, size_t n_genes, bool unlogged);

/* 'group_of' is per cell of the stream, below n_groups or GROUP_NONE. */
void group_moments_add(struct group_moments *m, const struct cells *block, const uint32_t *group_of,
		       struct pool *pool);
void group_moments_release(struct group_moments *m);

struct moment group_moment(const struct group_moments *m, size_t group, size_t gene);

/* Does this share of the cells of some group express the gene, or more? */
bool group_moments_reach(const struct group_moments *m, size_t gene, double share);

/* Both together, without subtracting large numbers (Chan, Golub and LeVeque). */
struct moment moment_merge(const struct moment *a, const struct moment *b);

/* Over n - 1; NaN for fewer than two cells. */
double moment_variance(const struct moment *m);

#endif
