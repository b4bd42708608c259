/* tall.c - see tall.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "linalg/cholesky.h"
#include "linalg/ordered.h"
#include "linalg/symmetric.h"
#include "linalg/tall.h"

#define PART_ROWS 256
#define STEP 8         /* the stride is a multiple of it */
#define NO_VALUE 1e-12 /* of the largest: a direction that is not there */
#define ONCE 1e-6      /* a pivot so large, and one round is exact enough */

struct tall tall_of(size_t n_rows, size_t n, struct pool *pool)
{
	return (struct tall){n_rows, n, (n + STEP - 1) / STEP * STEP, pool};
}

/* ---- a' b ---- */

struct cross {
	const struct tall *t;
	const double *a, *b;
	double *partial; /* per part: stride x stride */
};

static void cross_part(void *arg, size_t part)
{
	const struct cross *c = arg;
	size_t stride = c->t->stride, first = part * PART_ROWS;
	size_t last = MIN(first + PART_ROWS, c->t->n_rows);
	double *to = c->partial + part * stride * stride;

	ordered_product(
		(struct gemm){.m = stride, .n = stride, .k = last - first, .a_turned = true},
		c->a + first * stride, stride, c->b + first * stride, stride, to, stride);
}

void tall_symmetric(const struct tall *t, const double *a, const double *b, double *small)
{
	size_t stride = t->stride, n_parts = (t->n_rows + PART_ROWS - 1) / PART_ROWS;
	struct cross c = {.t = t, .a = a, .b = b};

	c.partial = mem_vectors(mem_product(n_parts, stride * stride), sizeof(*c.partial));
	pool_run(t->pool, n_parts, cross_part, &c);
	memset(small, 0, stride * stride * sizeof(*small));
	for (size_t part = 0; part < n_parts; part++)
		for (size_t i = 0; i < stride * stride; i++)
			small[i] += c.partial[part * stride * stride + i];
	for (size_t i = 0; i < stride; i++)
		for (size_t j = 0; j < i; j++)
			small[j * stride + i] = small[i * stride + j];
	free(c.partial);
}

/* ---- a turn ---- */

struct turning {
	const struct tall *t;
	const double *a, *turn;
	double *to;
};

static void turn_part(void *arg, size_t part)
{
	const struct turning *job = arg;
	size_t first = part * PART_ROWS, stride = job->t->stride;

	ordered_product((struct gemm){.m = MIN(PART_ROWS, job->t->n_rows - first),
				      .n = stride,
				      .k = stride},
			job->a + first * stride, stride, job->turn, stride,
			job->to + first * stride, stride);
}

void tall_turn(const struct tall *t, const double *a, const double *turn, double *to)
{
	struct turning job = {t, a, turn, to};

	pool_run(t->pool, (t->n_rows + PART_ROWS - 1) / PART_ROWS, turn_part, &job);
}

/* ---- orthonormal columns ---- */

/* turn = the inverse of the factor's transpose; the least pivot as a share of the largest. */
static double undo_factor(const struct tall *t, const double *factor, double largest, double *turn)
{
	size_t n = t->n;
	double least = 1;

	for (size_t i = 0; i < n; i++)
		least = MIN(least, factor[i * n + i] * factor[i * n + i] / largest);
	cholesky_undo(factor, n, turn, t->stride);
	return least;
}

/* turn = eigenvectors of length 1 / root of their value. */
static void by_eigenvectors(const struct tall *t, double *small, double *turn)
{
	size_t n = t->n;
	double *vectors = mem_alloc(n * n, sizeof(*vectors));
	double *values = mem_alloc(n, sizeof(*values));

	symmetric_eigen(small, n, values, vectors);
	for (size_t j = 0; j < n; j++) {
		bool there = values[j] > NO_VALUE * values[0] && values[j] > 0;

		for (size_t i = 0; i < n; i++)
			turn[i * t->stride + j] = there ? vectors[i * n + j] / sqrt(values[j]) : 0;
	}
	free(vectors);
	free(values);
}

/* The columns and rows that there are, packed; their largest diagonal number. */
static double pack(const struct tall *t, const double *small, double *packed)
{
	double largest = 0;

	for (size_t i = 0; i < t->n; i++) {
		memcpy(packed + i * t->n, small + i * t->stride, t->n * sizeof(*packed));
		largest = MAX(largest, small[i * t->stride + i]);
	}
	return largest;
}

void tall_orthonormalise(const struct tall *t, double *a, double *room)
{
	size_t square = t->stride * t->stride;
	double *small = mem_alloc(square, sizeof(*small)),
	       *turn = mem_vectors(square, sizeof(*turn));
	double *packed = mem_alloc(t->n * t->n, sizeof(*packed)), least = 0;

	for (int round = 0; round < 2 && least < ONCE; round++) {
		double largest;

		tall_symmetric(t, a, a, small);
		memset(turn, 0, square * sizeof(*turn));
		largest = pack(t, small, packed);
		if (cholesky_factor(packed, t->n, NO_VALUE)) {
			pack(t, small, packed);
			by_eigenvectors(t, packed, turn);
		} else {
			least = undo_factor(t, packed, largest, turn);
		}
		memcpy(room, a, tall_numbers(t) * sizeof(*room));
		tall_turn(t, room, turn, a);
	}
	free(small);
	free(turn);
	free(packed);
}
