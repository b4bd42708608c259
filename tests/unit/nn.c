/* nn.c - small products and norms are what plain loops in double say, and the same for any cut. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "nn/norm_layers.h"
#include "nn/product.h"
#include "tap.h"

static real *draw(struct rng *rng, size_t n)
{
	real *x = mem_vectors(n + 1, sizeof(*x));

	for (size_t i = 0; i < n; i++)
		x[i] = (real)rng_normal(rng);
	return x;
}

/* ---- products ---- */

/* One number of c = a b, and what its rounding may be measured by. */
static double entry(const struct gemm *s, const real *a, const real *b, size_t i, size_t j,
		    double *size)
{
	double sum = 0;

	for (size_t at = 0; at < s->k; at++) {
		double x = (double)(s->a_turned ? a[at * s->m + i] : a[i * s->k + at]);
		double y = (double)(s->b_turned ? b[j * s->k + at] : b[at * s->n + j]);

		sum += x * y;
		*size += fabs(x * y);
	}
	return sum;
}

/* The worst difference, relative to the sum of what was added; 1 if a neighbour was written. */
static double worst_of(const struct gemm *s, struct rng *rng)
{
	size_t ldc = s->n + 3; /* there are numbers beside the result */
	real *a = draw(rng, s->m * s->k), *b = draw(rng, s->k * s->n), *c = draw(rng, s->m * ldc);
	real *before = mem_copy(c, s->m * ldc, sizeof(*c));
	double worst = 0;

	product(s, a, s->a_turned ? s->m : s->k, b, s->b_turned ? s->k : s->n, c, ldc);
	for (size_t i = 0; i < s->m; i++)
		for (size_t j = 0; j < ldc; j++) {
			double old = (double)before[i * ldc + j], size = 1, want;

			want = j < s->n ? entry(s, a, b, i, j, &size) + (s->add ? old : 0) : old;
			if (j < s->n)
				worst = fmax(worst, fabs((double)c[i * ldc + j] - want) /
							    (size + fabs(old)));
			else if ((double)c[i * ldc + j] != want)
				worst = 1;
		}
	free(a);
	free(b);
	free(c);
	free(before);
	return worst;
}

static void check_products(void)
{
	static const size_t sizes[] = {1, 2, 5, 6, 7, 8, 15, 16, 17, 30, 33, 64, 128, 257};
	struct rng rng = rng_seeded(3);
	double worst = 0;

	for (size_t round = 0; round < 400; round++) {
		struct gemm s = {.m = sizes[rng_below(&rng, ARRAY_LEN(sizes))],
				 .n = sizes[rng_below(&rng, ARRAY_LEN(sizes))],
				 .k = sizes[rng_below(&rng, ARRAY_LEN(sizes))],
				 .a_turned = rng_below(&rng, 4) == 0,
				 .b_turned = rng_below(&rng, 2),
				 .add = rng_below(&rng, 2)};

		worst = fmax(worst, worst_of(&s, &rng));
	}
	OK(worst < 1e-6, "products of all sizes, turned and added: %.2g", worst);
}

/* Rows of a product do not know how many there are. */
static void check_cuts(void)
{
	struct rng rng = rng_seeded(4);
	struct gemm s = {.m = 23, .n = 37, .k = 128};
	real *a = draw(&rng, s.m * s.k), *b = draw(&rng, s.k * s.n);
	real *whole = mem_vectors(s.m * s.n, sizeof(*whole)),
	     *cut = mem_vectors(s.m * s.n, sizeof(*cut));

	product(&s, a, s.k, b, s.n, whole, s.n);
	for (size_t i = 0; i < 23; i++) {
		s.m = 1;
		product(&s, a + i * s.k, s.k, b, s.n, cut + i * s.n, s.n);
	}
	OK(memcmp(whole, cut, 23 * s.n * sizeof(*cut)) == 0, "row by row: the same bytes");
	free(a);
	free(b);
	free(whole);
	free(cut);
}

/* ---- layer norm ---- */

/* A loss of a row: the sum of weights times what passed the ReLU, in double. */
static double loss_of(const double *x, const real *weight, size_t n)
{
	double mean = 0, variance = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		mean += x[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		variance += (x[i] - mean) * (x[i] - mean) / (double)n;
	for (size_t i = 0; i < n; i++)
		sum += (double)weight[i] * fmax(0, (x[i] - mean) / sqrt(variance + 1e-5));
	return sum;
}

static void check_row(size_t n, struct rng *rng)
{
	real *x = draw(rng, n), *weight = draw(rng, n), *out = mem_vectors(n, sizeof(*out)), spread;
	double *wide = mem_alloc(n, sizeof(*wide)), worst = 0, sum = 0, want;

	for (size_t i = 0; i < n; i++)
		wide[i] = (double)x[i];
	want = loss_of(wide, weight, n);
	spread = layer_norm_row(x, n, out);
	for (size_t i = 0; i < n; i++)
		sum += (double)weight[i] * (double)out[i];
	real *d = mem_copy(weight, n, sizeof(*d));

	layer_norm_row_back(x, spread, out, 1, n, d);
	for (size_t i = 0; i < n; i++) {
		double kept = wide[i], up, down;

		if (fabs((double)x[i]) < 1e-3) /* the ReLU has a corner there */
			continue;
		wide[i] = kept + 1e-6;
		up = loss_of(wide, weight, n);
		wide[i] = kept - 1e-6;
		down = loss_of(wide, weight, n);
		wide[i] = kept;
		worst = fmax(worst, fabs((up - down) / 2e-6 - (double)d[i]));
	}
	OK(fabs(sum - want) < 1e-5 * (double)n && worst < 1e-5,
	   "layer norm of %zu: off by %.2g, its gradient by %.2g", n, fabs(sum - want), worst);
	free(x);
	free(weight);
	free(out);
	free(wide);
	free(d);
}

int main(void)
{
	static const size_t widths[] = {3, 8, 31, 32, 33, 40, 128, 130};
	struct rng rng = rng_seeded(5);

	check_products();
	check_cuts();
	for (size_t i = 0; i < ARRAY_LEN(widths); i++)
		check_row(widths[i], &rng);
	return done_testing();
}
