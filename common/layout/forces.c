/* forces.c - see forces.h. */
#include "base/util.h"

#include <math.h>

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

void forces_fit(struct forces *f, double min_dist, double spread)
{
	fit_curve(f, min_dist, spread);
	for (size_t i = 0; i <= FORCES_STEPS; i++) {
		double square = ldexp(1 + (double)(i % (1u << FORCES_BITS)) / (1u << FORCES_BITS),
				      FORCES_LOW + (int)(i >> FORCES_BITS));
		double p = power(square, f->b);

		f->pull[i] = (float)(2 * f->a * f->b * p / square / (1 + f->a * p));
		f->push[i] = (float)(2 * f->b / ((NOT_ZERO + square) * (1 + f->a * p)));
	}
}
