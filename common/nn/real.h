/* real.h - the number that nets compute in.
 *
 * float, so that two of them fit where a double would. Compiled with NN_DOUBLE the same code
 * computes in double, which is how tests hold every gradient against finite differences: in single
 * precision those say nothing below a thousandth.
 *
 * real_exp and real_log are ours (base/floats.h), so that no bytes depend on libm and the loops
 * around them become vectors. real_log wants a normal number above 0; real_exp takes any finite
 * number and stops at the ends of the range instead of overflowing.
 *
 *	INDEPENDENT_TURNS
 *	for (size_t i = 0; i < n; i++)
 *		y[i] = real_softplus(x[i]);
 */
#ifndef NN_REAL_H
#define NN_REAL_H

#include <math.h>

#include "base/floats.h"

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
