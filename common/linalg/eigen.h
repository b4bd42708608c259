/* eigen.h - the leading eigenpairs of a symmetric matrix.
 *
 * Block Krylov with full orthogonalisation and a check of the residuals; when that does not
 * converge, LAPACK on the whole matrix. The result does not depend on the threads.
 */
#ifndef GRAPH_EIGEN_H
#define GRAPH_EIGEN_H

#include "base/err.h"
#include "base/pool.h"

/*
 * 'matrix' is n x n. Fills 'values' (falling) and 'vectors' (n x n_wanted, column per pair, of
 * length 1); 'residual' is the largest |A v - value v| relative to the first value.
 */
int eigen_leading(const double *matrix, size_t n, size_t n_wanted, double *values, double *vectors,
		  double *residual, struct pool *pool, struct err *err) MUST_USE;

#endif
