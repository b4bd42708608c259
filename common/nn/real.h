/* real.h - the number that nets compute in.
 *
 * float, so that two of them fit where a double would. Compiled with NN_DOUBLE the same code
 * computes in double, which is how tests hold every gradient against finite differences: in single
 * precision those say nothing below a thousandth.
 *
 * real_exp and real_log are ours, so that no bytes depend on libm: within 2 ulp, branch-free, and
 * with a fixed order of operations, so that the compiler makes vectors of the loops around them and
 * every processor gives the same bytes. real_log wants a normal number above 0; real_exp takes any
 * finite number and stops at the ends of the range instead of overflowing.
 */
#ifndef NN_REAL_H
#define NN_REAL_H

#include "base/util.h"

#include <math.h>

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

/*
 * exp(x) = 2^k exp(r), |r| <= ln(2)/2, by its series to the seventh power. Below -87 and above 88
 * the answer is that of the end: about 1e-38 and 2e38, never 0 and never infinite, so that a
 * quotient or a logarithm of it stays a number.
 */
static inline float float_exp(float x)
{
	float low = x < -87.0f ? -87.0f : x;
	float in = low > 88.0f ? 88.0f : low;
	float at = in * 0x1.715476p+0f + 0x1.8p23f; /* its last bits are k */
	float k = at - 0x1.8p23f;
	float r = (in - k * 0x1.62e4p-1f) - k * 0x1.7f7d1cp-20f;
	float p = 1.0f / 5040;

	p = 1.0f / 720 + r * p;
	p = 1.0f / 120 + r * p;
	p = 1.0f / 24 + r * p;
	p = 1.0f / 6 + r * p;
	p = 0.5f + r * p;
	p = 1.0f + r * p;
	p = 1.0f + r * p;
	return p *
	       float_from_bits((int32_t)(((uint32_t)float_bits(at) - 0x4b400000u + 127u) << 23));
}

/*
 * log(2^k m) with m between sqrt(1/2) and sqrt(2): log(m) = 2 atanh(f / (2 + f)), f = m - 1, by five
 * terms of the series. ln(2) is in two parts, so that k times its first one is exact. What is not a
 * normal number above 0 has no meaning here: callers add their epsilon first.
 */
static inline float float_log(float x)
{
	int32_t shifted = float_bits(x) + (0x3f800000 - 0x3f3504f3); /* from sqrt(1/2) on */
	float k = (float)((shifted >> 23) - 127);
	float m = float_from_bits((shifted & 0x007fffff) + 0x3f3504f3);
	float f = m - 1.0f;
	float s = f / (2.0f + f);
	float z = s * s;
	float series = z * (2.0f / 3 + z * (2.0f / 5 + z * (2.0f / 7 + z * (2.0f / 9))));

	return k * 0x1.62e4p-1f + (k * 0x1.7f7d1cp-20f + (2.0f * s + s * series));
}

/*
 * The type, its exponential and logarithm, and its square root. Everything in nn/ and vae/ computes
 * in these; sums over many cells are kept in double either way. In double they are libm's: tests
 * need exactness there, and no bytes.
 */
#ifdef NN_DOUBLE
typedef double real;
#define REAL_SQRT sqrt

static inline real real_exp(real x)
{
	return exp(x);
}

static inline real real_log(real x)
{
	return log(x);
}
#else
typedef float real;
#define REAL_SQRT sqrtf

static inline real real_exp(real x)
{
	return float_exp(x);
}

static inline real real_log(real x)
{
	return float_log(x);
}
#endif

/*
 * Before a loop over arrays that do not overlap, too many for the compiler to see that at run time:
 * its turns do not depend on each other.
 */
#ifdef __clang__
#define INDEPENDENT_TURNS _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT_TURNS _Pragma("GCC ivdep")
#endif

/* softplus, log(1 + exp(x)): near x for large x, near exp(x) for very negative x; no overflow. */
static inline real real_softplus(real x)
{
	real e = real_exp(x < 0 ? x : -x);

	return (x > 0 ? x : 0) + real_log(1 + e);
}

/* The logistic function, 1 / (1 + exp(-x)), from 0 to 1: the slope of softplus. No overflow. */
static inline real real_sigmoid(real x)
{
	real e = real_exp(x < 0 ? x : -x);

	return (x < 0 ? e : 1) / (1 + e);
}

#endif
