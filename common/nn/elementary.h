/* elementary.h - gamma functions of single numbers, in double.
 *
 * For what is computed once per stored count or per draw, where exactness matters more than speed.
 * Ours, so that no bytes depend on libm; relative errors are below 1e-15 for the logarithm and
 * 1e-13 for the rest.
 *
 *	double orders = log_factorial(count);
 *	gamma_steps(count, theta, &log_ratio, &slope);
 */
#ifndef NN_ELEMENTARY_H
#define NN_ELEMENTARY_H

#include "base/util.h"

/* ln(x!) and ln(Gamma(x)), for x >= 0 and x > 0. */
double log_factorial(double x);

/*
 * What a count x adds to a negative binomial of dispersion theta: ln Gamma(x + theta) -
 * ln Gamma(theta), and its derivative by theta. A product of x factors while x is small and whole.
 */
void gamma_steps(double x, double theta, double *log_ratio, double *slope);

#endif
