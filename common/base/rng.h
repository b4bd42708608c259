/* rng.h - the one random generator: xoshiro256**, seeded through splitmix64.
 *
 * Documented by Blackman and Vigna (prng.di.unimi.it, public domain). The same seed gives the
 * same numbers on every machine, and always will.
 *
 *	struct rng rng = rng_seeded(seed);
 *	rng_shuffle(&rng, order, n);
 *	bool held = rng_unit(&rng) < 0.2;
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include "base/util.h"

struct rng {
	uint64_t state[4];
};

struct rng rng_seeded(uint64_t seed);
uint64_t rng_next(struct rng *rng);
double rng_unit(struct rng *rng);            /* [0, 1), 53 bits */
size_t rng_below(struct rng *rng, size_t n); /* [0, n), unbiased; n > 0 */
double rng_normal(struct rng *rng);
void rng_shuffle(struct rng *rng, uint32_t *items, size_t n);

/* splitmix64: one well-mixed word from another, for keys made of (seed, name). */
uint64_t mix64(uint64_t x);

#endif
