/* twister.c - see twister.h. */
#include "base/util.h"

#include "graph/twister.h"

#define PERIOD ((size_t)397)

struct twister twister_seeded(uint32_t seed)
{
	struct twister t = {.used = TWISTER_WORDS};

	t.state[0] = seed;
	for (uint32_t i = 1; i < TWISTER_WORDS; i++)
		t.state[i] = 1812433253U * (t.state[i - 1] ^ t.state[i - 1] >> 30) + i;
	return t;
}

static void renew(struct twister *t)
{
	for (size_t i = 0; i < TWISTER_WORDS; i++) {
		uint32_t next = t->state[(i + 1) % TWISTER_WORDS];
		uint32_t joined = (t->state[i] & 0x80000000U) | (next & 0x7fffffffU);

		t->state[i] = t->state[(i + PERIOD) % TWISTER_WORDS] ^ joined >> 1 ^
			      (next & 1 ? 0x9908b0dfU : 0);
	}
	t->used = 0;
}

uint32_t twister_next(struct twister *t)
{
	uint32_t x;

	if (t->used == TWISTER_WORDS)
		renew(t);
	x = t->state[t->used++];
	x ^= x >> 11;
	x ^= x << 7 & 0x9d2c5680U;
	x ^= x << 15 & 0xefc60000U;
	return x ^ x >> 18;
}

double twister_unit(struct twister *t)
{
	uint32_t high = twister_next(t) >> 5, low = twister_next(t) >> 6;

	return ((double)high * 0x1p26 + (double)low) * 0x1p-53;
}
