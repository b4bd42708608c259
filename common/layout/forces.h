/* forces.h - how strongly cells of a layout pull and push each other.
 *
 * UMAP's curve 1 / (1 + a d^2b) says how near two cells at distance d look; a and b are fitted so
 * that it is near 1 up to 'min_dist' and then falls off as exp(-(d - min_dist) / spread). The
 * forces are its logarithm's slopes: of two neighbours towards each other, of two others apart.
 *
 *	struct forces f;
 *	struct pulls *pulls = mem_alloc(1, sizeof(*pulls));
 *	forces_fit(&f, 0.5, 1);
 *	forces_pulls(&f, 0.3, pulls);                      // once a round, 0.3 being its step
 *	float left = forces_left(pulls, dx * dx + dy * dy); // of the difference, after a pull
 *	forces_push(&f, at, xs, ys, moved);                // by 16 others at once
 *
 * Both go by the squared distance, from 2^-30 to 2^30; less and more count as those. A push is
 * reckoned, within 1e-4 of the formula; a pull is looked up, within 0.2 % of it. Either way no
 * function of the C library takes part: the same distance gives the same bytes on every processor.
 */
#ifndef LAYOUT_FORCES_H
#define LAYOUT_FORCES_H

#include "base/util.h"

enum { FORCES_LOW = -30, FORCES_HIGH = 30, FORCES_BITS = 6 };
#define FORCES_STEPS ((size_t)(FORCES_HIGH - FORCES_LOW) << FORCES_BITS)
#define FORCES_FARTHEST 4.0f /* that one force moves a cell, in each direction, at step 1 */
#define FORCES_LANES 16      /* that push at once */

struct forces {
	double a, b;
	float pull[FORCES_STEPS +
		   1]; /* by squared distance: the part that a pull takes, at step 1 */
};

/* 'spread' is above 0, 'min_dist' from 0 to 3 times that. */
void forces_fit(struct forces *f, double min_dist, double spread);

/* ---- neighbours ---- */

/* By squared distance: the part of the difference that is left. It may be below 0: gone past. */
struct pulls {
	float left[FORCES_STEPS + 1];
};

/*
 * An edge is drawn from both of its ends and each draw moves both: seen from one end, two pulls
 * one after the other. A round's table has what both leave.
 */
void forces_pulls(const struct forces *f, float step, struct pulls *pulls);

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

static inline float forces_left(const struct pulls *pulls, float square)
{
	return forces_at(pulls->left, square);
}

/* ---- others ---- */

/*
 * By how much FORCES_LANES others, at (x[i], y[i]), push a cell that stands at 'at', in all, at
 * step 1. One that stands in the same place, as the cell itself does, does not push.
 */
void forces_push(const struct forces *f, const float at[2], const float *x, const float *y,
		 float moved[2]);

#endif
