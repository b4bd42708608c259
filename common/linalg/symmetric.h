/* symmetric.h - all eigenpairs of a small symmetric matrix, without LAPACK.
 *
 * Cyclic Jacobi rotations: for matrices of a hundred rows or so, such as what a block of vectors
 * spans. Accurate to the last digits for well-separated values, and the same bytes everywhere,
 * since the order of the rotations is fixed and nothing is blocked or threaded.
 *
 *	double a[] = {2, 1, 1, 2}, values[2], vectors[4];
 *	symmetric_eigen(a, 2, values, vectors);        // values 3 and 1
 *	vectors[row * 2 + pair]                        // the vector of a pair is a column
 *
 * Time grows as the cube of 'n' (about 0.05 s at 112). For large matrices of which a few pairs are
 * wanted see eigen.h.
 */
#ifndef LINALG_SYMMETRIC_H
#define LINALG_SYMMETRIC_H

#include "base/util.h"

/*
 * 'a' is n x n and is spoiled. Fills 'values', falling, and 'vectors' (n x n), a column of length 1
 * per value. Never fails: NaN in gives NaN out.
 */
void symmetric_eigen(double *a, size_t n, double *values, double *vectors);

#endif
