/* linalg.c - eigenpairs of matrices whose pairs are known. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "linalg/eigen.h"
#include "linalg/ordered.h"
#include "linalg/tall.h"
#include "tap.h"

enum { N = 1100, WANTED = 50 };

struct answer {
	double values[WANTED], residual;
	double *vectors; /* N x WANTED */
};

static bool solve(const double *matrix, size_t n_threads, struct answer *a)
{
	struct pool *pool = pool_new(n_threads);
	struct err err = ERR_INIT;
	int failed;

	a->vectors = mem_alloc(N * WANTED, sizeof(*a->vectors));
	failed = eigen_leading(matrix, N, WANTED, a->values, a->vectors, &a->residual, pool, &err);
	pool_free(pool);
	return !failed;
}

/* How far the vectors are from orthonormal. */
static double skewness(const struct answer *a)
{
	double worst = 0;

	for (size_t i = 0; i < WANTED; i++) {
		for (size_t j = 0; j <= i; j++) {
			double sum = i == j ? -1 : 0;
			for (size_t row = 0; row < N; row++)
				sum += a->vectors[row * WANTED + i] * a->vectors[row * WANTED + j];
			worst = fmax(worst, fabs(sum));
		}
	}
	return worst;
}

/* Values of a reflected diagonal: those of 'diagonal', which falls. */
static double *reflected(const double *diagonal)
{
	double *a = mem_zero((size_t)N * N, sizeof(*a)), *v = mem_alloc(N, sizeof(*v)), length = 0;

	for (size_t i = 0; i < N; i++) {
		v[i] = sin((double)i * 0.7) + 0.1;
		length += v[i] * v[i];
	}
	for (size_t i = 0; i < N; i++)
		v[i] /= sqrt(length);
	/* (1 - 2 v v') D (1 - 2 v v') */
	length = 0;
	for (size_t i = 0; i < N; i++)
		length += v[i] * diagonal[i] * v[i];
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < N; j++)
			a[i * N + j] = (i == j ? diagonal[i] : 0) -
				       2 * v[i] * v[j] * (diagonal[i] + diagonal[j]) +
				       4 * length * v[i] * v[j];
	free(v);
	return a;
}

static void known(const char *what, const double *diagonal)
{
	double *matrix = reflected(diagonal), worst = 0;
	struct answer one, many;

	OK(solve(matrix, 1, &one) && solve(matrix, 3, &many), "%s: solved", what);
	for (size_t i = 0; i < WANTED; i++)
		worst = fmax(worst, fabs(one.values[i] - diagonal[i]));
	OK(worst <= 1e-12 * fmax(diagonal[0], 1), "%s: the values are right (%g)", what, worst);
	OK(one.residual < 1e-10, "%s: the residual is small (%g)", what, one.residual);
	OK(skewness(&one) < 1e-11, "%s: vectors are orthonormal (%g)", what, skewness(&one));
	OK(memcmp(one.vectors, many.vectors, sizeof(double) * N * WANTED) == 0 &&
		   memcmp(one.values, many.values, sizeof(one.values)) == 0,
	   "%s: the same for any number of threads", what);
	free(one.vectors);
	free(many.vectors);
	free(matrix);
}

/* ---- tall matrices ---- */

enum { ROWS = 701, COLUMNS = 21 };

/* Columns of very different length; the last three, when 'poor', are sums of others. */
static double *tall_matrix(const struct tall *t, bool poor)
{
	double *a = mem_vectors(tall_numbers(t), sizeof(*a));

	for (size_t row = 0; row < t->n_rows; row++) {
		double *at = a + row * t->stride;

		for (size_t i = 0; i < t->n; i++)
			at[i] = sin((double)(row * (i + 3)) * 0.37 + (double)(i * i)) *
				pow(0.7, (double)i);
		for (size_t i = t->n - 3; poor && i < t->n; i++)
			at[i] = at[i - 4] + at[i - 6];
	}
	return a;
}

/* The largest deviation of a' a from a diagonal of ones, or of zeros where nothing is. */
static double unevenness(const struct tall *t, const double *a, size_t *n_there)
{
	double worst = 0;

	*n_there = 0;
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = 0; j <= i; j++) {
			double sum = 0;

			for (size_t row = 0; row < t->n_rows; row++)
				sum += a[row * t->stride + i] * a[row * t->stride + j];
			*n_there += i == j && sum > 0.5;
			worst = fmax(worst, fabs(sum - (i == j && sum > 0.5)));
		}
	return worst;
}

/* The largest part of the columns of 'from' that the columns of 'a' do not span. */
static double unspanned(const struct tall *t, const double *from, const double *a)
{
	double worst = 0;

	for (size_t c = 0; c < t->n; c++) {
		double rest[ROWS];

		for (size_t row = 0; row < t->n_rows; row++)
			rest[row] = from[row * t->stride + c];
		for (size_t i = 0; i < t->n; i++) {
			double along = 0;

			for (size_t row = 0; row < t->n_rows; row++)
				along += rest[row] * a[row * t->stride + i];
			for (size_t row = 0; row < t->n_rows; row++)
				rest[row] -= along * a[row * t->stride + i];
		}
		for (size_t row = 0; row < t->n_rows; row++)
			worst = fmax(worst, fabs(rest[row]));
	}
	return worst;
}

static void test_tall(bool poor)
{
	struct pool *pools[2] = {pool_new(1), pool_new(3)};
	struct tall t = tall_of(ROWS, COLUMNS, NULL);
	double *first = tall_matrix(&t, poor), *room = mem_vectors(tall_numbers(&t), sizeof(*room));
	double *made[2];
	size_t n_there;

	for (int i = 0; i < 2; i++) {
		made[i] = tall_matrix(&t, poor);
		t.pool = pools[i];
		tall_orthonormalise(&t, made[i], room);
	}
	double worst = unevenness(&t, made[0], &n_there), left = unspanned(&t, first, made[0]);
	OK(n_there == (poor ? COLUMNS - 3 : COLUMNS) && worst < 1e-10,
	   "%zu columns are orthonormal (%g)", n_there, worst);
	OK(left < (poor ? 1e-5 : 1e-10), "and span what there was (%g)", left);
	OK(memcmp(made[0], made[1], tall_numbers(&t) * sizeof(double)) == 0,
	   "the same for any number of threads");
	for (int i = 0; i < 2; i++) {
		free(made[i]);
		pool_free(pools[i]);
	}
	free(first);
	free(room);
}

static void test_tall_products(void)
{
	struct pool *pool = pool_new(2);
	struct tall t = tall_of(ROWS, COLUMNS, pool);
	double *a = tall_matrix(&t, false), *to = mem_vectors(tall_numbers(&t), sizeof(*to));
	double *small = mem_alloc(t.stride * t.stride, sizeof(*small)), worst = 0;
	double *turn = mem_vectors(t.stride * t.stride, sizeof(*turn)), worst_turn = 0;

	for (size_t i = 0; i < t.n; i++)
		for (size_t j = 0; j < t.n; j++)
			turn[i * t.stride + j] = cos((double)(i * 5 + j));
	tall_symmetric(&t, a, a, small);
	tall_turn(&t, a, turn, to);
	for (size_t i = 0; i < t.n; i++)
		for (size_t j = 0; j < t.n; j++) {
			double sum = 0;

			for (size_t row = 0; row < ROWS; row++)
				sum += a[row * t.stride + i] * a[row * t.stride + j];
			worst = fmax(worst, fabs(sum - small[i * t.stride + j]));
		}
	for (size_t row = 0; row < ROWS; row++)
		for (size_t j = 0; j < t.n; j++) {
			double sum = 0;

			for (size_t i = 0; i < t.n; i++)
				sum += a[row * t.stride + i] * turn[i * t.stride + j];
			worst_turn = fmax(worst_turn, fabs(sum - to[row * t.stride + j]));
		}
	OK(worst < 1e-10 && worst_turn < 1e-12, "products are those of plain loops (%g, %g)", worst,
	   worst_turn);
	pool_free(pool);
	free(a);
	free(to);
	free(small);
	free(turn);
}

/* Every value a sum in order, whatever its neighbours: tails, turned factors, sums that go on. */
static void in_order(size_t m, size_t n, size_t k)
{
	double *a = mem_alloc(m * k, sizeof(*a)), *turned = mem_alloc(m * k, sizeof(*turned));
	double *b = mem_alloc(k * n, sizeof(*b)), *c = mem_alloc(m * n, sizeof(*c));
	struct gemm shape = {.m = m, .n = n, .k = k};
	size_t wrong = 0;

	for (size_t i = 0; i < m * k; i++)
		a[i] = turned[i % k * m + i / k] = sin((double)i);
	for (size_t i = 0; i < k * n; i++)
		b[i] = cos((double)i * 3);
	ordered_product(shape, a, k, b, n, c, n);
	for (int turn = 0; turn < 2; turn++) {
		for (size_t i = 0; i < m * n; i++) {
			double sum = 0;

			for (int go = 0; go <= turn; go++)
				for (size_t t = 0; t < k; t++)
					sum += a[i / n * k + t] * b[t * n + i % n];
			wrong += c[i] != sum;
		}
		shape.a_turned = shape.add = true;
		ordered_product(shape, turned, m, b, n, c, n);
	}
	OK(wrong == 0, "%zu x %zu products of %zu terms in order", m, n, k);
	free(a);
	free(turned);
	free(b);
	free(c);
}

int main(void)
{
	double d[N] = {0};

	in_order(1, 1, 1);
	in_order(5, 3, 7);
	in_order(9, 13, 40);
	in_order(64, 100, 28);
	in_order(3, 50, 257);

	for (size_t i = 0; i < N; i++)
		d[i] = (i < 10 ? 60 - 5 * (double)i : 3) + 1 - (double)i / N;
	known("an edge of noise", d);
	for (size_t i = 0; i < N; i++)
		d[i] = pow(0.8, (double)i);
	known("values that fall fast", d);
	for (size_t i = 0; i < N; i++)
		d[i] = i < 20 ? 40 - (double)i : 0;
	known("fewer than wanted are not zero", d);
	for (size_t i = 0; i < N; i++)
		d[i] = i < 30 ? 2 : 1 / (1 + (double)i);
	known("more of one value than a block has", d);
	for (size_t i = 0; i < N; i++)
		d[i] = 1;
	known("all the same", d);
	memset(d, 0, sizeof(d));
	known("nothing", d);
	test_tall(false);
	test_tall(true);
	test_tall_products();
	return done_testing();
}
