/* stack.h - hidden layers: linear, batch norm, layer norm, ReLU, dropout, in that order.
 *
 * A stack is what scvi-tools calls FCLayers. Its categories enter the first layer always and the
 * deeper ones if it was made so ('deep'). A pass through it is remembered on a tape, which the way
 * back reads; one stack may have several tapes in one step (SCANVI's classifier has two).
 *
 *	struct tape tape = {0};
 *	const real *h = stack_forward(&stack, pool, x, batch, &pass, &tape);
 *	stack_backward(&stack, pool, x, batch, &pass, &tape, dh, false, dx);
 *	tape_free(&tape);
 */
#ifndef NN_STACK_H
#define NN_STACK_H

#include "nn/dense.h"
#include "nn/noise.h"
#include "nn/norm_layers.h"

#define STACK_LAYERS 8 /* at most */

struct stack {
	size_t n_layers, n_hidden;
	bool deep; /* categories enter every layer */
	bool batch_norm, layer_norm;
	double dropout;  /* share of values dropped in training */
	unsigned number; /* of the stack, so that each drops its own values */
	struct dense layer[STACK_LAYERS];
	struct batch_norm norm[STACK_LAYERS];
};

/* How a pass is made. */
struct pass {
	bool training;             /* batch norm by the mini-batch, dropout on */
	const struct noise *noise; /* NULL: no dropout */
	const uint64_t *cells;     /* one number per row, for the noise; NULL: the row's own */
};

struct tape {
	size_t cap;                 /* rows there is room for */
	real *x_hat[STACK_LAYERS];  /* of batch norm */
	real *normal[STACK_LAYERS]; /* of layer norm: before ReLU */
	real *out[STACK_LAYERS];
	real *batch_spread[STACK_LAYERS], *layer_spread[STACK_LAYERS];
	real *back[2]; /* gradients on the way down */
};

/* 'n_extra' categories, which must be 0 where there are none. Weights are zeros. */
struct stack stack_new(size_t n_in, size_t n_extra, size_t n_hidden, size_t n_layers, bool deep,
		       bool batch_norm, bool layer_norm);
void stack_free(struct stack *s);
void tape_free(struct tape *t);

/* The last layer's n x n_hidden values, which belong to the tape. */
const real *stack_forward(struct stack *s, struct pool *pool, struct rows x,
			  const uint32_t *category, const struct pass *pass, struct tape *t);

/*
 * The same, from the first layer's linear part, which the caller puts where stack_first says (n x
 * n_hidden): for what is constant while the rest is trained.
 */
real *stack_first(const struct stack *s, struct tape *t, size_t n);
const real *stack_forward_from(struct stack *s, struct pool *pool, size_t n,
			       const uint32_t *category, const struct pass *pass, struct tape *t);

/*
 * The way back of the last forward pass on this tape: 'd_out' (n x n_hidden) is used up; 'dx'
 * receives the input's gradient (with 'add' on top of what it holds), unless NULL.
 */
void stack_backward(struct stack *s, struct pool *pool, struct rows x, const uint32_t *category,
		    const struct pass *pass, struct tape *t, real *d_out, bool add, real *dx);

/*
 * The same, as far as the first layer's linear part, whose gradient it returns: it lies in 'd_out'
 * or in the tape.
 */
real *stack_backward_to(struct stack *s, struct pool *pool, size_t n, const uint32_t *category,
			const struct pass *pass, struct tape *t, real *d_out);

#endif
