/* dense.h - a linear layer, with categories as vectors instead of one-hot columns.
 *
 * y = x W + bias + U[category]. The weight is kept with one row per input and then one row per
 * category, each 'n_out' wide: torch's matrix, turned. A batch is therefore one row, read as a
 * vector; the one-hot is never built. Inputs are dense rows, or sparse ones (stored values of a
 * matrix of counts), whose product and gradient cost only what is stored.
 *
 *	dense_forward(&layer, pool, (struct rows){.dense = x, .n = 128}, batch, y);
 *	dense_backward(&layer, pool, (struct rows){.dense = x, .n = 128}, batch, dy);
 *	dense_backward_input(&layer, pool, 128, dy, false, dx);
 *
 * Work is shared out in parts fixed by the sizes: any number of threads gives the same bytes.
 */
#ifndef NN_DENSE_H
#define NN_DENSE_H

#include "nn/param.h"

struct dense {
	size_t n_in, n_extra, n_out; /* n_extra: categories, 0 for none */
	struct param weight;         /* (n_in + n_extra) x n_out */
	struct param bias;           /* n_out */
};

/* The input of a layer: 'dense' (n x n_in), or the stored values of a sparse matrix. */
struct rows {
	size_t n;
	const real *dense;      /* NULL: sparse */
	const size_t *starts;   /* n + 1 */
	const uint32_t *column; /* rising within a row */
	const real *value;
};

struct dense dense_new(size_t n_in, size_t n_extra, size_t n_out); /* zeros */
void dense_free(struct dense *d);

/* n x n_out into 'y'. 'category': one per row, below n_extra, or NULL for none. */
void dense_forward(const struct dense *d, struct pool *pool, struct rows x,
		   const uint32_t *category, real *y);

/*
 * Add to the layer's gradients what a loss with gradient 'dy' gives. What is not trained is left
 * alone, and costs nothing.
 */
void dense_backward(struct dense *d, struct pool *pool, struct rows x, const uint32_t *category,
		    const real *dy);

/* The gradient of a dense input, n x n_in, into 'dx' or, with 'add', onto it. */
void dense_backward_input(const struct dense *d, struct pool *pool, size_t n, const real *dy,
			  bool add, real *dx);

/* Is anything of it trained? */
static inline bool dense_trained(const struct dense *d)
{
	return param_trained(&d->weight) || param_trained(&d->bias);
}

/* A backward pass of a copy has filled its gradients: adam_step is to know. */
static inline void dense_mark_used(struct dense *d)
{
	d->weight.used |= param_trained(&d->weight);
	d->bias.used |= param_trained(&d->bias);
}

#endif
