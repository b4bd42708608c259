/* correction.c - see correction.h. */
#include "base/util.h"

#include "map/correction.h"
#include "map/harmony/ridge.h"

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

struct correcting {
	const struct reference *ref;
	const double *projected, *members;
	const struct batches *batches;
	double lambda;
	double *coefficients; /* per cluster: (1 + levels) x dims */
	bool *singular;       /* per cluster */
	double *corrected;
};

static void solve_cluster(void *arg, size_t k)
{
	struct correcting *c = arg;
	const struct batches *b = c->batches;
	size_t dims = c->ref->n_dims, K = c->ref->clusters.n;
	double *out = c->coefficients + k * (1 + b->n_levels) * dims;
	double *penalties = mem_alloc(b->n_levels, sizeof(*penalties));
	struct ridge r = ridge_new(b->n_levels, dims, b->n_variables);

	for (size_t i = 0; i < b->n_levels; i++)
		penalties[i] = c->lambda;
	ridge_add_base(&r, c->ref->clusters.weights[k], c->ref->clusters.sums + k * dims);
	for (size_t i = 0; i < b->n_cells; i++)
		ridge_add(&r, b->levels + i * b->n_variables, c->members[i * K + k],
			  c->projected + i * dims);
	c->singular[k] = ridge_solve(&r, penalties, out) != 0;
	ridge_release(&r);
	free(penalties);
}

static void correct_part(void *arg, size_t part)
{
	struct correcting *c = arg;
	const struct batches *b = c->batches;
	size_t end = MIN(b->n_cells, (part + 1) * CELLS_PER_PART);
	size_t dims = c->ref->n_dims, K = c->ref->clusters.n;

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		double *to = c->corrected + i * dims;

		if (to != c->projected + i * dims)
			memcpy(to, c->projected + i * dims, dims * sizeof(*to));
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

int correction_apply(const struct reference *ref, const double *projected, const double *members,
		     const struct batches *batches, double lambda, struct pool *pool,
		     double *corrected, struct err *err)
{
	struct correcting c = {ref, projected, members, batches, lambda, NULL, NULL, corrected};
	size_t K = ref->clusters.n, n_coefficients = (1 + batches->n_levels) * ref->n_dims;
	int ret = 0;

	c.coefficients = mem_alloc(mem_product(K, n_coefficients), sizeof(*c.coefficients));
	MEM_ZERO(c.singular, K);
	pool_run(pool, K, solve_cluster, &c);
	for (size_t k = 0; k < K && !ret; k++)
		if (c.singular[k])
			ret = err_set(err,
				      "cluster %zu: what %zu batches add cannot be told apart "
				      "(raise --lambda above %g)",
				      k, batches->n_levels, lambda);
	if (!ret)
		pool_run(pool, (batches->n_cells + CELLS_PER_PART - 1) / CELLS_PER_PART,
			 correct_part, &c);
	free(c.singular);
	free(c.coefficients);
	return ret;
}
