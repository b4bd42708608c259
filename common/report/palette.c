/* palette.c - see palette.h. */
#include "base/util.h"

#include <math.h>

#include "report/palette.h"

/* After Okabe and Ito, and Paul Tol's muted set. */
static const uint32_t distinct[] = {0x0077bb, 0xee7733, 0x009988, 0xcc3377, 0x33a9dd, 0xb8961a,
				    0x7a5bb5, 0x4d9a3a, 0xc2452d, 0x1f7a8c, 0xd070a8, 0x8a6d3b};

/* Mix with white (or black when negative), by so many percent. */
static uint32_t shade(uint32_t colour, int percent)
{
	uint32_t to = percent > 0 ? 255 : 0, mixed = 0;
	uint32_t part = (uint32_t)(percent > 0 ? percent : -percent);

	for (int shift = 16; shift >= 0; shift -= 8) {
		uint32_t c = colour >> shift & 255;

		mixed |= (c * (100 - part) + to * part) / 100 << shift;
	}
	return mixed;
}

static bool is_unknown(const struct query_summary *q, size_t rank)
{
	return str_eq(strtab_str(&q->label_names, q->by_count[rank]), "Unknown");
}

uint32_t palette_colour(const struct query_summary *q, size_t rank)
{
	static const int steps[] = {0, 30, -30, 50, -45};
	size_t place = rank, round;

	if (is_unknown(q, rank))
		return PALETTE_NONE;
	for (size_t i = 0; i < rank; i++)
		place -= is_unknown(q, i);
	round = place / ARRAY_LEN(distinct);
	/* The last bits make each its own. */
	return shade(distinct[place % ARRAY_LEN(distinct)], steps[round % ARRAY_LEN(steps)]) ^
	       (uint32_t)(round / ARRAY_LEN(steps) % 8);
}

uint32_t palette_hue(size_t number)
{
	return distinct[number % ARRAY_LEN(distinct)];
}

uint32_t palette_ramp(double share)
{
	static const unsigned char ramp[][3] = {
		{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}};
	double x = fmin(fmax(share, 0), 1) * (ARRAY_LEN(ramp) - 1);
	size_t i = MIN((size_t)x, ARRAY_LEN(ramp) - 2);
	uint32_t colour = 0;

	for (size_t k = 0; k < 3; k++) {
		double from = ramp[i][k], to = ramp[i + 1][k];

		colour = colour << 8 | (uint32_t)lround(from + (x - (double)i) * (to - from));
	}
	return colour;
}
