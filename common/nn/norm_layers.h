/* norm_layers.h - batch norm and layer norm, forward and back.
 *
 * Batch norm brings every column of a mini-batch to mean 0 and variance 1, then scales and shifts
 * it by what it learned; outside training it uses the running mean and variance instead. Layer norm
 * does the same to every row, and learns nothing. As torch: eps 1e-3, the variance of n (not n - 1)
 * in the mini-batch, that of n - 1 in the running one, momentum 0.01.
 *
 *	batch_norm_forward(&norm, pool, x, n, true, x_hat, y, spread);
 *	...
 *	batch_norm_backward(&norm, pool, x_hat, spread, n, true, dy);   // dy in place
 */
#ifndef NN_NORM_LAYERS_H
#define NN_NORM_LAYERS_H

#include "nn/param.h"

struct batch_norm {
	size_t width;
	struct param scale, shift;
	real *running_mean, *running_variance;
	double momentum; /* 0.01; 0: running values stay */
	int64_t n_seen;  /* mini-batches */
};

struct batch_norm batch_norm_new(size_t width);
void batch_norm_free(struct batch_norm *b);

/*
 * Normalise n x width values from 'x' into 'x_hat', before scale and shift, and into 'y' after
 * them. 'spread' (width) receives 1 / sqrt(variance + eps). In training the mini-batch's own
 * figures are used and the running ones move; n must be 2 or more.
 */
void batch_norm_forward(struct batch_norm *b, struct pool *pool, const real *x, size_t n,
			bool training, real *x_hat, real *y, real *spread);

/* dy becomes dx. 'training' as in the forward pass. */
void batch_norm_backward(struct batch_norm *b, struct pool *pool, const real *x_hat,
			 const real *spread, size_t n, bool training, real *dy);

/*
 * A row of 'width': x becomes normal in place, with eps 1e-5, and 'out' what of it is above 0, as
 * the ReLU behind it has it. Returns 1 / sqrt(variance + eps).
 */
real layer_norm_row(real *x, size_t width, real *out);

/*
 * The way back: 'd' holds the gradient of 'out', and becomes that of x before. 'x_hat' is what the
 * forward pass left in x; where 'came' is above 0 the gradient passed, times 'scale' (dropout may
 * have been at 'out' since).
 */
void layer_norm_row_back(const real *x_hat, real spread, const real *came, real scale, size_t width,
			 real *d);

#endif
