/* reconstruction.h - cells that lie outside the space an atlas's cells span: scHPL's first rejection.
 *
 * A few principal components of the atlas's points hold nine tenths of their variance. How far a
 * point is from what they make of it is its error; an error larger than those of nearly all held-out
 * cells of the atlas means a kind of cell that the atlas does not have.
 *
 *	struct reconstruction r;
 *	if (reconstruction_learn(&r, points, n, dims, NULL, 0.5, pool, &err))
 *		die_err(&err);
 *	reconstruction_errors(&r, query, m, pool, errors);
 *	use(errors[cell] > r.threshold);
 *	reconstruction_release(&r);
 *
 * The threshold is the median over five folds of a percentile of the fold's errors by components
 * learnt without it. Points of more than 100 dimensions take 100 components. Nothing is drawn:
 * without folds given a cell's comes from its number.
 */
#ifndef MAP_TREE_RECONSTRUCTION_H
#define MAP_TREE_RECONSTRUCTION_H

#include "base/err.h"
#include "base/pool.h"

#define RECONSTRUCTION_FOLDS ((size_t)5)

struct reconstruction {
	size_t dims, n_components;
	double *mean, *components; /* dims; dims x n_components */
	double thresholds[RECONSTRUCTION_FOLDS], threshold;
};

/*
 * 'folds' (n, below RECONSTRUCTION_FOLDS) may be NULL. 'percent' of held-out cells lie beyond the
 * threshold. Refuses fewer cells than ten. -1 on failure, with nothing to release.
 */
int reconstruction_learn(struct reconstruction *r, const double *points, size_t n, size_t dims,
			 const uint8_t *folds, double percent, struct pool *pool,
			 struct err *err) MUST_USE;
void reconstruction_release(struct reconstruction *r);

/* 'errors' is per point. */
void reconstruction_errors(const struct reconstruction *r, const double *points, size_t n,
			   struct pool *pool, double *errors);

#endif
