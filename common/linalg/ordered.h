/* ordered.h - products of matrices in double, each value a sum in order.
 *
 *	ordered_product((struct gemm){.m = n, .n = K, .k = dims}, z, dims, turned, K, near, K);
 *
 * As gemm_double, and nearly as fast where matrices are narrow (tens to hundreds of columns), but
 * every value of the result is a[0] b[0] + a[1] b[1] + ... from the first to the last, whatever
 * rows stand beside it and whatever the processor: a row's result is the same bytes in any company.
 * With 'add' the sum goes on from what the result holds, so that a long sum may be made in pieces.
 * 'b_turned' is not for this one. One thread works.
 */
#ifndef LINALG_ORDERED_H
#define LINALG_ORDERED_H

#include "linalg/gemm.h"

void ordered_product(struct gemm shape, const double *a, size_t lda, const double *b, size_t ldb,
		     double *c, size_t ldc);

#endif
