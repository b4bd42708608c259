/* noise.c - random numbers by their place; see noise.h. */
#include "base/util.h"

#include "base/mem.h"
#include "base/rng.h"
#include "nn/noise.h"

#define STRIDE 0x9e3779b97f4a7c15u /* splitmix64's */

/* Where the words of a cell begin. */
static uint64_t begin(const struct noise *noise, unsigned purpose, uint64_t cell)
{
	uint64_t key = mix64(noise->seed + STRIDE);

	key = mix64(key ^ (purpose * STRIDE));
	key = mix64(key + noise->epoch * STRIDE);
	return mix64(key ^ (cell * STRIDE));
}

/* One well-mixed word. */
static uint64_t noise_word(const struct noise *noise, unsigned purpose, uint64_t cell,
			   uint64_t element)
{
	return mix64(begin(noise, purpose, cell) + element * STRIDE);
}

double noise_unit(const struct noise *noise, unsigned purpose, uint64_t cell, uint64_t element)
{
	return (double)(noise_word(noise, purpose, cell, element) >> 11) * 0x1p-53;
}

/* ---- normals ---- */

#define AT_ONCE ((size_t)64)

/* The cosine of a turn's share in [-1/2, 1/2): its series within a quarter, mirrored beyond. */
static inline float cos_turn(float u)
{
	float x = u < 0 ? -u : u;
	float from = x > 0.25f ? 0.5f - x : x, z, sum;

	z = from * 6.28318530717958647692f;
	z *= z;
	sum = 1 - z * (1.0f / 132);
	sum = 1 - z * (1.0f / 90) * sum;
	sum = 1 - z * (1.0f / 56) * sum;
	sum = 1 - z * (1.0f / 30) * sum;
	sum = 1 - z * (1.0f / 12) * sum;
	sum = 1 - z * (1.0f / 2) * sum;
	return x > 0.25f ? -sum : sum;
}

/* Box and Muller's cosine half: one normal of one word. */
CLONES static void normals_of(const uint32_t *high, const uint32_t *low, real *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		float radius = ((float)(high[i] >> 8) + 0.5f) * 0x1p-24f;
		float turn = (float)(int32_t)low[i] * 0x1p-32f;

		out[i] = (real)sqrtf(-2 * float_log(radius)) * (real)cos_turn(turn);
	}
}

void noise_normals(const struct noise *noise, unsigned purpose, uint64_t cell, real *out, size_t n)
{
	uint64_t at = begin(noise, purpose, cell);
	uint32_t high[AT_ONCE], low[AT_ONCE];
	real normals[AT_ONCE];

	for (size_t from = 0; from < n; from += AT_ONCE) {
		size_t here = MIN(AT_ONCE, n - from), whole = (here + 7) / 8 * 8;

		for (size_t i = 0; i < whole; i++) { /* whole vectors */
			uint64_t word = mix64(at + (from + i) * STRIDE);

			high[i] = (uint32_t)(word >> 32);
			low[i] = (uint32_t)word;
		}
		normals_of(high, low, normals, whole);
		memcpy(out + from, normals, here * sizeof(*out));
	}
}

/* ---- dropout ---- */

void noise_drop(const struct noise *noise, unsigned purpose, uint64_t cell, double share,
		real *values, size_t n)
{
	uint64_t at = begin(noise, purpose, cell);
	uint32_t least = (uint32_t)(share * 65536 + 0.5);
	real scale = (real)(1 / (1 - share));

	for (size_t i = 0; i < n; i += 4) {
		uint64_t word = mix64(at + i * STRIDE);

		for (size_t j = i; j < MIN(i + 4, n); j++, word >>= 16)
			values[j] = (word & 0xffff) < least ? 0 : values[j] * scale;
	}
}

/* ---- order ---- */

struct noise_place {
	uint64_t word;
	uint32_t number;
};

static int by_word(const void *a, const void *b)
{
	const struct noise_place *x = a, *y = b;

	if (x->word != y->word)
		return x->word < y->word ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

void noise_order(const struct noise *noise, unsigned purpose, uint64_t cell, uint32_t *order,
		 size_t n)
{
	struct noise_place *places = mem_alloc(n, sizeof(*places));
	uint64_t at = begin(noise, purpose, cell);

	for (size_t i = 0; i < n; i++)
		places[i] = (struct noise_place){mix64(at + i * STRIDE), (uint32_t)i};
	qsort(places, n, sizeof(*places), by_word);
	for (size_t i = 0; i < n; i++)
		order[i] = places[i].number;
	free(places);
}
