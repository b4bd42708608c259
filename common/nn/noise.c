/* noise.c - random numbers by their place; see noise.h. */
#include "base/util.h"

#include "base/mem.h"
#include "base/rng.h"
#include "nn/elementary.h"
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

/* The cosine of a full turn's share u in [0, 1), by its series within an eighth of a turn. */
static double cos_turn(double u)
{
	double eighths = u * 8;
	int octant = (int)eighths;
	double x =
		((octant & 1) ? 1 - (eighths - octant) : eighths - octant) * 0.78539816339744830962;
	double z = x * x, sine = 0, cosine = 0;
	bool swaps = octant == 1 || octant == 2 || octant == 5 || octant == 6;
	bool negative = octant >= 2 && octant <= 5;
	double value;

	for (int i = 17; i >= 1; i -= 2)
		sine = 1 - sine * z / ((i + 1) * (i + 2));
	for (int i = 16; i >= 0; i -= 2)
		cosine = 1 - cosine * z / ((i + 1) * (i + 2));
	value = swaps ? sine * x : cosine;
	return negative ? -value : value;
}

void noise_normals(const struct noise *noise, unsigned purpose, uint64_t cell, real *out, size_t n)
{
	uint64_t at = begin(noise, purpose, cell);

	for (size_t i = 0; i < n; i++) {
		uint64_t word = mix64(at + i * STRIDE);
		double radius = ((double)(word >> 32) + 1) * 0x1p-32;
		double turn = (double)(word & 0xffffffffu) * 0x1p-32;

		out[i] = (real)(sqrt(-2 * plain_log(radius)) * cos_turn(turn));
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
