/* lbfgs_private.h - the memory of lbfgs.h, and what fills it and reads it.
 *
 * lbfgs.c owns the memory and takes steps into it, lbfgs_products.c keeps the inner products up to
 * date, lbfgs_direction.c makes directions of them.
 */
#ifndef TRAIN_SOLVER_LBFGS_PRIVATE_H
#define TRAIN_SOLVER_LBFGS_PRIVATE_H

#include "train/solver/lbfgs.h"

#define STRIP_ROWS 512 /* rows of a part; its sums are added up in order */

typedef float float4 __attribute__((vector_size(16), may_alias));
typedef double double4 __attribute__((vector_size(32), may_alias));

/*
 * The vectors of a lane are numbered: slot k of the ring holds step k and change memory + k; the
 * gradient is last. 'product' holds all their inner products, per lane.
 */
struct lbfgs {
	size_t rows, memory, n_vectors;
	size_t n_pairs, newest; /* in the ring */
	bool joint;
	struct pool *pool;
	const struct lanes *lanes;
	float **vector;  /* 2 * memory of them; NULL until used */
	double *product; /* (a * n_vectors + b) * lanes->n + lane */
	uint8_t *sound;  /* slot * lanes->n + lane: the pair has positive curvature */
};

static inline double *product_of(const struct lbfgs *l, size_t a, size_t b)
{
	return l->product + (a * l->n_vectors + b) * l->lanes->n;
}

static inline size_t lbfgs_strips(const struct lbfgs *l)
{
	return (l->rows + STRIP_ROWS - 1) / STRIP_ROWS;
}

/* Inner products of all vectors with the newest pair and the gradient. */
void lbfgs_update_products(struct lbfgs *l, const double *gradient);

#endif
