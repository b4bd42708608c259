/* exponential.h - exp and log in double that are the same bytes on every machine.
 *
 * libm's differ in the last bit between processors and releases; whoever promises the same bytes
 * everywhere and iterates on the result takes these.
 *
 *	exp_all(logits, n);             // in place, vectorised
 *	double penalty = exp_double(theta * log_double(ratio));
 *
 * Within 2 ulp. exp of less than -708 is 0, of more than 709 is capped there; log of 0 or less is
 * -1e300, which exp makes 0 again. NaN stays NaN.
 */
#ifndef LINALG_EXPONENTIAL_H
#define LINALG_EXPONENTIAL_H

#include "base/util.h"

double exp_double(double x);
double log_double(double x);
void exp_all(double *x, size_t n);

/*
 * Weights exp(x - the largest), divided by their sum, in place. n is 1 or more. Returns the
 * largest; 'of_sum' (or NULL) is what was divided by.
 */
double softmax(double *x, size_t n, double *of_sum);

#endif
