/* lbfgs_products.c - inner products with the newest pair and the gradient. */
#include "base/util.h"

#include "base/watch.h"
#include "train/solver/lbfgs_private.h"

#define NEAR_ROWS 32 /* rows of the three new vectors that stay in the nearest cache */

struct sums {
	struct lbfgs *l;
	const double *gradient;
	size_t strips;
	double *partial; /* strip, vector, which of the three, lane */
};

/* Products of one vector with the three new ones over a few rows, four lanes wide. */
static inline __attribute__((always_inline)) void add_products(const float *v, const float *step,
							       const float *change,
							       const double *gradient, size_t width,
							       size_t rows, double *sums, size_t n)
{
	double4 a = {0}, b = {0}, c = {0};

	for (size_t row = 0; row < rows; row++) {
		double4 x = __builtin_convertvector(*(const float4 *)(v + row * width), double4);

		a += x * __builtin_convertvector(*(const float4 *)(step + row * width), double4);
		b += x * __builtin_convertvector(*(const float4 *)(change + row * width), double4);
		c += x * *(const double4 *)(gradient + row * width);
	}
	*(double4 *)sums += a;
	*(double4 *)(sums + n) += b;
	*(double4 *)(sums + 2 * n) += c;
}

/* The part of a strip in one band: all vectors against the three new ones. */
UNWATCHED CLONES static void strip_products(const struct lbfgs *l, const double *gradient,
					    size_t band, size_t first, size_t last, double *sums)
{
	size_t width = l->lanes->width[band], n = l->lanes->n, start = l->lanes->start[band];
	const float *step = l->vector[l->newest], *change = l->vector[l->memory + l->newest];

	for (size_t row = first; row < last; row += NEAR_ROWS) {
		size_t rows = MIN(NEAR_ROWS, last - row), at = l->rows * start + row * width;

		for (size_t v = 0; v < 2 * l->memory; v++) {
			double *to = sums + v * 3 * n + start;

			if (!l->vector[v])
				continue;
			for (size_t lane = 0; lane < width; lane += 4)
				add_products(l->vector[v] + at + lane, step + at + lane,
					     change + at + lane, gradient + at + lane, width, rows,
					     to + lane, n);
		}
	}
}

/* What strip_products reads and writes. */
static void watch_products(const struct lbfgs *l, const double *gradient, size_t band, size_t first,
			   size_t last, const double *sums)
{
	size_t width = l->lanes->width[band], start = l->lanes->start[band];
	size_t at = l->rows * start + first * width, values = (last - first) * width;

	watch_read(gradient + at, 1, values * sizeof(*gradient), 0);
	for (size_t v = 0; v < 2 * l->memory; v++) {
		if (!l->vector[v])
			continue;
		watch_read(l->vector[v] + at, 1, values * sizeof(**l->vector), 0);
		watch_write(sums + v * 3 * l->lanes->n + start, 3, width * sizeof(*sums),
			    l->lanes->n * sizeof(*sums));
	}
}

static void sums_part(void *arg, size_t strip)
{
	struct sums *s = arg;
	size_t first = strip * STRIP_ROWS, last = MIN(first + STRIP_ROWS, s->l->rows);
	double *sums = s->partial + strip * 2 * s->l->memory * 3 * s->l->lanes->n;

	for (size_t band = 0; band < s->l->lanes->n_bands; band++) {
		watch_products(s->l, s->gradient, band, first, last, sums);
		strip_products(s->l, s->gradient, band, first, last, sums);
	}
}

static void store_products(struct lbfgs *l, size_t vector, const double *sums)
{
	size_t n = l->lanes->n, bytes = n * sizeof(double);
	size_t fresh[3] = {l->newest, l->memory + l->newest, l->n_vectors - 1};

	for (size_t i = 0; i < 3; i++) {
		memcpy(product_of(l, fresh[i], vector), sums + i * n, bytes);
		memcpy(product_of(l, vector, fresh[i]), sums + i * n, bytes);
	}
}

void lbfgs_update_products(struct lbfgs *l, const double *gradient)
{
	size_t n = l->lanes->n, per_strip = 2 * l->memory * 3 * n;
	struct sums s = {.l = l, .gradient = gradient};

	s.strips = lbfgs_strips(l);
	s.partial = mem_vectors(mem_product(s.strips, per_strip), sizeof(*s.partial));
	pool_run(l->pool, s.strips, sums_part, &s);
	for (size_t strip = 1; strip < s.strips; strip++)
		for (size_t i = 0; i < per_strip; i++)
			s.partial[i] += s.partial[strip * per_strip + i];
	for (size_t v = 0; v < 2 * l->memory; v++)
		if (l->vector[v])
			store_products(l, v, s.partial + v * 3 * n);
	free(s.partial);
}
