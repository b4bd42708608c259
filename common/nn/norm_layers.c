/* norm_layers.c - batch norm and layer norm; see norm_layers.h. */
#include "base/util.h"

#include "base/mem.h"
#include "nn/lanes_private.h"
#include "nn/norm_layers.h"

#define BATCH_EPS 1e-3
#define LAYER_EPS 1e-5
#define COLUMNS 16

struct batch_norm batch_norm_new(size_t width)
{
	struct batch_norm b = {.width = width,
			       .scale = param_new(width),
			       .shift = param_new(width),
			       .running_mean = mem_vectors(width, sizeof(real)),
			       .running_variance = mem_vectors(width, sizeof(real)),
			       .momentum = 0.01};

	for (size_t i = 0; i < width; i++)
		b.scale.value[i] = b.running_variance[i] = 1;
	return b;
}

void batch_norm_free(struct batch_norm *b)
{
	param_free(&b->scale);
	param_free(&b->shift);
	free(b->running_mean);
	free(b->running_variance);
	b->running_mean = b->running_variance = NULL;
}

/* ---- by columns ---- */

struct columns {
	struct batch_norm *b;
	const real *x;
	real *x_hat, *y, *dy, *spread;
	size_t n;
	bool training;
};

/* Mean and variance of a column of the mini-batch; the running ones move. */
static void figures(const struct columns *c, size_t at, double *mean, double *variance)
{
	struct batch_norm *b = c->b;
	double sum = 0, squares = 0, n = (double)c->n;

	for (size_t i = 0; i < c->n; i++)
		sum += (double)c->x[i * b->width + at];
	*mean = sum / n;
	for (size_t i = 0; i < c->n; i++) {
		double d = (double)c->x[i * b->width + at] - *mean;

		squares += d * d;
	}
	*variance = squares / n;
	b->running_mean[at] =
		(real)((1 - b->momentum) * (double)b->running_mean[at] + b->momentum * *mean);
	b->running_variance[at] = (real)((1 - b->momentum) * (double)b->running_variance[at] +
					 b->momentum * squares / (n - 1));
}

static void forward_columns(void *job, size_t part)
{
	const struct columns *c = job;
	const struct batch_norm *b = c->b;
	size_t from = part * COLUMNS, to = MIN(from + COLUMNS, b->width);

	for (size_t at = from; at < to; at++) {
		double mean = (double)b->running_mean[at],
		       variance = (double)b->running_variance[at];

		if (c->training)
			figures(c, at, &mean, &variance);
		c->spread[at] = (real)(1 / sqrt(variance + BATCH_EPS));
		for (size_t i = at; i < c->n * b->width; i += b->width) {
			c->x_hat[i] = (c->x[i] - (real)mean) * c->spread[at];
			c->y[i] = c->x_hat[i] * b->scale.value[at] + b->shift.value[at];
		}
	}
}

void batch_norm_forward(struct batch_norm *b, struct pool *pool, const real *x, size_t n,
			bool training, real *x_hat, real *y, real *spread)
{
	struct columns c = {b, x, x_hat, y, NULL, spread, n, training};

	pool_run(pool, (b->width + COLUMNS - 1) / COLUMNS, forward_columns, &c);
	b->n_seen += training;
}

static void backward_columns(void *job, size_t part)
{
	const struct columns *c = job;
	struct batch_norm *b = c->b;
	size_t from = part * COLUMNS, to = MIN(from + COLUMNS, b->width);

	for (size_t at = from; at < to; at++) {
		real factor = b->scale.value[at] * c->spread[at];
		double sum = 0, along = 0;

		for (size_t i = at; i < c->n * b->width; i += b->width) {
			sum += (double)c->dy[i];
			along += (double)c->dy[i] * (double)c->x_hat[i];
		}
		if (param_trained(&b->scale))
			b->scale.grad[at] += (real)along;
		if (param_trained(&b->shift))
			b->shift.grad[at] += (real)sum;
		if (!c->training)
			sum = along = 0;
		for (size_t i = at; i < c->n * b->width; i += b->width)
			c->dy[i] = factor * (c->dy[i] - (real)(sum / (double)c->n) -
					     c->x_hat[i] * (real)(along / (double)c->n));
	}
}

void batch_norm_backward(struct batch_norm *b, struct pool *pool, const real *x_hat,
			 const real *spread, size_t n, bool training, real *dy)
{
	struct columns c = {b, NULL, (real *)x_hat, NULL, dy, (real *)spread, n, training};

	pool_run(pool, (b->width + COLUMNS - 1) / COLUMNS, backward_columns, &c);
	b->scale.used |= param_trained(&b->scale);
	b->shift.used |= param_trained(&b->shift);
}

/* ---- by rows ---- */

/* The sum of a row, less 'mean' and squared if 'squared'; four sums run beside each other. */
INLINE real add_row(const real *x, size_t width, real mean, const bool squared)
{
	lanes sums[4] = {{0}};
	real rest = 0;
	size_t i = 0;

	for (; i + 4 * LANES <= width; i += 4 * LANES) {
		UNROLLED
		for (size_t v = 0; v < 4; v++) {
			lanes d = lanes_load(x + i + v * LANES) - mean;

			sums[v] += squared ? d * d : d;
		}
	}
	for (; i < width; i++)
		rest += squared ? (x[i] - mean) * (x[i] - mean) : x[i] - mean;
	return lanes_sum((sums[0] + sums[1]) + (sums[2] + sums[3])) + rest;
}

CLONES real layer_norm_row(real *x, size_t width, real *out)
{
	real mean = add_row(x, width, 0, false) / (real)width;
	real variance = add_row(x, width, mean, true) / (real)width;
	real spread = 1 / REAL_SQRT(variance + (real)LAYER_EPS);
	size_t i = 0;

	for (; i + LANES <= width; i += LANES) {
		lanes y = (lanes_load(x + i) - mean) * spread;

		lanes_store(x + i, y);
		lanes_store(out + i, lanes_where_above(y, y));
	}
	for (; i < width; i++) {
		x[i] = (x[i] - mean) * spread;
		out[i] = x[i] > 0 ? x[i] : 0;
	}
	return spread;
}

/* What passed the ReLU, into 'd'; its sum, and that of its product with x_hat. */
INLINE void take_back(const real *x_hat, const real *came, real scale, size_t width, real *d,
		      real *sum, real *along)
{
	lanes sums[2] = {{0}}, alongs[2] = {{0}}, factor = (lanes){0} + scale;
	size_t i = 0;

	for (; i + 2 * LANES <= width; i += 2 * LANES) {
		UNROLLED
		for (size_t v = 0; v < 2; v++) {
			size_t at = i + v * LANES;
			lanes passed = lanes_load(d + at) *
				       lanes_where_above(lanes_load(came + at), factor);

			lanes_store(d + at, passed);
			sums[v] += passed;
			alongs[v] += passed * lanes_load(x_hat + at);
		}
	}
	*sum = lanes_sum(sums[0] + sums[1]);
	*along = lanes_sum(alongs[0] + alongs[1]);
	for (; i < width; i++) {
		d[i] *= came[i] > 0 ? scale : 0;
		*sum += d[i];
		*along += d[i] * x_hat[i];
	}
}

CLONES void layer_norm_row_back(const real *x_hat, real spread, const real *came, real scale,
				size_t width, real *d)
{
	real sum, along;
	size_t i = 0;

	take_back(x_hat, came, scale, width, d, &sum, &along);
	sum /= (real)width;
	along /= (real)width;
	for (; i + LANES <= width; i += LANES)
		lanes_store(d + i,
			    (lanes_load(d + i) - sum - lanes_load(x_hat + i) * along) * spread);
	for (; i < width; i++)
		d[i] = (d[i] - sum - x_hat[i] * along) * spread;
}
