/* ridge.h - what batches add to a cluster: a ridge regression with a free intercept.
 *
 * Cells of a cluster, weighted by membership, are explained by an intercept and one column per
 * level of each batch variable. The intercept is free, levels pay 'penalties'. Only the levels'
 * coefficients are of use: they are what batches add.
 *
 *	struct ridge r = ridge_new(n_levels, dims, n_variables);
 *	ridge_begin(&r, kept);
 *	for (cell...)
 *		ridge_add(&r, levels, weight, point);
 *	if (ridge_solve(&r, penalties, coefficients))       // (1 + n_levels) x dims
 *		return err_set(err, "singular: raise lambda");
 *	ridge_release(&r);
 *
 * One variable is solved in closed form (the system is an arrowhead), several by Cholesky. A cell
 * none of whose levels is kept is left out whole. A level without weight gets zeros.
 */
#ifndef MAP_HARMONY_RIDGE_H
#define MAP_HARMONY_RIDGE_H

#include "base/mem.h"

struct ridge {
	size_t n_levels, n_variables, dims;
	const bool *kept; /* per level, borrowed; NULL: all */
	double intercept_weight, *intercept_sum;
	double *weights, *sums; /* per level; levels x dims */
	double *crossed;        /* levels x levels, for several variables; else NULL */
	double *room;
};

struct ridge ridge_new(size_t n_levels, size_t dims, size_t n_variables);
void ridge_release(struct ridge *r);

/* Forget all cells. */
void ridge_begin(struct ridge *r, const bool *kept);

/* A cell with its level of every variable. */
void ridge_add(struct ridge *r, const uint32_t *levels, double weight, const double *point);

/* All cells of a level at once, as sums; of one variable. */
void ridge_add_level(struct ridge *r, uint32_t level, double weight, const double *sum);

/* Cells of no batch, as sums: for Symphony the reference's own. */
void ridge_add_base(struct ridge *r, double weight, const double *sum);

/* The intercept's coefficients, then each level's. -1: singular. */
int ridge_solve(struct ridge *r, const double *penalties, double *coefficients) MUST_USE;

#endif
