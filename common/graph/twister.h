/* twister.h - the Mersenne Twister, MT19937, for answers that must be those of numpy's RandomState.
 *
 * Published by Matsumoto and Nishimura (1998). What is ours to choose is chosen by rng.h; this one
 * is for drawing the numbers that a Python package draws from RandomState(seed).
 *
 *	struct twister t = twister_seeded(0);
 *	double first = twister_unit(&t);                // 0.548813..., as RandomState(0).rand()
 */
#ifndef GRAPH_TWISTER_H
#define GRAPH_TWISTER_H

#include "base/util.h"

#define TWISTER_WORDS 624

struct twister {
	uint32_t state[TWISTER_WORDS];
	size_t used;
};

struct twister twister_seeded(uint32_t seed);
uint32_t twister_next(struct twister *t);
double twister_unit(struct twister *t); /* [0, 1), 53 bits of two words, as random_sample() */

#endif
