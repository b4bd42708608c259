/* spread.c - see spread.h. */
#include "base/util.h"

#include <math.h>

#include "linalg/cholesky.h"
#include "linalg/ordered.h"
#include "map/harmony/soft.h"
#include "map/spread.h"

#define LEAST_MEMBERSHIP 1e-12
#define CELLS_PER_RUN ((size_t)256)
#define STRIPE ((size_t)8) /* columns of a triangle that are taken together */

/* ---- means and factors ---- */

struct spreading {
	const double *members, *points;
	size_t n, dims, K;
	struct ref_spread *out;
	double *totals; /* per cluster: of its memberships */
};

/* A cluster's cells a run at a time: which, and how much each weighs. */
struct cluster_run {
	size_t n, cells[CELLS_PER_RUN];
	double weights[CELLS_PER_RUN];
};

/* The next cells from '*at' on that are in the cluster at all. False when there are none. */
static bool next_run(const struct spreading *s, size_t k, size_t *at, struct cluster_run *run)
{
	for (run->n = 0; *at < s->n && run->n < CELLS_PER_RUN; ++*at) {
		double w = s->members[*at * s->K + k];

		run->cells[run->n] = *at;
		run->weights[run->n] = w;
		run->n += w >= LEAST_MEMBERSHIP;
	}
	return run->n > 0;
}

/*
 * The lower triangle of the covariance, in a full matrix, a stripe of rows at a time. 'apart' is
 * room for 2 x CELLS_PER_RUN x dims.
 */
static void weighted_covariance(const struct spreading *s, size_t k, double total,
				const double *mean, double *apart, double *covariance)
{
	size_t dims = s->dims;
	double squares = 0, *weighted = apart + CELLS_PER_RUN * dims;
	struct cluster_run run;

	memset(covariance, 0, dims * dims * sizeof(*covariance));
	for (size_t at = 0; next_run(s, k, &at, &run);) {
		for (size_t i = 0; i < run.n; i++) {
			const double *point = s->points + run.cells[i] * dims;
			double w = run.weights[i] / total;

			squares += w * w;
			for (size_t d = 0; d < dims; d++) {
				apart[i * dims + d] = point[d] - mean[d];
				weighted[i * dims + d] = w * apart[i * dims + d];
			}
		}
		for (size_t d = 0; d < dims; d += STRIPE) {
			struct gemm shape = {.m = MIN(STRIPE, dims - d),
					     .n = MIN(dims, d + STRIPE),
					     .k = run.n,
					     .a_turned = true,
					     .add = true};

			ordered_product(shape, weighted + d, dims, apart, dims,
					covariance + d * dims, dims);
		}
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
	double *mean = s->out->means + k * dims, total = s->totals[k];
	double *room = mem_alloc(2 * dims * (dims + CELLS_PER_RUN), sizeof(*room));

	for (size_t d = 0; d < dims && total > 0; d++)
		mean[d] /= total;
	weighted_covariance(s, k, total > 0 ? total : 1, mean, room + 2 * dims * dims, room);
	factor(room, room + dims * dims, dims, s->out->factors + k * (dims * (dims + 1) / 2));
	free(room);
}

void spread_of(const double *members, const double *points, size_t n, size_t dims, size_t K,
	       struct pool *pool, struct ref_spread *out)
{
	struct spreading s = {members, points, n, dims, K, out, NULL};

	out->means = mem_alloc(mem_product(K, dims), sizeof(double));
	out->factors = mem_alloc(mem_product(K, dims * (dims + 1) / 2), sizeof(double));
	MEM_ARRAY(s.totals, K);
	soft_sums(members, points, n, dims, K, pool, s.totals, out->means);
	pool_run(pool, K, spread_part, &s);
	free(s.totals);
}

/* ---- cells ---- */

struct measuring {
	struct spreading of;
	const struct ref_spread *spread;
	double *inverses; /* K x dims x dims: of the factors, turned: upper triangles */
	double *distances;
};

/* The inverse of a packed lower triangle, turned: column j solves L x = e_j. */
static void invert(const double *packed, size_t dims, double *turned)
{
	memset(turned, 0, dims * dims * sizeof(*turned));
	for (size_t j = 0; j < dims; j++)
		for (size_t i = j; i < dims; i++) {
			const double *row = packed + i * (i + 1) / 2;
			double sum = i == j;

			for (size_t k = j; k < i; k++)
				sum -= row[k] * turned[j * dims + k];
			turned[j * dims + i] = sum / row[i];
		}
}

static void invert_part(void *arg, size_t k)
{
	const struct measuring *m = arg;
	size_t dims = m->of.dims;

	invert(m->spread->factors + k * (dims * (dims + 1) / 2), dims,
	       m->inverses + k * dims * dims);
}

#define SUMS ((size_t)8)

/* What a run's cells are from a cluster's mean. */
CLONES static void take_apart(const double *points, const struct cluster_run *run,
			      const double *mean, size_t dims, double *apart)
{
	for (size_t i = 0; i < run->n; i++)
		for (size_t d = 0; d < dims; d++)
			apart[i * dims + d] = points[run->cells[i] * dims + d] - mean[d];
}

/* The lengths of rows, weighted, added to the distances of their cells. */
CLONES static void add_lengths(const double *rows, const struct cluster_run *run, size_t dims,
			       double *distances)
{
	for (size_t i = 0; i < run->n; i++) {
		const double *row = rows + i * dims;
		double sums[SUMS] = {0}, all = 0;
		size_t d = 0;

		for (; d + SUMS <= dims; d += SUMS)
			for (size_t j = 0; j < SUMS; j++)
				sums[j] += row[d + j] * row[d + j];
		for (; d < dims; d++)
			all += row[d] * row[d];
		for (size_t j = 0; j < SUMS; j++)
			all += sums[j];
		distances[run->cells[i]] += run->weights[i] * sqrt(all);
	}
}

/* Mahalanobis' distances of a run's cells from a cluster. No stripe is too narrow to be quick. */
static void measure_run(const struct measuring *m, size_t k, const struct cluster_run *run,
			double *apart, double *distances)
{
	size_t dims = m->of.dims, width;
	double *solved = apart + CELLS_PER_RUN * dims;
	const double *inverse = m->inverses + k * dims * dims;

	take_apart(m->of.points, run, m->spread->means + k * dims, dims, apart);
	for (size_t d = 0; d < dims; d += width) {
		width = dims - d < 2 * STRIPE ? dims - d : STRIPE;
		struct gemm shape = {.m = run->n, .n = width, .k = d + width};

		ordered_product(shape, apart, dims, inverse + d, dims, solved + d, dims);
	}
	add_lengths(solved, run, dims, distances);
}

static void measure_part(void *arg, size_t part)
{
	struct measuring m = *(const struct measuring *)arg;
	size_t from = part * CELLS_PER_RUN, dims = m.of.dims, at;
	double *apart = mem_alloc(2 * CELLS_PER_RUN * dims, sizeof(*apart));
	struct cluster_run run;

	m.of.n = MIN(CELLS_PER_RUN, m.of.n - from);
	m.of.members += from * m.of.K;
	m.of.points += from * dims;
	memset(m.distances + from, 0, m.of.n * sizeof(*m.distances));
	for (size_t k = 0; k < m.of.K; k++) {
		at = 0;
		if (next_run(&m.of, k, &at, &run))
			measure_run(&m, k, &run, apart, m.distances + from);
	}
	free(apart);
}

void spread_distances(const struct ref_spread *s, const double *members, const double *points,
		      size_t n, size_t dims, size_t K, struct pool *pool, double *distances)
{
	struct measuring m = {.of = {members, points, n, dims, K, NULL, NULL},
			      .spread = s,
			      .distances = distances};

	m.inverses = mem_alloc(mem_product(K, mem_product(dims, dims)), sizeof(*m.inverses));
	pool_run(pool, K, invert_part, &m);
	pool_run(pool, (n + CELLS_PER_RUN - 1) / CELLS_PER_RUN, measure_part, &m);
	free(m.inverses);
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
	double *room = mem_alloc(dims * (dims + 2 * CELLS_PER_RUN + 2), sizeof(*room)), sum = NAN;
	double *mean = room + dims * dims, *apart = mean + dims, *other = apart + dims;

	memset(mean, 0, dims * sizeof(*mean));
	for (size_t i = 0; i < s->n; i++)
		for (size_t d = 0; d < dims; d++)
			mean[d] += s->points[i * dims + d] / (double)s->n;
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
		struct spreading s = {ones, gathered, n_cells, dims, 1, NULL, NULL};
		scores[g] =
			n_cells < 2 * dims ? NAN : group_score(&s, means, nearest_by, K, n_cells);
	}
	free(gathered);
	free(ones);
}
