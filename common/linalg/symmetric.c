/* symmetric.c - see symmetric.h. */
#include "base/util.h"

#include <float.h>
#include <math.h>

#include "base/mem.h"
#include "linalg/symmetric.h"

#define MAX_SWEEPS 60

/* Rotate rows (or columns, by 'step') p and q of a matrix: x' = c x - s y, y' = s x + c y. */
static void rotate(double *x, double *y, size_t n, size_t step, double c, double s)
{
	for (size_t i = 0; i < n * step; i += step) {
		double a = x[i], b = y[i];

		x[i] = c * a - s * b;
		y[i] = s * a + c * b;
	}
}

/* Make a[p][q] zero; the vectors are kept as rows here, which lie together. */
static void annihilate(double *a, size_t n, size_t p, size_t q, double *rows)
{
	double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
	double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
	double c = 1 / sqrt(t * t + 1), s = t * c;

	rotate(a + p * n, a + q * n, n, 1, c, s);
	rotate(a + p, a + q, n, n, c, s);
	rotate(rows + p * n, rows + q * n, n, 1, c, s);
}

/* One pass over all pairs; false when nothing was left to rotate. */
static bool sweep(double *a, size_t n, double *rows)
{
	bool any = false;

	for (size_t p = 0; p + 1 < n; p++) {
		for (size_t q = p + 1; q < n; q++) {
			double scale = sqrt(fabs(a[p * n + p] * a[q * n + q]));

			if (!(fabs(a[p * n + q]) > DBL_EPSILON * scale) ||
			    !(fabs(a[p * n + q]) > DBL_MIN))
				continue;
			annihilate(a, n, p, q, rows);
			any = true;
		}
	}
	return any;
}

void symmetric_eigen(double *a, size_t n, double *values, double *vectors)
{
	double *rows = mem_zero(n * n, sizeof(*rows));
	bool *taken = mem_zero(n, sizeof(*taken));

	for (size_t i = 0; i < n; i++)
		rows[i * n + i] = 1;
	for (int i = 0; i < MAX_SWEEPS && sweep(a, n, rows); i++)
		;
	for (size_t pair = 0; pair < n; pair++) {
		size_t best = SIZE_MAX;

		for (size_t i = 0; i < n; i++)
			if (!taken[i] && (best == SIZE_MAX || a[i * n + i] > a[best * n + best]))
				best = i;
		taken[best] = true;
		values[pair] = a[best * n + best];
		for (size_t i = 0; i < n; i++)
			vectors[i * n + pair] = rows[best * n + i];
	}
	free(taken);
	free(rows);
}
