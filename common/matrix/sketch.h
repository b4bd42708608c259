/* sketch.h - quantiles of many numbers in fixed memory.
 *
 * A histogram over the leading bits of the numbers: a quantile is right to one part in 1,024,
 * and exact when all the numbers are equal. The order of adding does not matter but for the last
 * bits of bucket means, so add in a fixed order.
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
