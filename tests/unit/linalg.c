/* linalg.c - eigenpairs of matrices whose pairs are known. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "linalg/eigen.h"
#include "linalg/ordered.h"
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
		d[i] = 1;
	known("all the same", d);
	memset(d, 0, sizeof(d));
	known("nothing", d);
	return done_testing();
}
