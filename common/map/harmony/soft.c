/* soft.c - see soft.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "linalg/exponential.h"
#include "linalg/ordered.h"
#include "map/harmony/soft.h"

#define CELLS_PER_PART ((size_t)256)
#define CLUSTERS_PER_PART ((size_t)16) /* fewer are more passes over the cells */
#define ROUNDS 10

static size_t n_parts(size_t n, size_t per)
{
	return (n + per - 1) / per;
}

/* ---- unit vectors ---- */

struct soft_rows {
	const double *points;
	double *units;
	size_t n, dims;
};

static void unit_part(void *arg, size_t part)
{
	const struct soft_rows *r = arg;
	size_t end = MIN(r->n, (part + 1) * CELLS_PER_PART);

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		const double *from = r->points + i * r->dims;
		double sum = 0, length;

		for (size_t d = 0; d < r->dims; d++)
			sum += from[d] * from[d];
		length = sum > 0 ? sqrt(sum) : 1;
		for (size_t d = 0; d < r->dims; d++)
			r->units[i * r->dims + d] = from[d] / length;
	}
}

void unit_rows(const double *points, size_t n, size_t dims, double *units, struct pool *pool)
{
	struct soft_rows r = {points, units, n, dims};

	pool_run(pool, n_parts(n, CELLS_PER_PART), unit_part, &r);
}

/* ---- memberships ---- */

struct assigning {
	const double *units;
	double *turned; /* dims x K: a dimension a row */
	size_t n, dims, K;
	double sigma;
	double *members;
	uint32_t *nearest; /* of k-means: the centroid that is nearest, */
	double *moved;     /* and where the centroids go */
};

static struct assigning assigning_to(const double *units, size_t n, size_t dims,
				     const double *centroids, size_t K)
{
	struct assigning a = {.units = units, .n = n, .dims = dims, .K = K};

	MEM_ARRAY(a.turned, mem_product(dims, K) + 1);
	for (size_t k = 0; k < K; k++)
		for (size_t d = 0; d < dims; d++)
			a.turned[d * K + k] = centroids[k * dims + d];
	return a;
}

/* Products of a part's cells with all centroids. Returns how many cells. */
static size_t multiply(const struct assigning *a, size_t part, double *products)
{
	size_t first = part * CELLS_PER_PART, n = MIN(CELLS_PER_PART, a->n - first);

	ordered_product((struct gemm){.m = n, .n = a->K, .k = a->dims}, a->units + first * a->dims,
			a->dims, a->turned, a->K, products, a->K);
	return n;
}

static void assign_part(void *arg, size_t part)
{
	const struct assigning *a = arg;
	double *members = a->members + part * CELLS_PER_PART * a->K, steep = 2 / a->sigma;
	size_t n = multiply(a, part, members);

	for (size_t i = 0; i < n; i++) {
		double *row = members + i * a->K;

		for (size_t k = 0; k < a->K; k++)
			row[k] = (row[k] - 1) * steep;
		softmax(row, a->K, NULL);
	}
}

void soft_assign(const double *units, size_t n, size_t dims, const double *centroids, size_t K,
		 double sigma, struct pool *pool, double *members)
{
	struct assigning a = assigning_to(units, n, dims, centroids, K);

	a.sigma = sigma;
	a.members = members;
	pool_run(pool, n_parts(n, CELLS_PER_PART), assign_part, &a);
	free(a.turned);
}

static void nearest_part(void *arg, size_t part)
{
	const struct assigning *a = arg;
	double *products = mem_alloc(CELLS_PER_PART * a->K, sizeof(*products));
	size_t n = multiply(a, part, products);

	for (size_t i = 0; i < n; i++) {
		const double *row = products + i * a->K;
		uint32_t best = 0;

		for (uint32_t k = 1; k < a->K; k++)
			if (row[k] > row[best])
				best = k;
		a->nearest[part * CELLS_PER_PART + i] = best;
	}
	free(products);
}

/* ---- sums ---- */

struct summing {
	const double *members, *points;
	size_t n, dims, K;
	double *weights, *sums;
};

static void sum_part(void *arg, size_t part)
{
	const struct summing *s = arg;
	size_t k = part * CLUSTERS_PER_PART, n = MIN(CLUSTERS_PER_PART, s->K - k);
	struct gemm shape = {.m = n, .n = s->dims, .a_turned = true, .add = true};

	memset(s->weights + k, 0, n * sizeof(*s->weights));
	memset(s->sums + k * s->dims, 0, n * s->dims * sizeof(*s->sums));
	for (size_t first = 0; first < s->n; first += CELLS_PER_PART) {
		const double *members = s->members + first * s->K + k;

		shape.k = MIN(CELLS_PER_PART, s->n - first);
		for (size_t i = 0; i < shape.k; i++)
			for (size_t j = 0; j < n; j++)
				s->weights[k + j] += members[i * s->K + j];
		ordered_product(shape, members, s->K, s->points + first * s->dims, s->dims,
				s->sums + k * s->dims, s->dims);
	}
}

void soft_sums(const double *members, const double *points, size_t n, size_t dims, size_t K,
	       struct pool *pool, double *weights, double *sums)
{
	struct summing s = {members, points, n, dims, K, weights, sums};

	pool_run(pool, n_parts(K, CLUSTERS_PER_PART), sum_part, &s);
}

/* ---- first centroids ---- */

struct seeding {
	const double *units, *centre;
	size_t n, dims;
	double *least; /* per cell: squared distance from the nearest centre so far */
};

#define LANES ((size_t)4)

CLONES static double square_apart(const double *a, const double *b, size_t dims)
{
	double sum[LANES] = {0}, all = 0;
	size_t d = 0;

	for (; d + LANES <= dims; d += LANES)
		for (size_t j = 0; j < LANES; j++)
			sum[j] += (a[d + j] - b[d + j]) * (a[d + j] - b[d + j]);
	for (; d < dims; d++)
		all += (a[d] - b[d]) * (a[d] - b[d]);
	for (size_t j = 0; j < LANES; j++)
		all += sum[j];
	return all;
}

static void seed_part(void *arg, size_t part)
{
	const struct seeding *s = arg;
	size_t end = MIN(s->n, (part + 1) * CELLS_PER_PART);

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		double sum = square_apart(s->units + i * s->dims, s->centre, s->dims);

		s->least[i] = MIN(s->least[i], sum);
	}
}

/* The cell at which the running sum of 'least' passes a share of the whole. */
static size_t draw(const double *least, size_t n, struct rng *rng)
{
	double all = 0, sum = 0, at;

	for (size_t i = 0; i < n; i++)
		all += least[i];
	if (!(all > 0))
		return rng_below(rng, n);
	at = rng_unit(rng) * all;
	for (size_t i = 0; i < n; i++) {
		sum += least[i];
		if (sum > at)
			return i;
	}
	return n - 1;
}

static void seed_centroids(const double *units, size_t n, size_t dims, size_t K, uint64_t seed,
			   struct pool *pool, double *centroids)
{
	struct rng rng = rng_seeded(seed);
	struct seeding s = {units, NULL, n, dims, mem_alloc(n + 1, sizeof(double))};

	for (size_t i = 0; i < n; i++)
		s.least[i] = 4;
	for (size_t k = 0; k < K; k++) {
		size_t cell = k ? draw(s.least, n, &rng) : rng_below(&rng, n);

		s.centre = memcpy(centroids + k * dims, units + cell * dims,
				  dims * sizeof(*centroids));
		pool_run(pool, n_parts(n, CELLS_PER_PART), seed_part, &s);
	}
	free(s.least);
}

/* A centroid is the direction of the sum of its cells; one that has none stays. */
static void move_part(void *arg, size_t part)
{
	struct assigning *a = arg;
	size_t from = part * CLUSTERS_PER_PART, to = MIN(from + CLUSTERS_PER_PART, a->K);
	double *sums = mem_zero(mem_product(to - from, a->dims), sizeof(*sums));
	size_t *counts = mem_zero(to - from, sizeof(*counts));

	for (size_t i = 0; i < a->n; i++) {
		size_t k = a->nearest[i];

		if (k < from || k >= to)
			continue;
		counts[k - from]++;
		for (size_t d = 0; d < a->dims; d++)
			sums[(k - from) * a->dims + d] += a->units[i * a->dims + d];
	}
	for (size_t k = from; k < to; k++)
		if (counts[k - from])
			unit_rows(sums + (k - from) * a->dims, 1, a->dims, a->moved + k * a->dims,
				  NULL);
	free(counts);
	free(sums);
}

/* Cells evenly from all, a copy; NULL when they are few enough. */
static double *choose_cells(const double *units, size_t n, size_t dims, size_t n_chosen)
{
	double *some = NULL;

	if (n <= n_chosen)
		return NULL;
	some = mem_alloc(mem_product(n_chosen, dims), sizeof(*some));
	for (size_t i = 0; i < n_chosen; i++) {
		size_t from = (size_t)((double)i * (double)n / (double)n_chosen);

		memcpy(some + i * dims, units + from * dims, dims * sizeof(*some));
	}
	return some;
}

void soft_centroids(const double *units, size_t n, size_t dims, size_t K, uint64_t seed,
		    struct pool *pool, double *centroids)
{
	double *some = choose_cells(units, n, dims, mem_product(K, SOFT_LEARN));

	if (some) {
		units = some;
		n = K * SOFT_LEARN;
	}
	seed_centroids(units, n, dims, K, seed, pool, centroids);
	for (int round = 0; round < ROUNDS; round++) {
		struct assigning a = assigning_to(units, n, dims, centroids, K);

		a.moved = centroids;
		MEM_ARRAY(a.nearest, n + 1);
		pool_run(pool, n_parts(n, CELLS_PER_PART), nearest_part, &a);
		pool_run(pool, n_parts(K, CLUSTERS_PER_PART), move_part, &a);
		free(a.nearest);
		free(a.turned);
	}
	free(some);
}
