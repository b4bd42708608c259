/* product.c - products with rows that are mostly zero; see product.h. */
#include "base/util.h"

#include "nn/product.h"

/* Vectors of 32 bytes, which keep sums in registers on every processor that has such. */
typedef real lanes __attribute__((vector_size(32)));
typedef real loose __attribute__((vector_size(32), aligned(sizeof(real)), may_alias));

#define LANES (32 / sizeof(real))

static inline lanes load(const real *at)
{
	return *(const loose *)at;
}

static inline void store(real *at, lanes x)
{
	*(loose *)at = x;
}

/* Eight vectors of y are kept in registers while all that is stored goes by. */
static inline void sparse_wide(const uint32_t *column, const real *value, size_t n_stored,
			       const real *w, size_t n, real *y)
{
	lanes s[8];

	for (size_t v = 0; v < 8; v++)
		s[v] = load(y + v * LANES);
	for (size_t i = 0; i < n_stored; i++) {
		const real *row = w + column[i] * n;
		real x = value[i];

		s[0] += load(row) * x;
		s[1] += load(row + LANES) * x;
		s[2] += load(row + 2 * LANES) * x;
		s[3] += load(row + 3 * LANES) * x;
		s[4] += load(row + 4 * LANES) * x;
		s[5] += load(row + 5 * LANES) * x;
		s[6] += load(row + 6 * LANES) * x;
		s[7] += load(row + 7 * LANES) * x;
	}
	for (size_t v = 0; v < 8; v++)
		store(y + v * LANES, s[v]);
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
		lanes d0 = load(dy + j), d1 = load(dy + j + LANES), d2 = load(dy + j + 2 * LANES),
		      d3 = load(dy + j + 3 * LANES);

		for (size_t i = 0; i < n_stored; i++) {
			real *row = w + column[i] * ldw + j, x = value[i];

			store(row, load(row) + d0 * x);
			store(row + LANES, load(row + LANES) + d1 * x);
			store(row + 2 * LANES, load(row + 2 * LANES) + d2 * x);
			store(row + 3 * LANES, load(row + 3 * LANES) + d3 * x);
		}
	}
	for (size_t i = 0; j < n && i < n_stored; i++)
		for (size_t at = j; at < n; at++)
			w[column[i] * ldw + at] += value[i] * dy[at];
}
