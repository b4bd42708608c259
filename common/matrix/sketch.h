/* sketch.h - quantiles of many numbers in fixed memory.
 *
 * A histogram over the leading bits of the numbers: a quantile is right to one part in 1,024,
 * and exact when all the numbers are equal. The order of adding does not matter but for the last
 * bits of bucket means, so add in a fixed order.
 *
 *	struct sketch *s = sketch_new();
 *	for (size_t i = 0; i < n; i++)
 *		sketch_add(s, sums[i]);
 *	double median = sketch_quantile(s, 0.5);
 *	sketch_free(s);
 */
#ifndef MATRIX_SKETCH_H
#define MATRIX_SKETCH_H

#include "base/util.h"

struct sketch;

struct sketch *sketch_new(void);
void sketch_free(struct sketch *s);
void sketch_add(struct sketch *s, double x);

/* The q-quantile, 0 <= q <= 1: the mean of the numbers in its bucket. NaN when empty. */
double sketch_quantile(const struct sketch *s, double q);

#endif
