/* lanes_private.h - numbers side by side, for loops that keep their sums in registers.
 *
 * A compiler that is left alone keeps an array of running sums in memory, and every addition waits
 * for the last one to be written. Vectors of 32 bytes say what is meant; where a processor has
 * narrower ones the compiler takes two. Lanes are added up in one fixed order, so that every
 * processor gives the same bytes.
 *
 *	lanes sum = {0};
 *	for (; i + LANES <= n; i += LANES)
 *		sum += lanes_load(x + i) * lanes_load(y + i);
 *	total = lanes_sum(sum);
 *
 * For functions that are CLONES: what stands here is part of each.
 */
#ifndef NN_LANES_PRIVATE_H
#define NN_LANES_PRIVATE_H

#include "nn/real.h"

typedef real lanes __attribute__((vector_size(32)));
typedef real loose_lanes __attribute__((vector_size(32), aligned(sizeof(real)), may_alias));

#define LANES (32 / sizeof(real))
#define INLINE static inline __attribute__((always_inline))

/* Before a loop of a few turns over an array of lanes, which is to be registers. */
#ifdef __clang__
#define UNROLLED _Pragma("unroll")
#else
#define UNROLLED _Pragma("GCC unroll 8")
#endif

/*
 * CLONES of the one file that multiplies and adds in one step, where a processor can: the vectors
 * are those of AVX2, which came with it.
 */
#if defined(WIDE_TARGET)
#define FUSED_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define FUSED_CLONES
#endif

/* From anywhere, aligned or not, and back. */
INLINE lanes lanes_load(const real *at)
{
	return *(const loose_lanes *)at;
}

INLINE void lanes_store(real *at, lanes x)
{
	*(loose_lanes *)at = x;
}

/* Halves onto each other until one is left. */
INLINE real lanes_sum(lanes x)
{
	real sum[LANES];

	lanes_store(sum, x);
	UNROLLED
	for (size_t n = LANES / 2; n > 0; n /= 2)
		for (size_t i = 0; i < n; i++)
			sum[i] += sum[i + n];
	return sum[0];
}

/* 'yes' where 'x' is above 0, else 0. */
INLINE lanes lanes_where_above(lanes x, lanes yes)
{
	union {
		lanes numbers;
		__typeof__(x > x) bits;
	} kept = {yes};

	kept.bits &= x > (lanes){0};
	return kept.numbers;
}

#endif
