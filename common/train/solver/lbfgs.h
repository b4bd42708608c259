/* lbfgs.h - quasi-Newton directions for many problems side by side.
 *
 * The last steps and gradient changes of every class are kept as lane matrices of floats. Instead
 * of walking them twice in turn, as the textbook recursion does, all inner products are kept up to
 * date: one read of the memory gives the new products, a few thousand numbers per class give the
 * coefficients of the direction, and a second read sums it up. (Vector-free L-BFGS: Chen, Wang
 * and Zhou, NIPS 2014.) The result is that of the recursion.
 *
 * Problems are independent; with 'joint' all lanes are one problem (softmax).
 *
 *	struct lbfgs *l = lbfgs_new(n_genes + 1, &lanes, 10, false, pool);
 *	lbfgs_direction(l, gradient, direction, slope);
 *	...                                          // a step along it
 *	lbfgs_push(l, step, direction, before, gradient);
 *	lbfgs_free(l);
 */
#ifndef TRAIN_SOLVER_LBFGS_H
#define TRAIN_SOLVER_LBFGS_H

#include "base/pool.h"
#include "train/solver/lanes.h"

struct lbfgs;

/* 'rows' per lane matrix. 'lanes' is borrowed. 'memory' pairs are kept at most. */
struct lbfgs *lbfgs_new(size_t rows, const struct lanes *lanes, size_t memory, bool joint,
			struct pool *pool);
void lbfgs_free(struct lbfgs *l); /* NULL is fine */

/*
 * The direction at a gradient, downhill as far as the memory is sound; minus the gradient when
 * there is no memory. Also the product of direction and gradient, per lane.
 */
void lbfgs_direction(struct lbfgs *l, const double *gradient, double *direction, double *slope);

/*
 * A step was taken: step (per lane) times 'direction', and the gradient went from 'before' to
 * 'after'. A pair without positive curvature is not used.
 */
void lbfgs_push(struct lbfgs *l, const double *step, const double *direction, const double *before,
		const double *after);

/* Forget what is known about one lane. */
void lbfgs_forget(struct lbfgs *l, size_t lane);

/* Keep only the lanes of 'to', which is borrowed from now on; so far they were those of 'from'. */
void lbfgs_keep(struct lbfgs *l, const struct lanes *from, const struct lanes *to);

#endif
