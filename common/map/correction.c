/* correction.c - see correction.h. */
#include "base/util.h"

#include "map/correction.h"
#include "map/harmony/level_sums.h"
#include "map/harmony/ridge.h"
#include "map/spread.h"

#define CELLS_PER_CHUNK ((size_t)8192) /* whose memberships are there at a time */
#define CELLS_PER_PART ((size_t)512)

void correction_members(const struct reference *ref, const double *projected, size_t n,
			struct pool *pool, double *members)
{
	double *units = mem_alloc(mem_product(n, ref->n_dims) + 1, sizeof(*units));

	unit_rows(projected, n, ref->n_dims, units, pool);
	soft_assign(units, n, ref->n_dims, ref->clusters.centroids, ref->clusters.n,
		    ref->clusters.sigma, pool, members);
	free(units);
}

/* ---- some cells at a time ---- */

struct correcting {
	const struct reference *ref;
	const double *projected;
	struct batches all, batches; /* of all cells, of the chunk's */
	size_t first, n;             /* the chunk */
	double *members;
	struct level_order order; /* of one variable: the chunk's cells by level, */
	double *weights, *sums;   /* and what they add up to, by level and cluster */
	struct ridge *ridges;     /* per cluster */
	double lambda;
	double *coefficients; /* per cluster: (1 + levels) x dims */
	bool *singular;       /* per cluster */
	double *corrected;
};

/* The next chunk's cells, their memberships and levels. False when there are no more. */
static bool next_chunk(struct correcting *c, struct pool *pool)
{
	level_order_release(&c->order);
	c->order = (struct level_order){0};
	c->first += c->n;
	c->n = MIN(CELLS_PER_CHUNK, c->all.n_cells - c->first);
	if (!c->n)
		return false;
	c->batches = c->all;
	c->batches.n_cells = c->n;
	c->batches.levels += c->first * c->all.n_variables;
	correction_members(c->ref, c->projected + c->first * c->ref->n_dims, c->n, pool,
			   c->members);
	if (c->all.n_variables == 1)
		c->order = level_order_of(&c->batches);
	return true;
}

static void first_chunk(struct correcting *c)
{
	c->first = c->n = 0;
}

/* ---- what batches add ---- */

static void add_part(void *arg, size_t k)
{
	const struct correcting *c = arg;
	const struct batches *b = &c->batches;
	size_t dims = c->ref->n_dims, K = c->ref->clusters.n;

	for (size_t l = 0; l < b->n_levels && c->weights; l++)
		ridge_add_level(&c->ridges[k], (uint32_t)l, c->weights[l * K + k],
				c->sums + (l * K + k) * dims);
	for (size_t i = 0; i < b->n_cells && !c->weights; i++)
		ridge_add(&c->ridges[k], b->levels + i * b->n_variables, c->members[i * K + k],
			  c->projected + (c->first + i) * dims);
}

static void solve_part(void *arg, size_t k)
{
	const struct correcting *c = arg;
	size_t n_levels = c->all.n_levels;
	double *penalties = mem_alloc(n_levels, sizeof(*penalties));

	for (size_t i = 0; i < n_levels; i++)
		penalties[i] = c->lambda;
	c->singular[k] = ridge_solve(&c->ridges[k], penalties,
				     c->coefficients + k * (1 + n_levels) * c->ref->n_dims) != 0;
	free(penalties);
}

static int find_coefficients(struct correcting *c, struct pool *pool, struct err *err)
{
	const struct ref_clusters *clusters = &c->ref->clusters;
	size_t dims = c->ref->n_dims;

	for (size_t k = 0; k < clusters->n; k++) {
		c->ridges[k] = ridge_new(c->all.n_levels, dims, c->all.n_variables);
		ridge_add_base(&c->ridges[k], clusters->weights[k], clusters->sums + k * dims);
	}
	for (first_chunk(c); next_chunk(c, pool);) {
		if (c->weights)
			level_sums(&c->order, c->members, c->projected + c->first * dims, dims,
				   clusters->n, pool, c->weights, c->sums);
		pool_run(pool, clusters->n, add_part, c);
	}
	pool_run(pool, clusters->n, solve_part, c);
	for (size_t k = 0; k < clusters->n; k++)
		if (c->singular[k])
			return err_set(err,
				       "cluster %zu: what %zu batches add cannot be told apart "
				       "(raise --lambda above %g)",
				       k, c->all.n_levels, c->lambda);
	return 0;
}

/* ---- and taken away ---- */

static void correct_part(void *arg, size_t part)
{
	const struct correcting *c = arg;
	const struct batches *b = &c->batches;
	size_t end = MIN(b->n_cells, (part + 1) * CELLS_PER_PART);
	size_t dims = c->ref->n_dims, K = c->ref->clusters.n;

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		double *to = c->corrected + (c->first + i) * dims;

		for (size_t k = 0; k < K; k++) {
			double w = c->members[i * K + k];
			const double *of = c->coefficients + k * (1 + b->n_levels) * dims;

			for (size_t v = 0; v < b->n_variables; v++) {
				size_t level = b->levels[i * b->n_variables + v];
				const double *add = of + (1 + level) * dims;

				for (size_t d = 0; d < dims; d++)
					to[d] -= w * add[d];
			}
		}
	}
}

static void take_away(struct correcting *c, struct pool *pool)
{
	size_t dims = c->ref->n_dims;

	for (first_chunk(c); next_chunk(c, pool);) {
		const double *from = c->projected + c->first * dims;
		double *to = c->corrected + c->first * dims;

		if (c->weights) {
			level_take_away(&c->order, c->members, from, dims, c->ref->clusters.n,
					c->coefficients, pool, to);
			continue;
		}
		if (to != from)
			memcpy(to, from, c->n * dims * sizeof(*to));
		pool_run(pool, (c->n + CELLS_PER_PART - 1) / CELLS_PER_PART, correct_part, c);
	}
}

int correction_apply(const struct reference *ref, const double *projected,
		     const struct batches *batches, double lambda, struct pool *pool,
		     double *corrected, struct err *err)
{
	struct correcting c = {.ref = ref,
			       .projected = projected,
			       .all = *batches,
			       .lambda = lambda,
			       .corrected = corrected};
	size_t K = ref->clusters.n, dims = ref->n_dims, n_levels = batches->n_levels;
	int ret;

	c.coefficients = mem_alloc(mem_product(K, (1 + n_levels) * dims), sizeof(double));
	c.members = mem_alloc(mem_product(MIN(batches->n_cells, CELLS_PER_CHUNK), K) + 1,
			      sizeof(double));
	MEM_ZERO(c.singular, K);
	MEM_ZERO(c.ridges, K);
	if (batches->n_variables == 1) {
		MEM_ARRAY(c.weights, mem_product(n_levels, K));
		c.sums = mem_alloc(mem_product(n_levels, mem_product(K, dims)), sizeof(double));
	}
	ret = find_coefficients(&c, pool, err);
	if (!ret)
		take_away(&c, pool);
	for (size_t k = 0; k < K; k++)
		ridge_release(&c.ridges[k]);
	free(c.ridges);
	free(c.weights);
	free(c.sums);
	free(c.singular);
	free(c.members);
	free(c.coefficients);
	return ret;
}

void correction_distances(const struct reference *ref, const double *projected, size_t n,
			  struct pool *pool, double *distances)
{
	const struct ref_clusters *c = &ref->clusters;
	double *members =
		mem_alloc(mem_product(MIN(n, CELLS_PER_CHUNK), c->n) + 1, sizeof(*members));

	for (size_t first = 0; first < n; first += CELLS_PER_CHUNK) {
		const double *points = projected + first * ref->n_dims;
		size_t n_chunk = MIN(CELLS_PER_CHUNK, n - first);

		correction_members(ref, points, n_chunk, pool, members);
		spread_distances(&c->pca, members, points, n_chunk, ref->n_dims, c->n, pool,
				 distances + first);
	}
	free(members);
}
