/* small_product_private.h - products of matrices that fit the cache.
 *
 * Hidden layers are small: some dozens of rows times a matrix of 128 x 128, which a library for
 * large ones spends a third of its time to prepare for. Here the matrix goes by in panels, two
 * vectors wide, and six rows of a result at a time are in registers meanwhile.
 *
 * Sums are in the order of k. This file alone is compiled with fused multiplication and addition
 * (see the Makefile): processors that have it, all since 2013, give the same bytes as each other;
 * on one that has not, products are rounded before they are added.
 */
#ifndef NN_SMALL_PRODUCT_PRIVATE_H
#define NN_SMALL_PRODUCT_PRIVATE_H

#include "linalg/gemm.h"
#include "nn/real.h"

enum { SMALL_DEEP = 256 }; /* of sums, at most */

/* c = a b as gemm.h has it, when 'a' lies as it is and k is at most SMALL_DEEP. */
void small_product(const struct gemm *shape, const real *a, size_t lda, const real *b, size_t ldb,
		   real *c, size_t ldc);

#endif
