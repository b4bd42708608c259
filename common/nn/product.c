/* product.c - products by size, and with rows that are mostly zero; see product.h. */
#include "base/util.h"

#include "nn/lanes_private.h"
#include "nn/product.h"
#include "nn/small_product_private.h"

void product(const struct gemm *s, const real *a, size_t lda, const real *b, size_t ldb, real *c,
	     size_t ldc)
{
	if (!s->a_turned && s->k <= SMALL_DEEP)
		small_product(s, a, lda, b, ldb, c, ldc);
	else
#ifdef NN_DOUBLE
		gemm_double(*s, a, lda, b, ldb, c, ldc);
#else
		gemm_float(*s, a, lda, b, ldb, c, ldc);
#endif
}
/* ---- rows that are mostly zero ---- */

/* Eight vectors of y are kept in registers while all that is stored goes by. */
static inline void sparse_wide(const uint32_t *column, const real *value, size_t n_stored,
			       const real *w, size_t n, real *y)
{
	lanes s[8];

	for (size_t v = 0; v < 8; v++)
		s[v] = lanes_load(y + v * LANES);
	for (size_t i = 0; i < n_stored; i++) {
		const real *row = w + column[i] * n;
		real x = value[i];

		s[0] += lanes_load(row) * x;
		s[1] += lanes_load(row + LANES) * x;
		s[2] += lanes_load(row + 2 * LANES) * x;
		s[3] += lanes_load(row + 3 * LANES) * x;
		s[4] += lanes_load(row + 4 * LANES) * x;
		s[5] += lanes_load(row + 5 * LANES) * x;
		s[6] += lanes_load(row + 6 * LANES) * x;
		s[7] += lanes_load(row + 7 * LANES) * x;
	}
	for (size_t v = 0; v < 8; v++)
		lanes_store(y + v * LANES, s[v]);
}

CLONES void product_sparse_row(const uint32_t *column, const real *value, size_t n_stored,
			       const real *w, size_t n, real *y)
{
	size_t j = 0;

	for (; j + 8 * LANES <= n; j += 8 * LANES)
		sparse_wide(column, value, n_stored, w + j, n, y + j);
	for (size_t i = 0; j < n && i < n_stored; i++) {
		const real *row = w + column[i] * n;

		for (size_t at = j; at < n; at++)
			y[at] += value[i] * row[at];
	}
}

CLONES void product_sparse_add(const uint32_t *column, const real *value, size_t n_stored,
			       const real *dy, size_t n, real *w, size_t ldw)
{
	size_t j = 0;

	for (; j + 4 * LANES <= n; j += 4 * LANES) {
		lanes d0 = lanes_load(dy + j), d1 = lanes_load(dy + j + LANES),
		      d2 = lanes_load(dy + j + 2 * LANES), d3 = lanes_load(dy + j + 3 * LANES);

		for (size_t i = 0; i < n_stored; i++) {
			real *row = w + column[i] * ldw + j, x = value[i];

			lanes_store(row, lanes_load(row) + d0 * x);
			lanes_store(row + LANES, lanes_load(row + LANES) + d1 * x);
			lanes_store(row + 2 * LANES, lanes_load(row + 2 * LANES) + d2 * x);
			lanes_store(row + 3 * LANES, lanes_load(row + 3 * LANES) + d3 * x);
		}
	}
	for (size_t i = 0; j < n && i < n_stored; i++)
		for (size_t at = j; at < n; at++)
			w[column[i] * ldw + at] += value[i] * dy[at];
}
