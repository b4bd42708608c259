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

/* Four at a time, choices made by masks: a single one has company, so that both are the same bytes. */
typedef double lanes __attribute__((vector_size(32)));
typedef double loose __attribute__((vector_size(32), aligned(sizeof(double)), may_alias));
typedef uint64_t bits __attribute__((vector_size(32)));

#define LANES ((size_t)4)
#define INLINE static inline __attribute__((always_inline))

INLINE lanes choose(bits which, lanes yes, lanes no)
{
	return (lanes)((which & (bits)yes) | (~which & (bits)no));
}

/* Factorials' reciprocals, to r^13. */
INLINE lanes exp_lanes(lanes x)
{
	const lanes least = (lanes){0} + LEAST, most = (lanes){0} + MOST;
	const bits below = (bits)(x < least), above = (bits)(x > most);
	lanes held = choose(below, least, choose(above, most, x));
	lanes shifted = held * LOG2E + ROUND, n = shifted - ROUND;
	lanes r = (held - n * LN2_HIGH) - n * LN2_LOW, scale;
	lanes p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;

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
	scale = (lanes)(((bits)shifted + 1023) << 52);
	return choose(below, (lanes){0}, scale + scale * p);
}

double exp_double(double x)
{
	return exp_lanes((lanes){x})[0];
}

CLONES void exp_all(double *x, size_t n)
{
	double rest[LANES] = {0};
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		*(loose *)(x + i) = exp_lanes((lanes) * (const loose *)(x + i));
	if (i == n)
		return;
	memcpy(rest, x + i, (n - i) * sizeof(*x));
	*(loose *)rest = exp_lanes((lanes) * (const loose *)rest);
	memcpy(x + i, rest, (n - i) * sizeof(*x));
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

CLONES static double largest(const double *x, size_t n)
{
	lanes most = (lanes){0} + x[0];
	double all = x[0];
	size_t i = 0;

	for (; i + LANES <= n; i += LANES) {
		lanes next = *(const loose *)(x + i);

		most = choose((bits)(next > most), next, most);
	}
	for (; i < n; i++)
		all = MAX(all, x[i]);
	for (size_t j = 0; j < LANES; j++)
		all = MAX(all, most[j]);
	return all;
}

CLONES static double sum_of(const double *x, size_t n)
{
	lanes one = {0}, two = {0};
	double all = 0;
	size_t i = 0;

	for (; i + 2 * LANES <= n; i += 2 * LANES) {
		one += *(const loose *)(x + i);
		two += *(const loose *)(x + i + LANES);
	}
	for (; i < n; i++)
		all += x[i];
	one += two;
	for (size_t j = 0; j < LANES; j++)
		all += one[j];
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
