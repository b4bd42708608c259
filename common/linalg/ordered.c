/* ordered.c - see ordered.h: tiles of four rows by eight columns, summed in registers. */
#include "base/util.h"

#include "base/watch.h"
#include "linalg/ordered.h"

typedef double lanes __attribute__((vector_size(32)));
typedef double loose __attribute__((vector_size(32), aligned(sizeof(double)), may_alias));

#define LANES ((size_t)4)
#define ROWS ((size_t)4)

#define INLINE static inline __attribute__((always_inline))

/* a's value of row i and term k is a[i * row + k * term]. */
struct factors {
	const double *a, *b;
	size_t row, term, n_terms, ldb;
};

/* 'rows' and 'n' (vectors of columns) are constants where this is inlined. 'to' may be 'from'. */
INLINE void sum_tile(struct factors f, const double *from, size_t ldc, bool add, double *to,
		     size_t ldto, size_t rows, size_t n)
{
	lanes sum[ROWS * 2];

#pragma GCC unroll 8
	for (size_t i = 0; i < rows * n; i++)
		sum[i] = add ? (lanes) * (const loose *)(from + i / n * ldc + i % n * LANES)
			     : (lanes){0};
	for (size_t k = 0; k < f.n_terms; k++) {
		const double *b = f.b + k * f.ldb;

#pragma GCC unroll 8
		for (size_t i = 0; i < rows * n; i++)
			sum[i] += f.a[i / n * f.row + k * f.term] *
				  *(const loose *)(b + i % n * LANES);
	}
#pragma GCC unroll 8
	for (size_t i = 0; i < rows * n; i++)
		*(loose *)(to + i / n * ldto + i % n * LANES) = sum[i];
}

/* Fewer columns than a vector has. */
INLINE void sum_narrow(struct factors f, double *c, size_t ldc, bool add, size_t rows, size_t n)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < n; j++) {
			double sum = add ? c[i * ldc + j] : 0;

			for (size_t k = 0; k < f.n_terms; k++)
				sum += f.a[i * f.row + k * f.term] * f.b[k * f.ldb + j];
			c[i * ldc + j] = sum;
		}
}

/* The last columns are those of a vector that ends with the row: what it shares with the one before
 * is reckoned twice and kept once. */
INLINE void sum_rows(struct factors f, double *c, size_t ldc, bool add, size_t rows, size_t n)
{
	const double *b = f.b;
	double last[ROWS * LANES];
	size_t j = 0, over = n % LANES;

	if (n < LANES) {
		sum_narrow(f, c, ldc, add, rows, n);
		return;
	}
	if (over) {
		f.b = b + n - LANES;
		sum_tile(f, c + n - LANES, ldc, add, last, LANES, rows, 1);
	}
	for (; j + 2 * LANES <= n; j += 2 * LANES) {
		f.b = b + j;
		sum_tile(f, c + j, ldc, add, c + j, ldc, rows, 2);
	}
	for (; j + LANES <= n; j += LANES) {
		f.b = b + j;
		sum_tile(f, c + j, ldc, add, c + j, ldc, rows, 1);
	}
	for (size_t i = 0; i < rows && over; i++)
		memcpy(c + i * ldc + j, last + i * LANES + LANES - over, over * sizeof(*c));
}

UNWATCHED CLONES static void multiply(struct gemm s, const double *a, size_t lda, const double *b,
				      size_t ldb, double *c, size_t ldc)
{
	struct factors f = {a, b, s.a_turned ? 1 : lda, s.a_turned ? lda : 1, s.k, ldb};
	size_t i = 0;

	for (; i + ROWS <= s.m; i += ROWS) {
		f.a = a + i * f.row;
		sum_rows(f, c + i * ldc, ldc, s.add, ROWS, s.n);
	}
	for (; i < s.m; i++) {
		f.a = a + i * f.row;
		sum_rows(f, c + i * ldc, ldc, s.add, 1, s.n);
	}
}

void ordered_product(struct gemm s, const double *a, size_t lda, const double *b, size_t ldb,
		     double *c, size_t ldc)
{
	watch_read(a, s.a_turned ? s.k : s.m, (s.a_turned ? s.m : s.k) * sizeof(*a),
		   lda * sizeof(*a));
	watch_read(b, s.k, s.n * sizeof(*b), ldb * sizeof(*b));
	watch_write(c, s.m, s.n * sizeof(*c), ldc * sizeof(*c));
	multiply(s, a, lda, b, ldb, c, ldc);
}
