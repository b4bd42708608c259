/* soft.c - see soft.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "linalg/exponential.h"
#include "map/harmony/soft.h"

#define CELLS_PER_PART ((size_t)512)
#define CLUSTERS_PER_PART ((size_t)32) /* fewer are more passes over the cells */
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

/* ---- distances and memberships ---- */

struct assigning {
	const double *units;
	double *turned; /* dims x K */
	size_t n, dims, K;
	double sigma; /* 0: distances alone */
	double *out;
};

CLONES void soft_distances_of(const double *unit, const double *turned, size_t dims, size_t K,
			      double *out)
{
	for (size_t k = 0; k < K; k++)
		out[k] = 0;
	for (size_t d = 0; d < dims; d++)
		for (size_t k = 0; k < K; k++)
			out[k] += unit[d] * turned[d * K + k];
	for (size_t k = 0; k < K; k++)
		out[k] = 2 * (1 - out[k]);
}

static void assign_part(void *arg, size_t part)
{
	const struct assigning *a = arg;
	size_t end = MIN(a->n, (part + 1) * CELLS_PER_PART);

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		double *out = a->out + i * a->K;

		soft_distances_of(a->units + i * a->dims, a->turned, a->dims, a->K, out);
		if (a->sigma <= 0)
			continue;
		for (size_t k = 0; k < a->K; k++)
			out[k] = -out[k] / a->sigma;
		softmax(out, a->K);
	}
}

static void assign(const double *units, size_t n, size_t dims, const double *centroids, size_t K,
		   double sigma, struct pool *pool, double *out)
{
	struct assigning a = {
		.units = units, .n = n, .dims = dims, .K = K, .sigma = sigma, .out = out};

	MEM_ARRAY(a.turned, dims * K + 1);
	for (size_t k = 0; k < K; k++)
		for (size_t d = 0; d < dims; d++)
			a.turned[d * K + k] = centroids[k * dims + d];
	pool_run(pool, n_parts(n, CELLS_PER_PART), assign_part, &a);
	free(a.turned);
}

/* distances[i * K + k] = 2 (1 - centroid_k . unit_i) */
static void soft_distances(const double *units, size_t n, size_t dims, const double *centroids,
			   size_t K, struct pool *pool, double *distances)
{
	assign(units, n, dims, centroids, K, 0, pool, distances);
}

void soft_assign(const double *units, size_t n, size_t dims, const double *centroids, size_t K,
		 double sigma, struct pool *pool, double *members)
{
	assign(units, n, dims, centroids, K, sigma, pool, members);
}

/* ---- sums ---- */

struct summing {
	const double *members, *points;
	size_t n, dims, K;
	double *weights, *sums;
};

CLONES static void add_cell(const double *members, size_t n_clusters, const double *point,
			    size_t dims, double *weights, double *sums)
{
	for (size_t k = 0; k < n_clusters; k++) {
		weights[k] += members[k];
		for (size_t d = 0; d < dims; d++)
			sums[k * dims + d] += members[k] * point[d];
	}
}

static void sum_part(void *arg, size_t part)
{
	const struct summing *s = arg;
	size_t k = part * CLUSTERS_PER_PART, n = MIN(CLUSTERS_PER_PART, s->K - k);

	memset(s->weights + k, 0, n * sizeof(*s->weights));
	memset(s->sums + k * s->dims, 0, n * s->dims * sizeof(*s->sums));
	for (size_t i = 0; i < s->n; i++)
		add_cell(s->members + i * s->K + k, n, s->points + i * s->dims, s->dims,
			 s->weights + k, s->sums + k * s->dims);
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

static void seed_part(void *arg, size_t part)
{
	const struct seeding *s = arg;
	size_t end = MIN(s->n, (part + 1) * CELLS_PER_PART);

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		double sum = 0;

		for (size_t d = 0; d < s->dims; d++) {
			double apart = s->units[i * s->dims + d] - s->centre[d];

			sum += apart * apart;
		}
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

/* A cell's nearest centroid gets all of it. */
static void harden(double *distances, size_t n, size_t K)
{
	for (size_t i = 0; i < n; i++) {
		double *row = distances + i * K;
		size_t best = 0;

		for (size_t k = 1; k < K; k++)
			if (row[k] < row[best])
				best = k;
		for (size_t k = 0; k < K; k++)
			row[k] = k == best;
	}
}

void soft_centroids(const double *units, size_t n, size_t dims, size_t K, uint64_t seed,
		    struct pool *pool, double *centroids)
{
	double *members = mem_alloc(mem_product(n, K) + 1, sizeof(*members));
	double *weights = mem_alloc(K, sizeof(*weights));
	double *sums = mem_alloc(mem_product(K, dims), sizeof(*sums));

	seed_centroids(units, n, dims, K, seed, pool, centroids);
	for (int round = 0; round < ROUNDS; round++) {
		soft_distances(units, n, dims, centroids, K, pool, members);
		harden(members, n, K);
		soft_sums(members, units, n, dims, K, pool, weights, sums);
		for (size_t k = 0; k < K; k++)
			if (weights[k] > 0)
				memcpy(centroids + k * dims, sums + k * dims, dims * sizeof(*sums));
		unit_rows(centroids, K, dims, centroids, pool);
	}
	free(sums);
	free(weights);
	free(members);
}
