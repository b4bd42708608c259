/* exponential.c - see exponential.h. exp: x = n ln 2 + r and a polynomial in r; log: atanh's
 * series round 1. */
#include "base/util.h"

#include <math.h>

#include "linalg/exponential.h"

#define LOG2E 1.4426950408889634
#define LN2_HIGH 6.93147180369123816490e-01 /* 33 bits: n times it is exact */
#define LN2_LOW 1.90821492927058770002e-10
#define ROUND 6755399441055744.0 /* 1.5 * 2^52: adding it leaves a whole number */
#define LEAST -708.0
#define MOST 709.0

/* Factorials' reciprocals, to r^13. */
static inline __attribute__((always_inline)) double exp_one(double x)
{
	double held = x < LEAST ? LEAST : x > MOST ? MOST : x;
	double shifted = held * LOG2E + ROUND, n = shifted - ROUND;
	double r = (held - n * LN2_HIGH) - n * LN2_LOW;
	double p = 1.0 / 6227020800.0;
	union {
		double d;
		uint64_t u;
	} whole = {.d = shifted}, scale;

	p = p * r + 1.0 / 479001600.0;
	p = p * r + 1.0 / 39916800.0;
	p = p * r + 1.0 / 3628800.0;
	p = p * r + 1.0 / 362880.0;
	p = p * r + 1.0 / 40320.0;
	p = p * r + 1.0 / 5040.0;
	p = p * r + 1.0 / 720.0;
	p = p * r + 1.0 / 120.0;
	p = p * r + 1.0 / 24.0;
	p = p * r + 1.0 / 6.0;
	p = p * r + 0.5;
	p = p * (r * r) + r;
	scale.u = (whole.u + 1023) << 52;
	return x < LEAST ? 0 : scale.d + scale.d * p;
}

double exp_double(double x)
{
	return exp_one(x);
}

CLONES void exp_all(double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = exp_one(x[i]);
}

double log_double(double x)
{
	int exponent;
	double m, s, square, sum = 0;

	if (!(x > 0))
		return isnan(x) ? x : -1e300;
	m = frexp(x, &exponent);
	if (m < 0.70710678118654752) {
		m *= 2;
		exponent--;
	}
	s = (m - 1) / (m + 1);
	square = s * s;
	for (int k = 23; k >= 3; k -= 2)
		sum = (sum + 1.0 / k) * square;
	return (exponent * LN2_LOW + 2 * s * sum) + 2 * s + exponent * LN2_HIGH;
}

#define LANES ((size_t)8) /* sums side by side, which compilers make vectors of */

CLONES static double largest(const double *x, size_t n)
{
	double most[LANES], all = x[0];
	size_t i = 0;

	for (size_t j = 0; j < LANES; j++)
		most[j] = x[0];
	for (; i + LANES <= n; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			most[j] = x[i + j] > most[j] ? x[i + j] : most[j];
	for (; i < n; i++)
		all = MAX(all, x[i]);
	for (size_t j = 0; j < LANES; j++)
		all = MAX(all, most[j]);
	return all;
}

CLONES static double sum_of(const double *x, size_t n)
{
	double sum[LANES] = {0}, all = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			sum[j] += x[i + j];
	for (; i < n; i++)
		all += x[i];
	for (size_t j = 0; j < LANES; j++)
		all += sum[j];
	return all;
}

CLONES double softmax(double *x, size_t n, double *of_sum)
{
	double most = largest(x, n), sum, share;

	for (size_t i = 0; i < n; i++)
		x[i] -= most;
	exp_all(x, n);
	sum = sum_of(x, n);
	share = 1 / sum;
	for (size_t i = 0; i < n; i++)
		x[i] *= share;
	if (of_sum)
		*of_sum = sum;
	return most;
}
