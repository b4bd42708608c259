/* outliers.c - see outliers.h. */
#include "base/util.h"

#include <math.h>

#include "qc/outliers.h"

#define NORMAL 1.4826

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), rising);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

struct outlier_range outlier_range_of(double *values, size_t n, double n_deviations)
{
	struct outlier_range all = {-INFINITY, INFINITY};
	size_t n_known = 0;
	double middle, spread;

	for (size_t i = 0; i < n; i++)
		if (!isnan(values[i]))
			values[n_known++] = values[i];
	if (!n_known)
		return all;
	middle = median(values, n_known);
	for (size_t i = 0; i < n_known; i++)
		values[i] = fabs(values[i] - middle);
	spread = NORMAL * median(values, n_known);
	if (!(spread > 0))
		return all;
	return (struct outlier_range){middle - n_deviations * spread,
				      middle + n_deviations * spread};
}
