/* harmony_correct.c - what batches add to each cluster, taken away; see harmony.h. */
#include "base/util.h"

#include "base/mem.h"
#include "map/harmony/harmony.h"
#include "map/harmony/level_sums.h"
#include "map/harmony/ridge.h"
#include "map/harmony/soft.h"

#define CELLS_PER_PART ((size_t)256)
#define LEAST_MEMBERSHIP 1e-18 /* what is less moves nothing by a digit of a double */
#define LEAST_SHARE 1e-5       /* of a level's cells in a cluster, that it is corrected there */

struct job {
	const double *points, *members;
	size_t n, dims, K;
	const struct batches *batches;
	const struct harmony_options *o;
	double *coefficients; /* per cluster: (1 + levels) x dims; zeros: nothing to take away */
	bool *singular, *corrected;
	double *out;
	double *weights, *sums; /* of one variable, by level and cluster; else NULL */
};

/* A cluster's memberships per level; returns the whole. */
static double level_weights(const struct job *j, size_t k, double *there)
{
	size_t n_variables = j->batches->n_variables;
	double all = 0;

	memset(there, 0, j->batches->n_levels * sizeof(*there));
	for (size_t l = 0; l < j->batches->n_levels && j->weights; l++)
		all += there[l] = j->weights[l * j->K + k];
	for (size_t i = 0; i < j->n && !j->weights; i++) {
		double w = j->members[i * j->K + k];

		all += w;
		for (size_t v = 0; v < n_variables; v++)
			there[j->batches->levels[i * n_variables + v]] += w;
	}
	return all;
}

/* Which levels have anything to do with the cluster. True if any. */
static bool keep_levels(const struct job *j, const double *there, bool *kept)
{
	const struct batches *b = j->batches;
	bool any = false;

	for (size_t v = 0; v < b->n_variables; v++) {
		size_t n = 0;

		for (size_t l = b->first[v]; l < b->first[v + 1]; l++) {
			kept[l] =
				j->o->flavour != HARMONY_2 || there[l] / b->counts[l] > LEAST_SHARE;
			n += kept[l];
		}
		if (j->o->flavour == HARMONY_2 && n < 2)
			memset(kept + b->first[v], 0, b->first[v + 1] - b->first[v]);
		else
			any = true;
	}
	return any;
}

static void find_penalties(const struct job *j, double total, double *penalties)
{
	const struct batches *b = j->batches;

	for (size_t v = 0; v < b->n_variables; v++)
		for (size_t l = b->first[v]; l < b->first[v + 1]; l++) {
			double lambda = j->o->lambdas ? j->o->lambdas[v] : j->o->lambda;

			penalties[l] = lambda >= 0
					       ? lambda
					       : j->o->alpha * total * b->counts[l] / (double)j->n;
		}
}

/* What the ridge is told of a cluster: sums by level, or cell by cell of several variables. */
static void fill_ridge(const struct job *j, size_t k, struct ridge *r)
{
	const struct batches *b = j->batches;

	for (size_t l = 0; l < b->n_levels && j->weights; l++)
		ridge_add_level(r, (uint32_t)l, j->weights[l * j->K + k],
				j->sums + (l * j->K + k) * j->dims);
	for (size_t i = 0; i < j->n && !j->weights; i++)
		if (j->members[i * j->K + k] > LEAST_MEMBERSHIP)
			ridge_add(r, b->levels + i * b->n_variables, j->members[i * j->K + k],
				  j->points + i * j->dims);
}

static void solve_cluster(void *arg, size_t k)
{
	struct job *j = arg;
	size_t n_levels = j->batches->n_levels;
	struct ridge r = ridge_new(n_levels, j->dims, j->batches->n_variables);
	double *out = j->coefficients + k * (1 + n_levels) * j->dims;
	double *there = mem_alloc(2 * n_levels, sizeof(*there));
	bool *kept = mem_zero(n_levels, sizeof(*kept));
	double total = level_weights(j, k, there);

	if (total > 0 && keep_levels(j, there, kept)) {
		find_penalties(j, total, there + n_levels);
		ridge_begin(&r, kept);
		fill_ridge(j, k, &r);
		j->singular[k] = ridge_solve(&r, there + n_levels, out) != 0;
		j->corrected[k] = true;
	}
	free(kept);
	free(there);
	ridge_release(&r);
}

CLONES static void take_away(double *from, const double *what, double by, size_t n)
{
	for (size_t d = 0; d < n; d++)
		from[d] -= by * what[d];
}

static void correct_part(void *arg, size_t part)
{
	const struct job *j = arg;
	size_t end = MIN(j->n, (part + 1) * CELLS_PER_PART);
	size_t n_variables = j->batches->n_variables, width = (1 + j->batches->n_levels) * j->dims;

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		double *to = j->out + i * j->dims;

		memcpy(to, j->points + i * j->dims, j->dims * sizeof(*to));
		for (size_t k = 0; k < j->K; k++) {
			double w = j->members[i * j->K + k];

			for (size_t v = 0; v < n_variables && w > LEAST_MEMBERSHIP; v++)
				take_away(to,
					  j->coefficients + k * width +
						  (1 + j->batches->levels[i * n_variables + v]) *
							  j->dims,
					  w, j->dims);
		}
	}
}

static int check_singular(const struct job *j, struct err *err)
{
	for (size_t k = 0; k < j->K; k++)
		if (j->singular[k])
			return err_refuse(err,
					  "cluster %zu: what %zu batches add cannot be told apart "
					  "(raise --lambda)",
					  k, j->batches->n_levels);
	return 0;
}

int harmony_correct(const double *points, size_t n, size_t dims, const struct batches *batches,
		    const struct harmony_options *options, const double *members, size_t K,
		    struct pool *pool, double *corrected, double *centroids, struct err *err)
{
	struct job j = {points, members, n, dims, K, batches, options, NULL, NULL, NULL, corrected};
	size_t width = (1 + batches->n_levels) * dims;
	struct level_order order = {0};
	int ret;

	j.coefficients = mem_zero(mem_product(K, width), sizeof(double));
	MEM_ZERO(j.singular, K);
	MEM_ZERO(j.corrected, K);
	if (batches->n_variables == 1) {
		order = level_order_of(batches);
		MEM_ARRAY(j.weights, mem_product(batches->n_levels, K));
		j.sums = mem_alloc(mem_product(batches->n_levels, mem_product(K, dims)),
				   sizeof(*j.sums));
		level_sums(&order, members, points, dims, K, pool, j.weights, j.sums);
	}
	pool_run(pool, K, solve_cluster, &j);
	ret = check_singular(&j, err);
	if (!ret && j.weights)
		level_take_away(&order, members, points, dims, K, j.coefficients, pool, corrected);
	else if (!ret)
		pool_run(pool, (n + CELLS_PER_PART - 1) / CELLS_PER_PART, correct_part, &j);
	for (size_t k = 0; k < K && !ret && centroids; k++)
		if (j.corrected[k])
			unit_rows(j.coefficients + k * width, 1, dims, centroids + k * dims, pool);
	level_order_release(&order);
	free(j.coefficients);
	free(j.singular);
	free(j.corrected);
	free(j.weights);
	free(j.sums);
	return ret;
}
