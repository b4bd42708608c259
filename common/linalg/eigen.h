/* eigen.h - the leading eigenpairs of a symmetric matrix.
 *
 * Block Krylov with full orthogonalisation, restarted with its best pairs whenever its basis is
 * full, until the residuals of all pairs wanted are below 1e-11 of the first value: the cost
 * follows n * n * n_wanted, also where the values wanted lie close to those of noise. Small
 * matrices, and those that do not converge, go to LAPACK whole. Products are shared out on the pool
 * in fixed parts: the result does not depend on the threads.
 *
 *	double *values = mem_alloc(50, sizeof(*values)), residual;
 *	double *vectors = mem_alloc(n * 50, sizeof(*vectors));
 *	if (eigen_leading(covariance, n, 50, values, vectors, &residual, pool, &err))
 *		die_err(&err);
 *	use(vectors[gene * 50 + component]);
 *
 * Memory beside the matrix: some 400 rows of it. Signs are as they come: the caller fixes them.
 */
#ifndef LINALG_EIGEN_H
#define LINALG_EIGEN_H

#include "base/err.h"
#include "base/pool.h"

/*
 * 'matrix' is n x n, both triangles filled, n_wanted at most n. Fills 'values' (n_wanted, falling)
 * and 'vectors' (n x n_wanted, a column per pair, of length 1), which are the caller's; 'residual'
 * becomes the largest |A v - value v| relative to the first value, measured, or 0 when LAPACK did
 * it. -1 with 'err' when LAPACK fails, as it does when the matrix is not finite.
 */
int eigen_leading(const double *matrix, size_t n, size_t n_wanted, double *values, double *vectors,
		  double *residual, struct pool *pool, struct err *err) MUST_USE;

#endif
