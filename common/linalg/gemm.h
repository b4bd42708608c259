/* gemm.h - the product of two matrices, row by row in memory.
 *
 *	gemm_float((struct gemm){.m = n, .n = 128, .k = 30}, z, 30, w, 128, y, 128);   // y = z w
 *
 * One thread works: callers share out rows or columns in parts that do not depend on the number of
 * threads, so that the bytes do not either.
 */
#ifndef LINALG_GEMM_H
#define LINALG_GEMM_H

#include "base/util.h"

struct gemm {
	size_t m, n, k;          /* the result is m x n, sums are over k */
	bool a_turned, b_turned; /* a is stored k x m; b is stored n x k */
	bool add;                /* to what the result holds, instead of in its place */
};

/* 'lda', 'ldb', 'ldc': values from one stored row to the next. Nothing is done when m or n is 0. */
void gemm_float(struct gemm shape, const float *a, size_t lda, const float *b, size_t ldb, float *c,
		size_t ldc);
void gemm_double(struct gemm shape, const double *a, size_t lda, const double *b, size_t ldb,
		 double *c, size_t ldc);

/* From now on the library's own threads rest: the caller's pool shares out the work. */
void gemm_alone(void);

#endif
