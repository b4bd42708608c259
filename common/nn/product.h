/* product.h - products of nets: of dense rows by the library, of sparse ones by our own.
 *
 * A cell stores one gene in ten. Its row times a matrix, and the way back, cost what is stored: the
 * result's numbers are kept in registers, eight vectors of them, while the stored values go by.
 *
 *	product(&(struct gemm){.m = n, .n = 128, .k = 30}, z, 30, w, 128, y, 128);   // y = z w
 *	product_sparse_row(genes, counts, n_stored, w, 128, y);                      // y += x w
 *
 * One thread works: callers share out rows or columns in parts that the sizes alone decide.
 */
#ifndef NN_PRODUCT_H
#define NN_PRODUCT_H

#include "linalg/gemm.h"
#include "nn/real.h"

/* gemm_float, or gemm_double where nets compute in double. */
static inline void product(const struct gemm *shape, const real *a, size_t lda, const real *b,
			   size_t ldb, real *c, size_t ldc)
{
#ifdef NN_DOUBLE
	gemm_double(*shape, a, lda, b, ldb, c, ldc);
#else
	gemm_float(*shape, a, lda, b, ldb, c, ldc);
#endif
}

/*
 * y (n) = y + the sum over 'n_stored' of value[s] * w[column[s]], rows of w being n wide.
 */
void product_sparse_row(const uint32_t *column, const real *value, size_t n_stored, const real *w,
			size_t n, real *y);

/*
 * The way back: w[column[s]] += value[s] * dy for every s; rows of w are 'ldw' apart, of which n
 * numbers are meant, as 'dy' has. Columns may come in any order.
 */
void product_sparse_add(const uint32_t *column, const real *value, size_t n_stored, const real *dy,
			size_t n, real *w, size_t ldw);

#endif
