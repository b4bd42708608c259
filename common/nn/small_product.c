/* small_product.c - products of matrices that fit the cache; see small_product_private.h. */
#include "base/util.h"

#include "nn/lanes_private.h"
#include "nn/small_product_private.h"

#define PANEL (2 * LANES) /* columns of a panel */
#define TILE ((size_t)6)  /* rows of a tile: with two vectors each they fill the registers */

/* ---- panels: some columns of b, k x PANEL, one row behind the other ---- */

INLINE void take_panel(const real *b, size_t ldb, size_t k, real *panel)
{
	for (size_t at = 0; at < k; at++) {
		lanes_store(panel + at * PANEL, lanes_load(b + at * ldb));
		lanes_store(panel + at * PANEL + LANES, lanes_load(b + at * ldb + LANES));
	}
}

/* The last columns, fewer than PANEL; the rest of the panel is 0. */
INLINE void take_edge(const real *b, size_t ldb, size_t k, size_t n, real *panel)
{
	memset(panel, 0, k * PANEL * sizeof(*panel));
	for (size_t at = 0; at < k; at++)
		memcpy(panel + at * PANEL, b + at * ldb, n * sizeof(*panel));
}

#ifndef NN_DOUBLE
/* Lanes of two vectors by number: from 8 on they are the second's. */
#ifdef __clang__
#define MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int32_t places __attribute__((vector_size(32)));
#define MIX(a, b, ...) __builtin_shuffle(a, b, (places){__VA_ARGS__})
#endif

/* Eight rows of eight numbers become columns: pairs, then fours, then halves change places. */
INLINE void turn_block(const real *b, size_t ldb, real *to)
{
	lanes r[8], pair[8], four[8];

	UNROLLED
	for (size_t i = 0; i < 8; i++)
		r[i] = lanes_load(b + i * ldb);
	UNROLLED
	for (size_t i = 0; i < 8; i += 2) {
		pair[i] = MIX(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
		pair[i + 1] = MIX(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
	}
	UNROLLED
	for (size_t i = 0; i < 8; i += 4)
		UNROLLED
	for (size_t j = 0; j < 2; j++) {
		lanes x = pair[i + j], y = pair[i + j + 2];

		four[i + 2 * j] = MIX(x, y, 0, 1, 8, 9, 4, 5, 12, 13);
		four[i + 2 * j + 1] = MIX(x, y, 2, 3, 10, 11, 6, 7, 14, 15);
	}
	UNROLLED
	for (size_t i = 0; i < 4; i++) {
		lanes x = four[i], y = four[i + 4];

		lanes_store(to + i * PANEL, MIX(x, y, 0, 1, 2, 3, 8, 9, 10, 11));
		lanes_store(to + (i + 4) * PANEL, MIX(x, y, 4, 5, 6, 7, 12, 13, 14, 15));
	}
}

#define BLOCK ((size_t)8)
#else
#define BLOCK ((size_t)1) /* one by one: doubles are for tests */
INLINE void turn_block(const real *b, size_t ldb, real *to)
{
	for (size_t j = 0; j < LANES; j++)
		to[j] = b[j * ldb];
}
#endif

/* The same of a b that lies turned: columns are its rows. */
INLINE void take_turned(const real *b, size_t ldb, size_t k, size_t n, real *panel)
{
	size_t at = 0;

	for (; n == PANEL && at + BLOCK <= k; at += BLOCK)
		for (size_t j = 0; j < PANEL; j += LANES)
			turn_block(b + j * ldb + at, ldb, panel + at * PANEL + j);
	for (; at < k; at++)
		for (size_t j = 0; j < PANEL; j++)
			panel[at * PANEL + j] = j < n ? b[j * ldb + at] : 0;
}

/* ---- tiles: TILE rows or fewer of the result, as wide as a panel ---- */

INLINE void tile(const real *a, size_t lda, const real *panel, size_t k, real *c, size_t ldc,
		 const size_t rows, bool add)
{
	lanes left[TILE], right[TILE];

	UNROLLED
	for (size_t i = 0; i < rows; i++) {
		left[i] = add ? lanes_load(c + i * ldc) : (lanes){0};
		right[i] = add ? lanes_load(c + i * ldc + LANES) : (lanes){0};
	}
	for (size_t at = 0; at < k; at++) {
		lanes b = lanes_load(panel + at * PANEL);
		lanes next = lanes_load(panel + at * PANEL + LANES);

		UNROLLED
		for (size_t i = 0; i < rows; i++) {
			real x = a[i * lda + at];

			left[i] += b * x;
			right[i] += next * x;
		}
	}
	UNROLLED
	for (size_t i = 0; i < rows; i++) {
		lanes_store(c + i * ldc, left[i]);
		lanes_store(c + i * ldc + LANES, right[i]);
	}
}

/* As many rows as there are. */
INLINE void tiles(const real *a, size_t lda, const real *panel, size_t k, real *c, size_t ldc,
		  size_t m, bool add)
{
	size_t i = 0;

	for (; i + TILE <= m; i += TILE)
		tile(a + i * lda, lda, panel, k, c + i * ldc, ldc, TILE, add);
	a += i * lda;
	c += i * ldc;
	switch (m - i) {
	case 5:
		tile(a, lda, panel, k, c, ldc, 5, add);
		break;
	case 4:
		tile(a, lda, panel, k, c, ldc, 4, add);
		break;
	case 3:
		tile(a, lda, panel, k, c, ldc, 3, add);
		break;
	case 2:
		tile(a, lda, panel, k, c, ldc, 2, add);
		break;
	case 1:
		tile(a, lda, panel, k, c, ldc, 1, add);
		break;
	default:
		break;
	}
}

/* The last columns, by way of a tile of their own. */
INLINE void edge_tiles(const real *a, size_t lda, const real *panel, size_t k, real *c, size_t ldc,
		       size_t m, size_t n, bool add)
{
	real room[TILE * PANEL] = {0};

	for (size_t i = 0; i < m; i += TILE) {
		size_t rows = MIN(TILE, m - i);

		for (size_t r = 0; add && r < rows; r++)
			memcpy(room + r * PANEL, c + (i + r) * ldc, n * sizeof(*c));
		tiles(a + i * lda, lda, panel, k, room, PANEL, rows, add);
		for (size_t r = 0; r < rows; r++)
			memcpy(c + (i + r) * ldc, room + r * PANEL, n * sizeof(*c));
	}
}

FUSED_CLONES void small_product(const struct gemm *s, const real *a, size_t lda, const real *b,
				size_t ldb, real *c, size_t ldc)
{
	real panel[SMALL_DEEP * PANEL] __attribute__((aligned(32)));

	for (size_t j = 0; j < s->n; j += PANEL) {
		size_t n = MIN(PANEL, s->n - j);

		if (s->b_turned)
			take_turned(b + j * ldb, ldb, s->k, n, panel);
		else if (n == PANEL)
			take_panel(b + j, ldb, s->k, panel);
		else
			take_edge(b + j, ldb, s->k, n, panel);
		if (n == PANEL)
			tiles(a, lda, panel, s->k, c + j, ldc, s->m, s->add);
		else
			edge_tiles(a, lda, panel, s->k, c + j, ldc, s->m, n, s->add);
	}
}
