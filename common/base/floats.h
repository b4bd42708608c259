/* floats.h - exp and log in single precision that are the same bytes on every machine.
 *
 * libm's differ in the last bit between processors and releases, and do not become vectors. These
 * are branch-free, with one fixed order of operations, so that the compiler makes vectors of the
 * loops around them and every processor gives the same bytes; within 2.5 ulp, 3e-7 relative. Runs
 * of numbers: matrix/logexp.h; nets: nn/real.h; in double, for sums and iterations:
 * linalg/exponential.h.
 *
 *	CLONES void all(float *x, size_t n)
 *	{
 *		for (size_t i = 0; i < n; i++)
 *			x[i] = float_log1p(x[i]);
 *	}
 *
 * Exponentials: x = k ln 2 + r with |r| <= ln(2)/2, and the series of r to its seventh power.
 * Logarithms: x = 2^k m with m between sqrt(1/2) and sqrt(2), and log(m) = 2 atanh(f / (2 + f)),
 * f = m - 1, by five terms. ln 2 is in two parts, the first so short that k times it is exact.
 */
#ifndef BASE_FLOATS_H
#define BASE_FLOATS_H

#include "base/util.h"

#define FLOAT_LN2_HIGH 0x1.62e4p-1f
#define FLOAT_LN2_LOW 0x1.7f7d1cp-20f
#define FLOAT_LOG2E 0x1.715476p+0f
#define FLOAT_ROUNDER 0x1.8p23f /* adding it leaves a whole number in the last bits */

/*
 * A float's bits as an integer and back: exponent and mantissa are taken apart by these, which the
 * compiler turns into nothing at all. memcpy and not a union: it is defined in every C.
 */
static inline float float_from_bits(int32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static inline int32_t float_bits(float x)
{
	int32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

/* (exp(r) - 1 - r) / r^2 for the r of an exponential. */
static inline float float_exp_rest(float r)
{
	float p = 1.0f / 5040;

	p = 1.0f / 720 + r * p;
	p = 1.0f / 120 + r * p;
	p = 1.0f / 24 + r * p;
	p = 1.0f / 6 + r * p;
	return 0.5f + r * p;
}

/*
 * exp(x). Below -87 and above 88 the answer is that of the end: about 1e-38 and 2e38, never 0 and
 * never infinite, so that a quotient or a logarithm of it stays a number.
 */
static inline float float_exp(float x)
{
	float low = x < -87.0f ? -87.0f : x;
	float in = low > 88.0f ? 88.0f : low;
	float at = in * FLOAT_LOG2E + FLOAT_ROUNDER; /* its last bits are k */
	float k = at - FLOAT_ROUNDER;
	float r = (in - k * FLOAT_LN2_HIGH) - k * FLOAT_LN2_LOW;
	float p = float_exp_rest(r);

	p = 1.0f + r * p;
	p = 1.0f + r * p;
	return p *
	       float_from_bits((int32_t)(((uint32_t)float_bits(at) - 0x4b400000u + 127u) << 23));
}

/*
 * exp(x) - 1 for |x| up to 87, with 1 taken off before anything is lost:
 * 2^k (exp(r) - 1) + (2^k - 1).
 */
static inline float float_expm1(float x)
{
	float k = (x * FLOAT_LOG2E + FLOAT_ROUNDER) - FLOAT_ROUNDER;
	float r = (x - k * FLOAT_LN2_HIGH) - k * FLOAT_LN2_LOW;
	float power = float_from_bits(((int32_t)k + 127) << 23);

	return power * (r + r * r * float_exp_rest(r)) + (power - 1.0f);
}

/* k ln 2 + log(1 + f). */
static inline float float_log_sum(float k, float f)
{
	float s = f / (2.0f + f);
	float z = s * s;
	float series = z * (2.0f / 3 + z * (2.0f / 5 + z * (2.0f / 7 + z * (2.0f / 9))));

	return k * FLOAT_LN2_HIGH + (k * FLOAT_LN2_LOW + (2.0f * s + s * series));
}

/* log(x) of a normal number above 0; others have no meaning here: add an epsilon first. */
static inline float float_log(float x)
{
	int32_t shifted = float_bits(x) + (0x3f800000 - 0x3f3504f3); /* from sqrt(1/2) on */
	float k = (float)((shifted >> 23) - 127);
	float m = float_from_bits((shifted & 0x007fffff) + 0x3f3504f3);

	return float_log_sum(k, m - 1.0f);
}

/* log(1 + x) for x of 0 or more: what rounding lost of the sum is added to f. */
static inline float float_log1p(float x)
{
	float u = 1.0f + x;
	float large = x > 1.0f ? x : 1.0f, small = x > 1.0f ? 1.0f : x;
	float lost = small - (u - large);
	int32_t shifted = float_bits(u) + (0x3f800000 - 0x3f3504f3);
	int32_t k = (shifted >> 23) - 127;
	float m = float_from_bits((shifted & 0x007fffff) + 0x3f3504f3);

	return float_log_sum((float)k, (m - 1.0f) + lost * float_from_bits((127 - k) << 23));
}

#endif
