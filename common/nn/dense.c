/* dense.c - a linear layer; see dense.h. */
#include "base/util.h"

#include "nn/dense.h"
#include "nn/product.h"

#define SPARSE ((size_t)8) /* sparse rows of a part */
#define ROWS ((size_t)256) /* rows of a piece of a product, and its columns, as it is wide */
#define COLUMNS ((size_t)64)
#define WIDE ((size_t)256)
#define SLAB ((size_t)32) /* columns of a part that works by columns */

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

struct job {
	struct dense *d;
	struct rows x;
	const uint32_t *category;
	const real *dy;
	real *out;   /* y or dx */
	bool add;    /* onto dx */
	size_t wide; /* columns of a piece */
};

static size_t parts_of(size_t n, size_t size)
{
	return (n + size - 1) / size;
}

/* A part of a result: some rows and columns of it. */
struct piece {
	size_t row, column, n_rows, n_columns;
};

/* Pieces of a result; without a pool it is not cut by columns, for nobody else would work on it. */
static size_t cut(struct job *j, const struct pool *pool, size_t n_rows, size_t n_columns)
{
	j->wide = !pool ? n_columns : n_columns > 4 * WIDE ? WIDE : COLUMNS;
	return parts_of(n_rows, ROWS) * parts_of(n_columns, j->wide);
}

static struct piece piece_of(const struct job *j, size_t part, size_t n_rows, size_t n_columns)
{
	size_t across = parts_of(n_columns, j->wide);
	struct piece p = {.row = part / across * ROWS, .column = part % across * j->wide};

	p.n_rows = MIN(ROWS, n_rows - p.row);
	p.n_columns = MIN(j->wide, n_columns - p.column);
	return p;
}

CLONES static void add_row(real *restrict to, const real *restrict row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += row[i];
}

/* ---- forward ---- */

/* Bias, and a category's vector: where a row's sum begins. */
static void begin_row(const struct job *j, size_t i, size_t from, size_t n)
{
	const struct dense *d = j->d;
	real *y = j->out + i * d->n_out + from;

	memcpy(y, d->bias.value + from, n * sizeof(*y));
	if (j->category)
		add_row(y, d->weight.value + (d->n_in + j->category[i]) * d->n_out + from, n);
}

static void forward_piece(void *arg, size_t part)
{
	const struct job *j = arg;
	const struct dense *d = j->d;
	struct piece p = piece_of(j, part, j->x.n, d->n_out);

	for (size_t i = p.row; i < p.row + p.n_rows; i++)
		begin_row(j, i, p.column, p.n_columns);
	product(&(struct gemm){.m = p.n_rows, .n = p.n_columns, .k = d->n_in, .add = true},
		j->x.dense + p.row * d->n_in, d->n_in, d->weight.value + p.column, d->n_out,
		j->out + p.row * d->n_out + p.column, d->n_out);
}

static void forward_sparse(void *arg, size_t part)
{
	const struct job *j = arg;
	const struct dense *d = j->d;

	for (size_t i = part * SPARSE; i < MIN((part + 1) * SPARSE, j->x.n); i++) {
		size_t at = j->x.starts[i];

		begin_row(j, i, 0, d->n_out);
		product_sparse_row(j->x.column + at, j->x.value + at, j->x.starts[i + 1] - at,
				   d->weight.value, d->n_out, j->out + i * d->n_out);
	}
}

void dense_forward(const struct dense *d, struct pool *pool, struct rows x,
		   const uint32_t *category, real *y)
{
	struct job j = {.d = (struct dense *)d, .x = x, .category = category, .out = y};

	if (x.dense)
		pool_run(pool, cut(&j, pool, x.n, d->n_out), forward_piece, &j);
	else
		pool_run(pool, parts_of(x.n, SPARSE), forward_sparse, &j);
}

/* ---- backward ---- */

/* dx = dy W' */
static void input_piece(void *arg, size_t part)
{
	const struct job *j = arg;
	const struct dense *d = j->d;
	struct piece p = piece_of(j, part, j->x.n, d->n_in);

	product(&(struct gemm){.m = p.n_rows,
			       .n = p.n_columns,
			       .k = d->n_out,
			       .b_turned = true,
			       .add = j->add},
		j->dy + p.row * d->n_out, d->n_out, d->weight.value + p.column * d->n_out, d->n_out,
		j->out + p.row * d->n_in + p.column, d->n_in);
}

/* dW += x' dy */
static void weight_piece(void *arg, size_t part)
{
	const struct job *j = arg;
	struct dense *d = j->d;
	struct piece p = piece_of(j, part, d->n_in, d->n_out);

	product(&(struct gemm){.m = p.n_rows,
			       .n = p.n_columns,
			       .k = j->x.n,
			       .a_turned = true,
			       .add = true},
		j->x.dense + p.row, d->n_in, j->dy + p.column, d->n_out,
		d->weight.grad + p.row * d->n_out + p.column, d->n_out);
}

/* The same from stored values, some columns of it. */
static void sparse_columns(void *arg, size_t part)
{
	const struct job *j = arg;
	struct dense *d = j->d;
	size_t from = part * SLAB, n = MIN(SLAB, d->n_out - from);

	for (size_t i = 0; i < j->x.n; i++) {
		size_t at = j->x.starts[i];

		product_sparse_add(j->x.column + at, j->x.value + at, j->x.starts[i + 1] - at,
				   j->dy + i * d->n_out + from, n, d->weight.grad + from, d->n_out);
	}
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
			add_row(d->bias.grad + from, dy, n);
		if (j->category && param_trained(&d->weight))
			add_row(d->weight.grad + (d->n_in + j->category[i]) * d->n_out + from, dy,
				n);
	}
}

void dense_backward(struct dense *d, struct pool *pool, struct rows x, const uint32_t *category,
		    const real *dy)
{
	struct job j = {.d = d, .x = x, .category = category, .dy = dy};
	bool inputs = param_trained(&d->weight) && d->weight.from < d->n_in * d->n_out;

	if (inputs && !x.dense)
		pool_run(pool, parts_of(d->n_out, SLAB), sparse_columns, &j);
	else if (inputs)
		pool_run(pool, cut(&j, pool, d->n_in, d->n_out), weight_piece, &j);
	if (dense_trained(d))
		pool_run(pool, parts_of(d->n_out, SLAB), vector_columns, &j);
	dense_mark_used(d);
}

void dense_backward_input(const struct dense *d, struct pool *pool, size_t n, const real *dy,
			  bool add, real *dx)
{
	struct job j = {.d = (struct dense *)d, .x = {.n = n}, .dy = dy, .out = dx, .add = add};

	pool_run(pool, cut(&j, pool, n, d->n_in), input_piece, &j);
}
