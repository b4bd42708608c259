/* rng.c - see rng.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"

uint64_t mix64(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

struct rng rng_seeded(uint64_t seed)
{
	struct rng rng;

	for (size_t i = 0; i < ARRAY_LEN(rng.state); i++)
		rng.state[i] = mix64(seed + i * 0x9e3779b97f4a7c15);
	return rng;
}

static inline uint64_t rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

uint64_t rng_next(struct rng *rng)
{
	uint64_t *s = rng->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

double rng_unit(struct rng *rng)
{
	return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

size_t rng_below(struct rng *rng, size_t n)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % n; /* a multiple of n */
	uint64_t x;

	do
		x = rng_next(rng);
	while (x >= limit);
	return x % n;
}

double rng_normal(struct rng *rng)
{
	double u, v, s;

	do { /* Marsaglia's polar method; the second value is dropped to keep no hidden state */
		u = 2 * rng_unit(rng) - 1;
		v = 2 * rng_unit(rng) - 1;
		s = u * u + v * v;
	} while (s >= 1 || s == 0);
	return u * sqrt(-2 * log(s) / s);
}

void rng_shuffle(struct rng *rng, uint32_t *items, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = rng_below(rng, i);
		uint32_t swap = items[i - 1];

		items[i - 1] = items[j];
		items[j] = swap;
	}
}
