/* spread.c - see spread.h. */
#include "base/util.h"

#include <math.h>

#include "linalg/cholesky.h"
#include "map/spread.h"

#define LEAST_MEMBERSHIP 1e-12
#define CELLS_PER_PART ((size_t)256)

/* ---- means and factors ---- */

struct spreading {
	const double *members, *points;
	size_t n, dims, K;
	struct ref_spread *out;
};

static double weighted_mean(const struct spreading *s, size_t k, double *mean)
{
	double total = 0;

	memset(mean, 0, s->dims * sizeof(*mean));
	for (size_t i = 0; i < s->n; i++) {
		double w = s->members[i * s->K + k];

		if (w < LEAST_MEMBERSHIP)
			continue;
		total += w;
		for (size_t d = 0; d < s->dims; d++)
			mean[d] += w * s->points[i * s->dims + d];
	}
	for (size_t d = 0; d < s->dims && total > 0; d++)
		mean[d] /= total;
	return total;
}

/* The lower triangle of the covariance, in a full matrix. */
static void weighted_covariance(const struct spreading *s, size_t k, double total,
				const double *mean, double *apart, double *covariance)
{
	size_t dims = s->dims;
	double squares = 0;

	memset(covariance, 0, dims * dims * sizeof(*covariance));
	for (size_t i = 0; i < s->n; i++) {
		double w = s->members[i * s->K + k];

		if (w < LEAST_MEMBERSHIP)
			continue;
		w /= total;
		squares += w * w;
		for (size_t d = 0; d < dims; d++)
			apart[d] = s->points[i * dims + d] - mean[d];
		for (size_t d = 0; d < dims; d++)
			for (size_t e = 0; e <= d; e++)
				covariance[d * dims + e] += w * apart[d] * apart[e];
	}
	for (size_t i = 0; i < dims * dims && squares < 1; i++)
		covariance[i] /= 1 - squares;
}

/* Factor, with as much of a ridge as that takes; the triangle packed by row. */
static void factor(double *covariance, double *room, size_t dims, double *packed)
{
	double trace = 0, ridge = 0;

	for (size_t d = 0; d < dims; d++)
		trace += covariance[d * dims + d];
	if (!(trace > 0))
		trace = (double)dims;
	for (int tries = 0;; tries++) {
		memcpy(room, covariance, dims * dims * sizeof(*room));
		for (size_t d = 0; d < dims; d++)
			room[d * dims + d] += ridge;
		if (cholesky_factor(room, dims, 1e-10) == 0)
			break;
		ridge = tries ? ridge * 10 : 1e-6 * trace / (double)dims;
	}
	for (size_t d = 0; d < dims; d++)
		memcpy(packed + d * (d + 1) / 2, room + d * dims, (d + 1) * sizeof(*packed));
}

static void spread_part(void *arg, size_t k)
{
	const struct spreading *s = arg;
	size_t dims = s->dims;
	double *mean = s->out->means + k * dims;
	double *room = mem_alloc(2 * dims * dims + dims, sizeof(*room));
	double total = weighted_mean(s, k, mean);

	weighted_covariance(s, k, total > 0 ? total : 1, mean, room + 2 * dims * dims, room);
	factor(room, room + dims * dims, dims, s->out->factors + k * (dims * (dims + 1) / 2));
	free(room);
}

void spread_of(const double *members, const double *points, size_t n, size_t dims, size_t K,
	       struct pool *pool, struct ref_spread *out)
{
	struct spreading s = {members, points, n, dims, K, out};

	out->means = mem_alloc(mem_product(K, dims), sizeof(double));
	out->factors = mem_alloc(mem_product(K, dims * (dims + 1) / 2), sizeof(double));
	pool_run(pool, K, spread_part, &s);
}

/* ---- cells ---- */

struct measuring {
	const struct ref_spread *spread;
	const double *members, *points;
	size_t n, dims, K;
	double *distances;
};

static void measure_part(void *arg, size_t part)
{
	const struct measuring *m = arg;
	size_t end = MIN(m->n, (part + 1) * CELLS_PER_PART), dims = m->dims;
	double *apart = mem_alloc(2 * dims, sizeof(*apart));

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		double sum = 0;

		for (size_t k = 0; k < m->K; k++) {
			double w = m->members[i * m->K + k];

			if (w < LEAST_MEMBERSHIP)
				continue;
			for (size_t d = 0; d < dims; d++)
				apart[d] = m->points[i * dims + d] - m->spread->means[k * dims + d];
			sum += w * cholesky_length(m->spread->factors + k * (dims * (dims + 1) / 2),
						   dims, apart, apart + dims);
		}
		m->distances[i] = sum;
	}
	free(apart);
}

void spread_distances(const struct ref_spread *s, const double *members, const double *points,
		      size_t n, size_t dims, size_t K, struct pool *pool, double *distances)
{
	struct measuring m = {s, members, points, n, dims, K, distances};

	pool_run(pool, (n + CELLS_PER_PART - 1) / CELLS_PER_PART, measure_part, &m);
}

/* ---- groups of query cells ---- */

static size_t nearest_cluster(const double *by, size_t K, const double *mean, size_t dims)
{
	size_t best = 0;
	double most = -INFINITY;

	for (size_t k = 0; k < K; k++) {
		double dot = 0;

		for (size_t d = 0; d < dims; d++)
			dot += by[k * dims + d] * mean[d];
		if (dot > most) {
			most = dot;
			best = k;
		}
	}
	return best;
}

static double group_score(const struct spreading *s, const double *means, const double *nearest_by,
			  size_t K, size_t n_cells)
{
	size_t dims = s->dims;
	double *room = mem_alloc(dims * (dims + 3), sizeof(*room)), sum = NAN;
	double *mean = room + dims * dims, *apart = mean + dims, *other = apart + dims;

	weighted_mean(s, 0, mean);
	weighted_covariance(s, 0, (double)n_cells, mean, apart, room);
	if (cholesky_factor(room, dims, 0) == 0) {
		size_t k = nearest_cluster(nearest_by, K, mean, dims);

		for (size_t d = 0; d < dims; d++)
			apart[d] = other[d] = means[k * dims + d] - mean[d];
		cholesky_solve(room, dims, other, 1);
		sum = 0;
		for (size_t d = 0; d < dims; d++)
			sum += apart[d] * other[d];
		sum = sqrt(sum);
	}
	free(room);
	return sum;
}

void spread_group_scores(const double *means, const double *nearest_by, size_t K,
			 const double *points, const size_t *group, size_t n, size_t n_groups,
			 size_t dims, double *scores)
{
	double *ones = mem_alloc(n + 1, sizeof(*ones));
	double *gathered = mem_alloc(mem_product(n, dims) + 1, sizeof(*gathered));

	for (size_t i = 0; i < n; i++)
		ones[i] = 1;
	for (size_t g = 0; g < n_groups; g++) {
		size_t n_cells = 0;

		for (size_t i = 0; i < n; i++)
			if (group[i] == g)
				memcpy(gathered + n_cells++ * dims, points + i * dims,
				       dims * sizeof(*points));
		struct spreading s = {ones, gathered, n_cells, dims, 1, NULL};
		scores[g] =
			n_cells < 2 * dims ? NAN : group_score(&s, means, nearest_by, K, n_cells);
	}
	free(gathered);
	free(ones);
}
