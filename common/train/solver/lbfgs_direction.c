/* lbfgs_direction.c - the direction, out of the inner products. */
#include "base/util.h"

#include "base/watch.h"
#include "train/solver/lbfgs_private.h"

/* Inner product of vectors 'a' and the one with coefficients 'c', in one lane's products. */
static double combined(const double *products, size_t n_vectors, size_t a, const double *c)
{
	double sum = 0;

	for (size_t b = 0; b < n_vectors; b++)
		sum += c[b] * products[a * n_vectors + b];
	return sum;
}

/* The two-loop recursion on coefficients: c over all vectors, for one problem. */
static void recurse(const struct lbfgs *l, const double *products, const uint8_t *sound, double *c)
{
	size_t m = l->memory, n = l->n_vectors;
	double alpha[64], scale = 0;

	memset(c, 0, n * sizeof(*c));
	c[n - 1] = 1;
	for (size_t i = 0; i < l->n_pairs; i++) {
		size_t k = (l->newest + m - i) % m;
		double sy = products[k * n + m + k];

		if (!sound[k])
			continue;
		alpha[k] = combined(products, n, k, c) / sy;
		c[m + k] -= alpha[k];
		if (scale == 0)
			scale = sy / products[(m + k) * n + m + k];
	}
	for (size_t b = 0; scale > 0 && b < n; b++)
		c[b] *= scale;
	for (size_t i = l->n_pairs; i > 0; i--) {
		size_t k = (l->newest + m - (i - 1)) % m;

		if (sound[k])
			c[k] += alpha[k] -
				combined(products, n, m + k, c) / products[k * n + m + k];
	}
}

struct direct {
	struct lbfgs *l;
	const double *gradient;
	double *direction;
	double *coefficient; /* per vector and lane */
	double *partial;     /* per strip and lane: direction times gradient */
};

static void coefficients_part(void *arg, size_t lane)
{
	struct direct *d = arg;
	struct lbfgs *l = d->l;
	size_t n = l->lanes->n, n_products = l->n_vectors * l->n_vectors;
	double *products = mem_zero(n_products, sizeof(*products)), c[129];
	uint8_t sound[64];

	for (size_t other = l->joint ? 0 : lane; other < (l->joint ? n : lane + 1); other++)
		for (size_t i = 0; i < n_products; i++)
			products[i] += l->product[i * n + other];
	for (size_t k = 0; k < l->memory; k++)
		sound[k] = l->sound[k * n + lane];
	recurse(l, products, sound, c);
	for (size_t v = 0; v < l->n_vectors; v++)
		d->coefficient[v * n + lane] = -c[v];
	free(products);
}

/* direction = sum of coefficient * vector, over a few rows of a band. */
UNWATCHED CLONES static void strip_direction(const struct direct *d, size_t band, size_t first,
					     size_t last, double *sums)
{
	const struct lbfgs *l = d->l;
	size_t width = l->lanes->width[band], start = l->lanes->start[band], n = l->lanes->n;
	const double *c = d->coefficient + start;

	for (size_t row = first; row < last; row++) {
		size_t at = l->rows * start + row * width;

		for (size_t lane = 0; lane < width; lane += 4) {
			double4 g = *(const double4 *)(d->gradient + at + lane);
			double4 sum = g * *(const double4 *)(c + (l->n_vectors - 1) * n + lane);

			for (size_t v = 0; v < 2 * l->memory; v++) {
				if (!l->vector[v])
					continue;
				sum += *(const double4 *)(c + v * n + lane) *
				       __builtin_convertvector(
					       *(const float4 *)(l->vector[v] + at + lane),
					       double4);
			}
			*(double4 *)(d->direction + at + lane) = sum;
			*(double4 *)(sums + start + lane) += sum * g;
		}
	}
}

/* What strip_direction reads and writes. */
static void watch_direction(const struct direct *d, size_t band, size_t first, size_t last,
			    const double *sums)
{
	const struct lbfgs *l = d->l;
	size_t width = l->lanes->width[band], start = l->lanes->start[band], n = l->lanes->n;
	size_t at = l->rows * start + first * width, values = (last - first) * width;

	watch_read(d->gradient + at, 1, values * sizeof(*d->gradient), 0);
	watch_read(d->coefficient + start, l->n_vectors, width * sizeof(*d->coefficient),
		   n * sizeof(*d->coefficient));
	for (size_t v = 0; v < 2 * l->memory; v++)
		if (l->vector[v])
			watch_read(l->vector[v] + at, 1, values * sizeof(**l->vector), 0);
	watch_write(d->direction + at, 1, values * sizeof(*d->direction), 0);
	watch_write(sums + start, 1, width * sizeof(*sums), 0);
}

static void direction_part(void *arg, size_t strip)
{
	const struct direct *d = arg;
	size_t first = strip * STRIP_ROWS, last = MIN(first + STRIP_ROWS, d->l->rows);

	for (size_t band = 0; band < d->l->lanes->n_bands; band++) {
		double *sums = d->partial + strip * d->l->lanes->n;

		watch_direction(d, band, first, last, sums);
		strip_direction(d, band, first, last, sums);
	}
}

void lbfgs_direction(struct lbfgs *l, const double *gradient, double *direction, double *slope)
{
	size_t n = l->lanes->n, strips = lbfgs_strips(l);
	struct direct d = {.l = l, .gradient = gradient, .direction = direction};

	d.coefficient = mem_vectors(l->n_vectors * n, sizeof(double));
	d.partial = mem_vectors(strips * n, sizeof(double));
	pool_run(l->pool, n, coefficients_part, &d);
	pool_run(l->pool, strips, direction_part, &d);
	memset(slope, 0, n * sizeof(*slope));
	for (size_t strip = 0; strip < strips; strip++)
		for (size_t lane = 0; lane < n; lane++)
			slope[lane] += d.partial[strip * n + lane];
	free(d.coefficient);
	free(d.partial);
}
