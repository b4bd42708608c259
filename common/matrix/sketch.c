/* sketch.c - see sketch.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "matrix/sketch.h"

/* Magnitudes from 2^-32 to 2^64, 1,024 buckets an octave, mirrored for negative numbers. */
#define OCTAVE_BITS 10
#define LOWEST (-32)
#define HIGHEST 64
#define SIDE ((size_t)(HIGHEST - LOWEST) << OCTAVE_BITS)

struct sketch {
	size_t n;
	uint64_t counts[2 * SIDE + 1]; /* falling negatives, zero, rising positives */
	double sums[2 * SIDE + 1];
};

struct sketch *sketch_new(void)
{
	return mem_zero(1, sizeof(struct sketch)); /* pages that are never touched cost nothing */
}

void sketch_free(struct sketch *s)
{
	free(s);
}

static size_t bucket(double x)
{
	double size = fmin(fmax(fabs(x), 0x1p-32), 0x1.fffp63);
	uint64_t bits;
	size_t i;

	memcpy(&bits, &size, sizeof(bits));
	i = (size_t)((bits >> (52 - OCTAVE_BITS)) - ((uint64_t)(1023 + LOWEST) << OCTAVE_BITS));
	return x == 0 ? SIDE : x > 0 ? SIDE + 1 + i : SIDE - 1 - i;
}

void sketch_add(struct sketch *s, double x)
{
	size_t i = bucket(x);

	s->n++;
	s->counts[i]++;
	s->sums[i] += x;
}

double sketch_quantile(const struct sketch *s, double q)
{
	size_t rank = (size_t)(q * (double)(s->n - (s->n > 0)));
	size_t seen = 0;

	for (size_t i = 0; i < ARRAY_LEN(s->counts); i++) {
		seen += s->counts[i];
		if (seen > rank)
			return s->sums[i] / (double)s->counts[i];
	}
	return NAN;
}
