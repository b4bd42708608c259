#include "base/util.h"

#include "model/lbfgs.h"

#define STRIP_ROWS 512 /* rows of a part; its sums are added up in order */
#define NEAR_ROWS 32   /* rows of the three new vectors that stay in the nearest cache */

typedef float float4 __attribute__((vector_size(16), may_alias));
typedef double double4 __attribute__((vector_size(32), may_alias));

/*
 * The vectors of a lane are numbered: slot k of the ring holds step k and change memory + k; the
 * gradient is last. 'product' holds all their inner products, per lane.
 */
struct lbfgs {
	size_t rows, memory, n_vectors;
	size_t n_pairs, newest; /* in the ring */
	bool joint;
	struct pool *pool;
	const struct lanes *lanes;
	float **vector;  /* 2 * memory of them; NULL until used */
	double *product; /* (a * n_vectors + b) * lanes->n + lane */
	uint8_t *sound;  /* slot * lanes->n + lane: the pair has positive curvature */
};

struct lbfgs *lbfgs_new(size_t rows, const struct lanes *lanes, size_t memory, bool joint,
			struct pool *pool)
{
	struct lbfgs *l = mem_zero(1, sizeof(*l));

	l->rows = rows;
	l->memory = memory;
	l->n_vectors = 2 * memory + 1;
	l->joint = joint;
	l->pool = pool;
	l->lanes = lanes;
	MEM_ZERO(l->vector, 2 * memory);
	MEM_ZERO(l->product, mem_product(l->n_vectors * l->n_vectors, lanes->n));
	MEM_ZERO(l->sound, memory * lanes->n);
	return l;
}

void lbfgs_free(struct lbfgs *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < 2 * l->memory; i++)
		free(l->vector[i]);
	free(l->vector);
	free(l->product);
	free(l->sound);
	free(l);
}

static double *product_of(const struct lbfgs *l, size_t a, size_t b)
{
	return l->product + (a * l->n_vectors + b) * l->lanes->n;
}

/* ---- inner products with the newest pair and the gradient ---- */

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
CLONES static void strip_products(const struct lbfgs *l, const double *gradient, size_t band,
				  size_t first, size_t last, double *sums)
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

static void sums_part(void *arg, size_t strip)
{
	struct sums *s = arg;
	size_t first = strip * STRIP_ROWS, last = MIN(first + STRIP_ROWS, s->l->rows);
	double *sums = s->partial + strip * 2 * s->l->memory * 3 * s->l->lanes->n;

	for (size_t band = 0; band < s->l->lanes->n_bands; band++)
		strip_products(s->l, s->gradient, band, first, last, sums);
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

static void update_products(struct lbfgs *l, const double *gradient)
{
	size_t n = l->lanes->n, per_strip = 2 * l->memory * 3 * n;
	struct sums s = {.l = l, .gradient = gradient};

	s.strips = (l->rows + STRIP_ROWS - 1) / STRIP_ROWS;
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

/* ---- taking a step ---- */

struct push {
	struct lbfgs *l;
	const double *step, *direction, *before, *after;
};

static void push_part(void *arg, size_t strip)
{
	const struct push *p = arg;
	struct lbfgs *l = p->l;
	float *s = l->vector[l->newest], *y = l->vector[l->memory + l->newest];
	size_t first = strip * STRIP_ROWS, last = MIN(first + STRIP_ROWS, l->rows);

	for (size_t band = 0; band < l->lanes->n_bands; band++) {
		size_t width = l->lanes->width[band], start = l->lanes->start[band];

		for (size_t row = first; row < last; row++) {
			size_t at = l->rows * start + row * width;

			for (size_t lane = 0; lane < width; lane++, at++) {
				s[at] = (float)(p->step[start + lane] * p->direction[at]);
				y[at] = (float)(p->after[at] - p->before[at]);
			}
		}
	}
}

/* A pair is sound when its curvature is positive beyond rounding. */
static void judge_pair(struct lbfgs *l)
{
	size_t s = l->newest, y = l->memory + s, n = l->lanes->n;
	double sy = 0, ss = 0, yy = 0;

	for (size_t lane = 0; lane < n; lane++) {
		double a = product_of(l, s, y)[lane], b = product_of(l, s, s)[lane],
		       c = product_of(l, y, y)[lane];

		l->sound[s * n + lane] = a > 0 && a * a > 1e-20 * b * c;
		sy += a;
		ss += b;
		yy += c;
	}
	if (l->joint)
		memset(l->sound + s * n, sy > 0 && sy * sy > 1e-20 * ss * yy, n);
}

void lbfgs_push(struct lbfgs *l, const double *step, const double *direction, const double *before,
		const double *after)
{
	struct push p = {l, step, direction, before, after};
	size_t numbers = mem_product(l->rows, l->lanes->n);

	l->newest = l->n_pairs ? (l->newest + 1) % l->memory : 0;
	l->n_pairs = MIN(l->n_pairs + 1, l->memory);
	if (!l->vector[l->newest]) {
		l->vector[l->newest] = mem_vectors(numbers, sizeof(float));
		l->vector[l->memory + l->newest] = mem_vectors(numbers, sizeof(float));
	}
	pool_run(l->pool, (l->rows + STRIP_ROWS - 1) / STRIP_ROWS, push_part, &p);
	update_products(l, after);
	judge_pair(l);
}

/* ---- the direction ---- */

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
CLONES static void strip_direction(const struct direct *d, size_t band, size_t first, size_t last,
				   double *sums)
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

static void direction_part(void *arg, size_t strip)
{
	const struct direct *d = arg;
	size_t first = strip * STRIP_ROWS, last = MIN(first + STRIP_ROWS, d->l->rows);

	for (size_t band = 0; band < d->l->lanes->n_bands; band++)
		strip_direction(d, band, first, last, d->partial + strip * d->l->lanes->n);
}

void lbfgs_direction(struct lbfgs *l, const double *gradient, double *direction, double *slope)
{
	size_t n = l->lanes->n, strips = (l->rows + STRIP_ROWS - 1) / STRIP_ROWS;
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

void lbfgs_forget(struct lbfgs *l, size_t lane)
{
	for (size_t k = 0; k < l->memory; k++)
		l->sound[k * l->lanes->n + lane] = 0;
}

void lbfgs_keep(struct lbfgs *l, const struct lanes *from, const struct lanes *to)
{
	size_t n_products = l->n_vectors * l->n_vectors;
	double *product = mem_zero(mem_product(n_products, to->n), sizeof(*product));
	uint8_t *sound = mem_zero(l->memory * to->n, 1);

	for (size_t v = 0; v < 2 * l->memory; v++) {
		float *kept;

		if (!l->vector[v])
			continue;
		kept = mem_vectors(mem_product(l->rows, to->n), sizeof(*kept));
		lanes_copy(kept, to, l->vector[v], from, l->rows, sizeof(*kept));
		free(l->vector[v]);
		l->vector[v] = kept;
	}
	for (size_t lane = 0; lane < to->n_used; lane++) {
		size_t old = from->lane_of[to->class_of[lane]];

		for (size_t i = 0; i < n_products; i++)
			product[i * to->n + lane] = l->product[i * from->n + old];
		for (size_t k = 0; k < l->memory; k++)
			sound[k * to->n + lane] = l->sound[k * from->n + old];
	}
	free(l->product);
	free(l->sound);
	l->product = product;
	l->sound = sound;
	l->lanes = to;
}
