/* cholesky.h - small symmetric positive definite systems, in double.
 *
 *	double a[9] = {...};                    // n x n, the lower triangle is read
 *	if (cholesky_factor(a, 3, 0))
 *		return err_set(err, "singular: add a ridge");
 *	cholesky_solve(a, 3, b, 2);             // b is 3 x 2: solutions in place
 *
 * Plain loops in one order: the same bytes on every processor. For n up to a few hundred.
 */
#ifndef LINALG_CHOLESKY_H
#define LINALG_CHOLESKY_H

#include "base/util.h"

/*
 * Replace the lower triangle of 'a' by its factor. -1 when a pivot is not above 'floor' times the
 * largest diagonal element (floor 0: not above 0); 'a' is then of no use.
 */
int cholesky_factor(double *a, size_t n, double floor) MUST_USE;

/* Solve for n_rhs columns, in place. 'factor' is n x n as cholesky_factor left it. */
void cholesky_solve(const double *factor, size_t n, double *b, size_t n_rhs);

/*
 * The inverse of the factor's transpose, at and above its diagonal: what turns rows whose products
 * with each other are 'a' into orthonormal ones. Rows of 'undo' are 'stride' apart; what is below the
 * diagonal is left as it is.
 */
void cholesky_undo(const double *factor, size_t n, double *undo, size_t stride);

#endif
