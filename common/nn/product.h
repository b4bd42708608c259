/* product.h - products of nets: of large matrices by the library, of small and sparse ones by our own.
 *
 * Hidden layers are small: their products are our own too (small_product_private.h), and the
 * library's begin where sums are long.
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

/* c = a b, as gemm.h has it. */
void product(const struct gemm *shape, const real *a, size_t lda, const real *b, size_t ldb,
	     real *c, size_t ldc);

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
