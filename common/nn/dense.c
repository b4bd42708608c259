/* dense.c - a linear layer; see dense.h. */
#include "base/util.h"

#include "linalg/gemm.h"
#include "nn/dense.h"

#define ROWS ((size_t)32)  /* of a part that works by rows, in a mini-batch */
#define MANY ((size_t)256) /* the same where there are thousands: a product packs its matrix once */
#define SLAB 32            /* columns of a part that works by columns */
#define WIDE 256           /* the same for products of matrices */

struct dense dense_new(size_t n_in, size_t n_extra, size_t n_out)
{
	return (struct dense){.n_in = n_in,
			      .n_extra = n_extra,
			      .n_out = n_out,
			      .weight = param_new((n_in + n_extra) * n_out),
			      .bias = param_new(n_out)};
}

void dense_free(struct dense *d)
{
	param_free(&d->weight);
	param_free(&d->bias);
}

static void real_gemm(const struct gemm *shape, const real *a, size_t lda, const real *b,
		      size_t ldb, real *c, size_t ldc)
{
#ifdef NN_DOUBLE
	gemm_double(*shape, a, lda, b, ldb, c, ldc);
#else
	gemm_float(*shape, a, lda, b, ldb, c, ldc);
#endif
}

struct job {
	struct dense *d;
	struct rows x;
	const uint32_t *category;
	const real *dy;
	real *out; /* y or dx */
	bool add;  /* onto dx */
};

static size_t parts_of(size_t n, size_t size)
{
	return (n + size - 1) / size;
}

static size_t rows_of(size_t n)
{
	return n >= 8 * MANY ? MANY : ROWS;
}

CLONES static void add_row(real *to, const real *row, real factor, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += factor * row[i];
}

/* ---- forward ---- */

static void forward_rows(void *arg, size_t part)
{
	const struct job *j = arg;
	const struct dense *d = j->d;
	size_t rows = rows_of(j->x.n), from = part * rows, n = MIN(rows, j->x.n - from);
	const real *w = d->weight.value;

	for (size_t i = from; i < from + n; i++) {
		real *y = j->out + i * d->n_out;

		memcpy(y, d->bias.value, d->n_out * sizeof(*y));
		if (j->category)
			add_row(y, w + (d->n_in + j->category[i]) * d->n_out, 1, d->n_out);
		if (!j->x.dense)
			for (size_t s = j->x.starts[i]; s < j->x.starts[i + 1]; s++)
				add_row(y, w + j->x.column[s] * d->n_out, j->x.value[s], d->n_out);
	}
	if (j->x.dense)
		real_gemm(&(struct gemm){.m = n, .n = d->n_out, .k = d->n_in, .add = true},
			  j->x.dense + from * d->n_in, d->n_in, w, d->n_out,
			  j->out + from * d->n_out, d->n_out);
}

void dense_forward(const struct dense *d, struct pool *pool, struct rows x,
		   const uint32_t *category, real *y)
{
	struct job j = {.d = (struct dense *)d, .x = x, .category = category, .out = y};

	pool_run(pool, parts_of(x.n, rows_of(x.n)), forward_rows, &j);
}

/* ---- backward ---- */

/* dx = dy W', some rows of it. */
static void input_rows(void *arg, size_t part)
{
	const struct job *j = arg;
	const struct dense *d = j->d;
	size_t rows = rows_of(j->x.n), from = part * rows, n = MIN(rows, j->x.n - from);

	real_gemm(
		&(struct gemm){
			.m = n, .n = d->n_in, .k = d->n_out, .b_turned = true, .add = j->add},
		j->dy + from * d->n_out, d->n_out, d->weight.value, d->n_out,
		j->out + from * d->n_in, d->n_in);
}

/* dW += x' dy, some columns of it. */
static void weight_columns(void *arg, size_t part)
{
	const struct job *j = arg;
	struct dense *d = j->d;
	size_t from = part * WIDE, n = MIN(WIDE, d->n_out - from);

	real_gemm(&(struct gemm){.m = d->n_in, .n = n, .k = j->x.n, .a_turned = true, .add = true},
		  j->x.dense, d->n_in, j->dy + from, d->n_out, d->weight.grad + from, d->n_out);
}

/* The same, some rows of it: for what is not wide. */
static void weight_rows(void *arg, size_t part)
{
	const struct job *j = arg;
	struct dense *d = j->d;
	size_t from = part * SLAB, n = MIN(SLAB, d->n_in - from);

	real_gemm(&(struct gemm){.m = n, .n = d->n_out, .k = j->x.n, .a_turned = true, .add = true},
		  j->x.dense + from, d->n_in, j->dy, d->n_out, d->weight.grad + from * d->n_out,
		  d->n_out);
}

/* The same from stored values, some columns of it. */
static void sparse_columns(void *arg, size_t part)
{
	const struct job *j = arg;
	struct dense *d = j->d;
	size_t from = part * SLAB, n = MIN(SLAB, d->n_out - from);

	for (size_t i = 0; i < j->x.n; i++)
		for (size_t s = j->x.starts[i]; s < j->x.starts[i + 1]; s++)
			add_row(d->weight.grad + j->x.column[s] * d->n_out + from,
				j->dy + i * d->n_out + from, j->x.value[s], n);
}

/* Bias and categories, some columns of them. */
static void vector_columns(void *arg, size_t part)
{
	const struct job *j = arg;
	struct dense *d = j->d;
	size_t from = part * SLAB, n = MIN(SLAB, d->n_out - from);

	for (size_t i = 0; i < j->x.n; i++) {
		const real *dy = j->dy + i * d->n_out + from;

		if (param_trained(&d->bias))
			add_row(d->bias.grad + from, dy, 1, n);
		if (j->category && param_trained(&d->weight))
			add_row(d->weight.grad + (d->n_in + j->category[i]) * d->n_out + from, dy,
				1, n);
	}
}

void dense_backward(struct dense *d, struct pool *pool, struct rows x, const uint32_t *category,
		    const real *dy)
{
	struct job j = {.d = d, .x = x, .category = category, .dy = dy};
	bool inputs = param_trained(&d->weight) && d->weight.from < d->n_in * d->n_out;

	if (inputs && !x.dense)
		pool_run(pool, parts_of(d->n_out, SLAB), sparse_columns, &j);
	else if (inputs && d->n_out > d->n_in)
		pool_run(pool, parts_of(d->n_out, WIDE), weight_columns, &j);
	else if (inputs)
		pool_run(pool, parts_of(d->n_in, SLAB), weight_rows, &j);
	if (dense_trained(d))
		pool_run(pool, parts_of(d->n_out, SLAB), vector_columns, &j);
	d->weight.used |= param_trained(&d->weight);
	d->bias.used |= param_trained(&d->bias);
}

void dense_backward_input(const struct dense *d, struct pool *pool, size_t n, const real *dy,
			  bool add, real *dx)
{
	struct job j = {.d = (struct dense *)d, .x = {.n = n}, .dy = dy, .out = dx, .add = add};

	pool_run(pool, parts_of(n, rows_of(n)), input_rows, &j);
}
