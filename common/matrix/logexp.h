/* logexp.h - logarithms, exponentials and sums over runs of floats.
 *
 * Hot loops with one fixed order of operations: the same bytes on every processor, whatever its
 * vector width. Sums are kept in eight double lanes (lane i takes values i, i + 8, ...), which
 * are added in order at the end.
 *
 *	log1p_scaled(values, n, 1e4f / (float)sum_floats(values, n));   // log1p_10k of a cell
 *	double back = sum_expm1(values, n, 1);                          // 1e4
 */
#ifndef MATRIX_LOGEXP_H
#define MATRIX_LOGEXP_H

#include "base/util.h"

/* values[i] = log1p(values[i] * factor), for products of 0 or more. Within 2.5 ulp, 3e-7 relative.
 */
void log1p_scaled(float *values, size_t n, float factor);

/* values[i] = exp(values[i] * factor) - 1, for products within 87 of 0 (others
 * count as that). Within 3e-7 relative, also where the value is small. */
void expm1_scaled(float *values, size_t n, float factor);

/* The sum of the values. */
double sum_floats(const float *values, size_t n);

/* The sum of exp(factor * value) - 1, for |factor * value| up to 80: factor 1 undoes log1p, the
 * logarithm of 2 undoes log2(1 + x). */
double sum_expm1(const float *values, size_t n, float factor);

/* exp(x) in single precision, within 2 ulp, for |x| up to 80. */
float exp_float(float x);

#endif
