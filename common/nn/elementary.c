/* elementary.c - logarithms and gamma functions; see elementary.h. */
#include "base/util.h"

#include <math.h>

#include "linalg/exponential.h"
#include "nn/elementary.h"
#include "nn/real.h"

#define FEW 12 /* factors of a product; from here on Stirling's series is exact enough */

/* ---- Stirling, for y of FEW or more ---- */

static double stirling(double y)
{
	double r = 1 / y, r2 = r * r;

	return (y - 0.5) * log_double(y) - y + 0.91893853320467274178 +
	       r * (1.0 / 12 - r2 * (1.0 / 360 - r2 * (1.0 / 1260 - r2 / 1680)));
}

static double stirling_slope(double y)
{
	double r = 1 / y, r2 = r * r;

	return log_double(y) - 0.5 * r -
	       r2 * (1.0 / 12 - r2 * (1.0 / 120 - r2 * (1.0 / 252 - r2 / 240)));
}

/* The product of y, y + 1, ... until FEW, and the sum of their inverses; 'y' becomes the end. */
static double climb(double *y, double *inverses)
{
	double product = 1;

	*inverses = 0;
	for (; *y < FEW; ++*y) {
		product *= *y;
		*inverses += 1 / *y;
	}
	return product;
}

static double log_gamma(double x)
{
	double inverses, product = climb(&x, &inverses);

	return stirling(x) - log_double(product);
}

double log_factorial(double x)
{
	static const double few[] = {0,
				     0,
				     0.69314718055994530942,
				     1.7917594692280550008,
				     3.1780538303479456196,
				     4.7874917427820459943,
				     6.5792512120101009951,
				     8.5251613610654143002,
				     10.604602902745250228};

	return x == floor(x) && x < (double)ARRAY_LEN(few) ? few[(size_t)x] : log_gamma(x + 1);
}

static double log_gamma_slope(double x)
{
	double inverses;

	climb(&x, &inverses);
	return stirling_slope(x) - inverses;
}

void gamma_steps(double x, double theta, double *log_ratio, double *slope)
{
	double product = 1, sum = 0;

	if (x != floor(x) || x > FEW) {
		*log_ratio = log_gamma(x + theta) - log_gamma(theta);
		*slope = log_gamma_slope(x + theta) - log_gamma_slope(theta);
		return;
	}
	for (double k = 0; k < x; k++) {
		product *= theta + k;
		sum += 1 / (theta + k);
	}
	*log_ratio = product < 1e30 ? (double)real_log((real)product) : log_double(product);
	*slope = sum;
}
