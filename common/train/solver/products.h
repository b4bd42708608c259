/* products.h - scores and gradients: the two sparse products that training is made of.
 *
 * For the standardised cells Z (slots x genes, with a column of ones for the intercept):
 *	forward    scores = Z * coefficients
 *	backward   gradient = Z' * residuals
 * for all classes at once, as lane matrices (lanes.h): coefficients and gradient have
 * n_genes + 1 rows, the last for the intercept; scores and residuals have a row per slot.
 *
 * Scores are float or double ("wide"); what is summed over cells is summed in double, in an order
 * fixed by the data. Forward shares out blocks, backward shares out genes: no part writes where
 * another does, and any number of threads gives the same bytes.
 *
 * What bounds them: see tests/bench/products.c.
 */
#ifndef TRAIN_SOLVER_PRODUCTS_H
#define TRAIN_SOLVER_PRODUCTS_H

#include "train/solver/lanes.h"
#include "train/solver/scaling.h"

struct products {
	struct design *design;
	const struct scaling *scaling;
	const struct lanes *lanes;
	struct pool *pool;
	size_t n_blocks; /* the first so many are used */
	bool wide;
};

static inline size_t products_slots(const struct products *p)
{
	return p->n_blocks * BLOCK_CELLS;
}

static inline size_t products_number(const struct products *p)
{
	return p->wide ? sizeof(double) : sizeof(float);
}

/* scores: float or double, products_slots rows. Holes and left-out cells get scores too. */
int products_forward(const struct products *p, const double *coef, void *scores,
		     struct err *err) MUST_USE;

/* gradient: sums, not means. Residuals of cells that do not count must be 0. */
int products_backward(const struct products *p, const void *residuals, double *gradient,
		      struct err *err) MUST_USE;

#endif
