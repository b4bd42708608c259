/* level_sums.c - see level_sums.h. */
#include "base/util.h"

#include "linalg/ordered.h"
#include "map/harmony/level_sums.h"

#define CELLS_PER_RUN ((size_t)256)
#define CLUSTERS_PER_PART ((size_t)20)

/* ---- the order ---- */

static void cut_runs(struct level_order *o)
{
	size_t most = o->n_cells / CELLS_PER_RUN + o->n_levels + 1;

	MEM_ARRAY(o->level, most);
	MEM_ARRAY(o->run_start, most);
	MEM_ARRAY(o->run_end, most);
	for (size_t l = 0; l < o->n_levels; l++)
		for (size_t at = o->starts[l]; at < o->starts[l + 1]; at += CELLS_PER_RUN) {
			o->level[o->n_runs] = (uint32_t)l;
			o->run_start[o->n_runs] = at;
			o->run_end[o->n_runs++] = MIN(at + CELLS_PER_RUN, o->starts[l + 1]);
		}
}

struct level_order level_order_of(const struct batches *b)
{
	struct level_order o = {.n_cells = b->n_cells, .n_levels = b->n_levels};
	size_t *at;

	if (b->n_variables != 1)
		BUG("%zu batch variables have no one order", b->n_variables);
	MEM_ARRAY(o.cells, b->n_cells + 1);
	MEM_ZERO(o.starts, b->n_levels + 1);
	for (size_t i = 0; i < b->n_cells; i++)
		o.starts[b->levels[i] + 1]++;
	for (size_t l = 0; l < b->n_levels; l++)
		o.starts[l + 1] += o.starts[l];
	at = mem_copy(o.starts, b->n_levels + 1, sizeof(*at));
	for (size_t i = 0; i < b->n_cells; i++)
		o.cells[at[b->levels[i]]++] = (uint32_t)i;
	free(at);
	cut_runs(&o);
	return o;
}

void level_order_release(struct level_order *o)
{
	free(o->cells);
	free(o->starts);
	free(o->level);
	free(o->run_start);
	free(o->run_end);
}

/* ---- matrices of a run ---- */

struct levelling {
	const struct level_order *o;
	const double *members, *points, *coefficients;
	size_t dims, K, n_slices;
	double *weights, *sums, *out;
};

/* 'n' columns of the rows that a run's cells have. Returns how many rows. */
static size_t gather(const struct level_order *o, size_t run, const double *from, size_t width,
		     size_t n, double *to)
{
	size_t n_rows = o->run_end[run] - o->run_start[run];
	const uint32_t *cells = o->cells + o->run_start[run];

	for (size_t i = 0; i < n_rows; i++)
		memcpy(to + i * n, from + cells[i] * width, n * sizeof(*to));
	return n_rows;
}

/* ---- sums ---- */

/* A level's runs, and a slice of the clusters. */
static void sum_part(void *arg, size_t part)
{
	const struct levelling *j = arg;
	const struct level_order *o = j->o;
	size_t level = part / j->n_slices, k = part % j->n_slices * CLUSTERS_PER_PART;
	size_t n = MIN(CLUSTERS_PER_PART, j->K - k), run = 0;
	double *weights = j->weights + level * j->K + k;
	double *sums = j->sums + (level * j->K + k) * j->dims;
	double *members = mem_alloc(CELLS_PER_RUN * (n + j->dims), sizeof(*members));
	double *points = members + CELLS_PER_RUN * n;

	memset(weights, 0, n * sizeof(*weights));
	memset(sums, 0, n * j->dims * sizeof(*sums));
	while (run < o->n_runs && o->level[run] < level)
		run++;
	for (; run < o->n_runs && o->level[run] == level; run++) {
		size_t n_cells = gather(o, run, j->members + k, j->K, n, members);

		gather(o, run, j->points, j->dims, j->dims, points);
		for (size_t i = 0; i < n_cells; i++)
			for (size_t c = 0; c < n; c++)
				weights[c] += members[i * n + c];
		ordered_product(
			(struct gemm){
				.m = n, .n = j->dims, .k = n_cells, .a_turned = true, .add = true},
			members, n, points, j->dims, sums, j->dims);
	}
	free(members);
}

void level_sums(const struct level_order *o, const double *members, const double *points,
		size_t dims, size_t K, struct pool *pool, double *weights, double *sums)
{
	struct levelling j = {.o = o,
			      .members = members,
			      .points = points,
			      .dims = dims,
			      .K = K,
			      .n_slices = (K + CLUSTERS_PER_PART - 1) / CLUSTERS_PER_PART,
			      .weights = weights,
			      .sums = sums};

	pool_run(pool, mem_product(o->n_levels, j.n_slices), sum_part, &j);
}

/* ---- taking away ---- */

static void take_part(void *arg, size_t run)
{
	const struct levelling *j = arg;
	const uint32_t *cells = j->o->cells + j->o->run_start[run];
	double *members = mem_alloc(CELLS_PER_RUN * (j->K + j->dims), sizeof(*members));
	double *shifts = members + CELLS_PER_RUN * j->K;
	size_t n = gather(j->o, run, j->members, j->K, j->K, members);

	ordered_product((struct gemm){.m = n, .n = j->dims, .k = j->K}, members, j->K,
			j->coefficients + (1 + j->o->level[run]) * j->dims,
			(1 + j->o->n_levels) * j->dims, shifts, j->dims);
	for (size_t i = 0; i < n; i++)
		for (size_t d = 0; d < j->dims; d++)
			j->out[cells[i] * j->dims + d] =
				j->points[cells[i] * j->dims + d] - shifts[i * j->dims + d];
	free(members);
}

void level_take_away(const struct level_order *o, const double *members, const double *points,
		     size_t dims, size_t K, const double *coefficients, struct pool *pool,
		     double *out)
{
	struct levelling j = {.o = o,
			      .members = members,
			      .points = points,
			      .coefficients = coefficients,
			      .dims = dims,
			      .K = K,
			      .out = out};

	pool_run(pool, o->n_runs, take_part, &j);
}
