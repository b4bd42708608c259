/* outliers.h - cells that lie far from the others of their batch.
 *
 * Distance is in median absolute deviations, scaled by 1.4826 so that one is a standard deviation
 * where numbers are normal: robust against the very cells it looks for.
 *
 *	struct outlier_range r = outlier_range_of(values, n, 5);
 *	if (x < r.least || x > r.most)
 *		flag(cell);
 */
#ifndef QC_OUTLIERS_H
#define QC_OUTLIERS_H

#include "base/util.h"

struct outlier_range {
	double least, most; /* -inf and inf when nothing varies, or there is nothing */
};

/* Sorts 'values'; NaN among them are passed over. */
struct outlier_range outlier_range_of(double *values, size_t n, double n_deviations);

#endif
