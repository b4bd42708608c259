/* norm_layers.c - batch norm and layer norm; see norm_layers.h. */
#include "base/util.h"

#include "base/mem.h"
#include "nn/norm_layers.h"

#define BATCH_EPS 1e-3
#define LAYER_EPS 1e-5
#define ROWS 32
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

struct row_job {
	real *x, *dy, *spread;
	size_t n, width;
};

#define LANES 8 /* sums that run beside each other, added in order */

static real add_lanes(const real *lanes)
{
	return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
	       ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

CLONES static void normalise_row(real *x, size_t width, real *spread)
{
	real sums[LANES] = {0}, squares[LANES] = {0}, mean, inverse;
	size_t whole = width / LANES * LANES;

	for (size_t i = 0; i < whole; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			sums[j] += x[i + j];
	for (size_t i = whole; i < width; i++)
		sums[i - whole] += x[i];
	mean = add_lanes(sums) / (real)width;
	for (size_t i = 0; i < whole; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			squares[j] += (x[i + j] - mean) * (x[i + j] - mean);
	for (size_t i = whole; i < width; i++)
		squares[i - whole] += (x[i] - mean) * (x[i] - mean);
	inverse = 1 / REAL_SQRT(add_lanes(squares) / (real)width + (real)LAYER_EPS);
	*spread = inverse;
	for (size_t i = 0; i < width; i++)
		x[i] = (x[i] - mean) * inverse;
}

static void forward_rows(void *job, size_t part)
{
	const struct row_job *r = job;

	for (size_t i = part * ROWS; i < MIN((part + 1) * ROWS, r->n); i++)
		normalise_row(r->x + i * r->width, r->width, r->spread + i);
}

void layer_norm_forward(struct pool *pool, real *x, size_t n, size_t width, real *spread)
{
	struct row_job r = {x, NULL, spread, n, width};

	pool_run(pool, (n + ROWS - 1) / ROWS, forward_rows, &r);
}

CLONES static void backward_row(const real *restrict x_hat, real *restrict dy, size_t width,
				real spread)
{
	real sums[LANES] = {0}, alongs[LANES] = {0}, sum, along;
	size_t whole = width / LANES * LANES;

	for (size_t i = 0; i < whole; i += LANES)
		for (size_t j = 0; j < LANES; j++) {
			sums[j] += dy[i + j];
			alongs[j] += dy[i + j] * x_hat[i + j];
		}
	for (size_t i = whole; i < width; i++) {
		sums[i - whole] += dy[i];
		alongs[i - whole] += dy[i] * x_hat[i];
	}
	sum = add_lanes(sums) / (real)width;
	along = add_lanes(alongs) / (real)width;
	for (size_t i = 0; i < width; i++)
		dy[i] = spread * (dy[i] - sum - x_hat[i] * along);
}

static void backward_rows(void *job, size_t part)
{
	const struct row_job *r = job;

	for (size_t i = part * ROWS; i < MIN((part + 1) * ROWS, r->n); i++)
		backward_row(r->x + i * r->width, r->dy + i * r->width, r->width, r->spread[i]);
}

void layer_norm_backward(struct pool *pool, const real *x_hat, const real *spread, size_t n,
			 size_t width, real *dy)
{
	struct row_job r = {(real *)x_hat, dy, (real *)spread, n, width};

	pool_run(pool, (n + ROWS - 1) / ROWS, backward_rows, &r);
}
