/* param.h - numbers that are learned, and the step that learns them.
 *
 * A param owns its values and, once it is to be trained, gradient and moments beside them. Only
 * [from, to) of it is trained: all of it in training, the rows of new batches in surgery, nothing
 * of what is frozen. What is not trained keeps its bits.
 *
 *	struct param w = param_new(n);
 *	param_train(&w, 0, n);
 *	...                                   // a backward pass fills w.grad and sets w.used
 *	adam_step(&plan, params, n_params, pool);
 *
 * The step is Adam with the weight decay in the gradient, as torch.optim.Adam: where the gradient
 * is zero and there is no decay, the value stays to the bit. A param that no backward pass has used
 * is skipped, its moments and values stay (as torch skips those without a gradient).
 */
#ifndef NN_PARAM_H
#define NN_PARAM_H

#include "base/pool.h"
#include "nn/real.h"

struct param {
	real *value;
	real *grad, *first, *second; /* NULL while nothing is trained */
	size_t n, from, to;
	bool used; /* since the last adam_step */
};

struct param param_new(size_t n); /* zeros */
void param_free(struct param *p); /* a zeroed one is fine */

/* Make room for training [from, to); forgets gradient and moments. */
void param_train(struct param *p, size_t from, size_t to);

static inline bool param_trained(const struct param *p)
{
	return p->grad && p->from < p->to;
}

struct adam {
	double rate, epsilon, decay; /* 1e-3, 1e-2, 1e-6 in scvi-tools */
	size_t step;                 /* steps done; adam_step adds one */
};

/* One step of every trained and used param; clears gradients and 'used'. */
void adam_step(struct adam *a, struct param *const *params, size_t n, struct pool *pool);

#endif
