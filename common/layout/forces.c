/* forces.c - see forces.h. */
#include "base/util.h"

#include <math.h>

#include "base/floats.h"
#include "layout/forces.h"
#include "linalg/exponential.h"

enum { SAMPLES = 300, ROUNDS = 200 };
#define NOT_ZERO 0.001 /* added to squared distances that push */

static double power(double x, double exponent)
{
	return x > 0 ? exp_double(exponent * log_double(x)) : 0;
}

/* The curve that a and b are to follow, at place i of the samples. */
static double wanted(size_t i, double min_dist, double spread, double *x)
{
	*x = 3 * spread * (double)i / (SAMPLES - 1);
	return *x < min_dist ? 1 : exp_double(-(*x - min_dist) / spread);
}

/*
 * The sum of squares at (a, b), and the normal equations of its linearisation: j[0..2] of J'J,
 * j[3..4] of J'r.
 */
static double misfit(double a, double b, double min_dist, double spread, double j[5])
{
	double sum = 0;

	memset(j, 0, 5 * sizeof(*j));
	for (size_t i = 0; i < SAMPLES; i++) {
		double x, y = wanted(i, min_dist, spread, &x);
		double p = power(x, 2 * b), fit = 1 / (1 + a * p), miss = y - fit;
		double by_a = -p * fit * fit;
		double by_b = x > 0 ? -2 * a * p * log_double(x) * fit * fit : 0;

		sum += miss * miss;
		j[0] += by_a * by_a;
		j[1] += by_a * by_b;
		j[2] += by_b * by_b;
		j[3] += by_a * miss;
		j[4] += by_b * miss;
	}
	return sum;
}

/* Levenberg and Marquardt's steps, from (1, 1). */
static void fit_curve(struct forces *f, double min_dist, double spread)
{
	double a = 1, b = 1, damping = 1e-3, j[5], tried[5];
	double sum = misfit(a, b, min_dist, spread, j);

	for (int round = 0; round < ROUNDS; round++) {
		double p = j[0] * (1 + damping), q = j[2] * (1 + damping);
		double determinant = p * q - j[1] * j[1];
		double da = (j[3] * q - j[4] * j[1]) / determinant;
		double db = (j[4] * p - j[3] * j[1]) / determinant;
		double next;

		if (!(determinant > 0))
			break;
		next = a + da > 0 && b + db > 0 ? misfit(a + da, b + db, min_dist, spread, tried)
						: INFINITY;
		if (next < sum) {
			a += da, b += db, sum = next, damping /= 4;
			memcpy(j, tried, sizeof(j));
		} else {
			damping *= 4;
		}
	}
	f->a = a;
	f->b = b;
}

static double square_at(size_t i)
{
	return ldexp(1 + (double)(i % (1u << FORCES_BITS)) / (1u << FORCES_BITS),
		     FORCES_LOW + (int)(i >> FORCES_BITS));
}

void forces_fit(struct forces *f, double min_dist, double spread)
{
	fit_curve(f, min_dist, spread);
	for (size_t i = 0; i <= FORCES_STEPS; i++) {
		double square = square_at(i), p = power(square, f->b);
		double part = 2 * f->a * f->b * p / square / (1 + f->a * p);

		f->pull[i] = (float)fmin(part, FORCES_FARTHEST / sqrt(square));
	}
}

/* ---- pulls ---- */

void forces_pulls(const struct forces *f, float step, struct pulls *pulls)
{
	for (size_t i = 0; i <= FORCES_STEPS; i++) {
		float once = 1 - step * f->pull[i], square = once * once * (float)square_at(i);

		pulls->left[i] = once * (1 - step * forces_at(f->pull, square));
	}
}

/* ---- pushes ---- */

#define SMALLEST 0x1p-30f
#define SQRT_HALF 0x3f3504f3 /* its bits */
#define SHIFT 12582912.0f    /* 1.5 * 2^23: added and taken off again it leaves a whole number */

/* x to the power of 'exponent', as 2^(exponent * log2 x); x is a normal number above 0. */
static inline float float_power(float x, float exponent)
{
	int32_t whole = (float_bits(x) - SQRT_HALF) >> 23;
	float m = float_from_bits(float_bits(x) - whole * (1 << 23)), z = (m - 1) / (m + 1),
	      z2 = z * z;
	float logarithm = (float)whole + z * (2.88539008f + z2 * (.961796694f + z2 * .577078016f));
	float y = exponent * logarithm, rounded, part, two_to;

	y = y > 120 ? 120 : y < -120 ? -120 : y;
	rounded = y + SHIFT;
	part = y - (rounded - SHIFT);
	two_to = 1 + part * (.693147181f +
			     part * (.240226507f + part * (.0555041087f + part * .00961812911f)));
	return float_from_bits(
		(int32_t)((uint32_t)float_bits(two_to) + ((uint32_t)float_bits(rounded) << 23)));
}

static inline float limited(float x)
{
	return x > FORCES_FARTHEST ? FORCES_FARTHEST : x < -FORCES_FARTHEST ? -FORCES_FARTHEST : x;
}

CLONES void forces_push(const struct forces *f, const float at[2], const float *restrict other_x,
			const float *restrict other_y, float moved[2])
{
	const float a = (float)f->a, b = (float)f->b, at_x = at[0], at_y = at[1];
	float x[FORCES_LANES], y[FORCES_LANES];

	for (uint32_t i = 0; i < FORCES_LANES; i++) {
		float dx = at_x - other_x[i], dy = at_y - other_y[i], square = dx * dx + dy * dy;
		float near = square < SMALLEST ? SMALLEST : square;
		float by = 2 * b / (((float)NOT_ZERO + square) * (1 + a * float_power(near, b)));

		x[i] = limited(by * dx);
		y[i] = limited(by * dy);
	}
	for (uint32_t half = FORCES_LANES / 2; half; half /= 2) {
		for (uint32_t i = 0; i < half; i++) {
			x[i] += x[i + half];
			y[i] += y[i + half];
		}
	}
	moved[0] = x[0];
	moved[1] = y[0];
}
