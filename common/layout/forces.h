/* forces.h - how strongly cells of a layout pull and push each other.
 *
 * UMAP's curve 1 / (1 + a d^2b) says how near two cells at distance d look; a and b are fitted so
 * that it is near 1 up to 'min_dist' and then falls off as exp(-(d - min_dist) / spread). The
 * forces are its logarithm's slopes: of two neighbours towards each other, of two others apart.
 * They are looked up in tables over the squared distance, so that no power is taken while cells
 * move, and that the same distance gives the same bytes on every processor.
 *
 *	struct forces f;
 *	forces_fit(&f, 0.5, 1);
 *	float step = forces_at(f.pull, distance * distance);     // times the difference
 *
 * Within 0.1 % of the formulas; squared distances outside 2^-30 to 2^30 count as those.
 */
#ifndef LAYOUT_FORCES_H
#define LAYOUT_FORCES_H

#include "base/util.h"

enum { FORCES_LOW = -30, FORCES_HIGH = 30, FORCES_BITS = 6 };
#define FORCES_STEPS ((size_t)(FORCES_HIGH - FORCES_LOW) << FORCES_BITS)

struct forces {
	double a, b;
	float pull[FORCES_STEPS + 1], push[FORCES_STEPS + 1];
};

/* 'spread' is above 0, 'min_dist' from 0 to 3 times that. */
void forces_fit(struct forces *f, double min_dist, double spread);

/* A table's value at a squared distance, which is 0 or more and finite. */
static inline float forces_at(const float *table, float square)
{
	const uint32_t lowest = (uint32_t)(FORCES_LOW + 127) << 23;
	const uint32_t highest = ((uint32_t)(FORCES_HIGH + 127) << 23) - 1;
	uint32_t bits;
	float part;

	memcpy(&bits, &square, sizeof(bits));
	bits = bits < lowest ? lowest : bits > highest ? highest : bits;
	bits -= lowest;
	part = (float)(bits & ((1u << (23 - FORCES_BITS)) - 1)) *
	       (1.0f / (1u << (23 - FORCES_BITS)));
	table += bits >> (23 - FORCES_BITS);
	return table[0] + part * (table[1] - table[0]);
}

#endif
