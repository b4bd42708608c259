/* harmony.c - Harmony against three generations of harmonypy, from what they drew. */
#include "tap.h"

#include <hdf5.h>
#include <math.h>

#include "base/datadir.h"
#include "map/harmony/harmony.h"

#define MOST_LEVELS 10

/* ---- a golden case: tests/golden/map/README.md ---- */

struct golden {
	hid_t file;
	size_t n, dims, K;
	double *points;
	struct batches batches;
	struct harmony_options options;
	double thetas[2], lambdas[2];
};

static double *read_doubles(hid_t file, const char *name, size_t *rows, size_t *columns)
{
	hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
	hsize_t dims[2] = {1, 1};
	double *values;

	H5Sget_simple_extent_dims(space, dims, NULL);
	values = mem_alloc(dims[0] * dims[1], sizeof(*values));
	H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
	H5Sclose(space);
	H5Dclose(dataset);
	if (rows)
		*rows = dims[0];
	if (columns)
		*columns = dims[1];
	return values;
}

static void read_batches(struct golden *g)
{
	struct batches *b = &g->batches;
	double *codes = read_doubles(g->file, "codes", &b->n_variables, &b->n_cells);
	double *n_levels = read_doubles(g->file, "n_levels", NULL, NULL);

	MEM_ZERO(b->first, b->n_variables + 1);
	for (size_t v = 0; v < b->n_variables; v++)
		b->first[v + 1] = b->first[v] + (size_t)n_levels[v];
	b->n_levels = b->first[b->n_variables];
	MEM_ARRAY(b->levels, b->n_cells * b->n_variables);
	MEM_ZERO(b->counts, b->n_levels);
	for (size_t i = 0; i < b->n_cells; i++)
		for (size_t v = 0; v < b->n_variables; v++) {
			size_t level = b->first[v] + (size_t)codes[v * b->n_cells + i];

			b->levels[i * b->n_variables + v] = (uint32_t)level;
			b->counts[level]++;
		}
	free(codes);
	free(n_levels);
}

static void read_options(struct golden *g, enum harmony_flavour flavour)
{
	double *o = read_doubles(g->file, "options", NULL, NULL);
	double *theta = read_doubles(g->file, "theta", NULL, NULL);
	double *lambda = read_doubles(g->file, "lambda", NULL, NULL);

	g->options = harmony_defaults(flavour);
	g->options.sigma = o[0];
	g->options.tau = o[1];
	g->options.block = o[2];
	g->options.rest_rounds = o[3];
	g->options.rest_outer = o[4];
	g->options.max_outer = (size_t)o[5];
	g->options.max_rounds = (size_t)o[6];
	g->options.n_clusters = g->K = (size_t)o[7];
	g->options.alpha = o[8];
	memcpy(g->thetas, theta, g->batches.n_variables * sizeof(*theta));
	memcpy(g->lambdas, lambda, g->batches.n_variables * sizeof(*lambda));
	g->options.thetas = g->thetas;
	g->options.lambdas = g->lambdas;
	g->options.adds_penalties = g->options.ends_when_worse = true;
	g->options.even_blocks = flavour == HARMONY_0;
	free(o);
	free(theta);
	free(lambda);
}

static void golden_open(struct golden *g, const char *name, enum harmony_flavour flavour)
{
	char path[100];

	*g = (struct golden){0};
	snprintf(path, sizeof(path), "tests/golden/map/%s.h5", name);
	g->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
	if (g->file < 0)
		BUG("%s is not there: run from the source folder", path);
	g->points = read_doubles(g->file, "Z", &g->n, &g->dims);
	read_batches(g);
	read_options(g, flavour);
}

static void golden_close(struct golden *g)
{
	free(g->points);
	batches_release(&g->batches);
	H5Fclose(g->file);
}

/* ---- comparing ---- */

static double scale_of(const double *a, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = MAX(most, fabs(a[i]));
	return most;
}

/* The largest difference, relative to the largest number; NaN in 'b' is skipped. */
static double apart(const double *a, const double *b, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(b[i]))
			most = MAX(most, isnan(a[i]) ? INFINITY : fabs(a[i] - b[i]));
	return most / scale_of(a, n);
}

static double relatively(const double *a, const double *b, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = MAX(most, fabs(a[i] - b[i]) / fabs(b[i]));
	return most;
}

/* ---- whole runs, from the peer's centroids and orders ---- */

static void replay(const char *name, enum harmony_flavour flavour, struct pool *pool)
{
	struct golden g;
	golden_open(&g, name, flavour);
	size_t n_rounds, n_outer, n_orders;
	double *start = read_doubles(g.file, "start", NULL, NULL);
	double *drawn = read_doubles(g.file, "orders", &n_orders, NULL);
	double *objective = read_doubles(g.file, "objective", &n_rounds, NULL);
	double *rounds = read_doubles(g.file, "rounds", &n_outer, NULL);
	double *corrected = read_doubles(g.file, "Z_corr", NULL, NULL);
	uint32_t *orders = mem_alloc(n_orders * g.n, sizeof(*orders));
	struct harmony_result r;
	struct err err = ERR_INIT;
	size_t differ = 0;

	for (size_t i = 0; i < n_orders * g.n; i++)
		orders[i] = (uint32_t)drawn[i];
	g.options.start = start;
	g.options.orders = orders;
	g.options.n_orders = n_orders;
	OK(!harmony_run(g.points, g.n, g.dims, &g.batches, &g.options, pool, &r, &err),
	   "%s: runs (%s)", name, err.text);
	OK(r.n_outer == n_outer, "%s: %zu outer iterations, as the peer's %zu", name, r.n_outer,
	   n_outer);
	for (size_t i = 0; i < MIN(n_outer, r.n_outer); i++)
		differ += r.rounds[i] != (size_t)rounds[i];
	OK(differ == 0 && r.n_rounds + 1 == n_rounds, "%s: the same rounds in each: %zu", name,
	   r.n_rounds);
	OK(r.n_rounds + 1 == n_rounds && relatively(r.objective, objective, n_rounds) < 1e-12,
	   "%s: objectives within 1e-12: %.1e", name,
	   relatively(r.objective, objective, MIN(n_rounds, r.n_rounds + 1)));
	OK(apart(r.corrected, corrected, g.n * g.dims) < 1e-9,
	   "%s: coordinates within 1e-9 of their scale: %.1e", name,
	   apart(r.corrected, corrected, g.n * g.dims));
	harmony_release(&r);
	free(start);
	free(drawn);
	free(objective);
	free(rounds);
	free(corrected);
	free(orders);
	golden_close(&g);
}

/* ---- Harmony 2's correction, from the peer's memberships ---- */

static void correct(const char *name, struct pool *pool)
{
	struct golden g;
	golden_open(&g, name, HARMONY_2);
	double *members = read_doubles(g.file, "R", NULL, NULL);
	double *single = read_doubles(g.file, "Z_corr", NULL, NULL);
	double *exact = read_doubles(g.file, "Z_corr_double", NULL, NULL);
	double *centroids = read_doubles(g.file, "Y_double", NULL, NULL);
	double *ours = mem_alloc(g.n * g.dims, sizeof(*ours));
	double *moved = mem_zero(g.K * g.dims, sizeof(*moved));
	struct err err = ERR_INIT;

	OK(!harmony_correct(g.points, g.n, g.dims, &g.batches, &g.options, members, g.K, pool, ours,
			    moved, &err),
	   "%s: is corrected (%s)", name, err.text);
	OK(apart(ours, exact, g.n * g.dims) < 1e-10, "%s: as solved in double, 1e-10: %.1e", name,
	   apart(ours, exact, g.n * g.dims));
	OK(apart(ours, single, g.n * g.dims) < 1e-5, "%s: as the peer's floats, 1e-5: %.1e", name,
	   apart(ours, single, g.n * g.dims));
	OK(apart(moved, centroids, g.K * g.dims) < 1e-10, "%s: clusters' intercepts: %.1e", name,
	   apart(moved, centroids, g.K * g.dims));
	free(members);
	free(single);
	free(exact);
	free(centroids);
	free(ours);
	free(moved);
	golden_close(&g);
}

/* ---- properties, with what we draw ourselves ---- */

static void properties(struct pool *one, struct pool *many)
{
	struct golden g;
	golden_open(&g, "h2_one", HARMONY_2);
	struct harmony_options o = harmony_defaults(HARMONY_2);
	struct harmony_result a, b;
	struct err err = ERR_INIT;
	bool rises = false;

	OK(!harmony_run(g.points, g.n, g.dims, &g.batches, &o, one, &a, &err) &&
		   !harmony_run(g.points, g.n, g.dims, &g.batches, &o, many, &b, &err),
	   "runs with its own draws (%s)", err.text);
	OK(memcmp(a.corrected, b.corrected, g.n * g.dims * sizeof(double)) == 0 &&
		   memcmp(a.members, b.members, g.n * a.n_clusters * sizeof(double)) == 0,
	   "the same bytes with one thread and with seven");
	harmony_release(&a);
	harmony_release(&b);
	o = harmony_defaults(HARMONY_0);
	o.theta = 0;
	o.max_outer = 1;
	OK(!harmony_run(g.points, g.n, g.dims, &g.batches, &o, one, &a, &err), "runs (%s)",
	   err.text);
	for (size_t i = 1; i <= a.n_rounds; i++)
		rises = rises || a.objective[i] > a.objective[i - 1] + 1e-9 * a.objective[0];
	OK(!rises, "without penalties the objective never rises within the rounds");
	harmony_release(&a);
	o.n_clusters = 500;
	OK(harmony_run(g.points, g.n, g.dims, &g.batches, &o, one, &a, &err) == -1 && err.refused,
	   "too many clusters are refused: %s", err.text);
	err_clear(&err);
	o = harmony_defaults(HARMONY_2);
	uint32_t *order = mem_alloc(g.n, sizeof(*order));
	for (size_t i = 0; i < g.n; i++)
		order[i] = (uint32_t)i;
	o.orders = order;
	o.n_orders = 1;
	OK(harmony_run(g.points, g.n, g.dims, &g.batches, &o, one, &a, &err) == -1 &&
		   strstr(err.text, "orders of 1 rounds"),
	   "orders that do not last are told: %s", err.text);
	free(order);
	err_clear(&err);
	o = harmony_defaults(HARMONY_2);
	g.points[g.dims + 1] = NAN;
	OK(harmony_run(g.points, g.n, g.dims, &g.batches, &o, one, &a, &err) == -1 &&
		   strstr(err.text, "coordinate 1 of cell 1 is"),
	   "a coordinate that is no number is told: %s", err.text);
	golden_close(&g);
}

/* ---- one round of four cells and two clusters, the worked example ---- */

#define CELLS 4

struct example {
	enum harmony_flavour flavour;
	double r[CELLS][2], there[2][2]; /* memberships; level x cluster */
};

static const double unit_cells[CELLS][2] = {{1, 0}, {0.8, 0.6}, {0, 1}, {0.6, 0.8}};
static const size_t level_of[CELLS] = {0, 0, 0, 1};
static const double level_cells[2] = {3, 1};

static double distance_to(size_t cell, size_t k)
{
	return 2 * (1 - unit_cells[cell][k]);
}

static double expected_of(const struct example *x, size_t level, size_t k)
{
	return (x->there[0][k] + x->there[1][k]) * level_cells[level] / CELLS;
}

static void put(struct example *x, const size_t *block, double sign)
{
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++)
			x->there[level_of[block[i]]][k] += sign * x->r[block[i]][k];
}

/* Cells of a block anew: with the penalties (theta 2) of what is there without them. */
static void settle_block(struct example *x, const size_t *block)
{
	put(x, block, -1);
	for (size_t i = 0; i < 2; i++) {
		size_t c = block[i], b = level_of[c];
		double sum = 0;

		for (size_t k = 0; k < 2; k++) {
			x->r[c][k] = exp(-distance_to(c, k) / 0.1) *
				     pow(harmony_penalty(x->flavour, x->there[b][k],
							 expected_of(x, b, k)),
					 2);
			sum += x->r[c][k];
		}
		for (size_t k = 0; k < 2; k++)
			x->r[c][k] /= sum;
	}
	put(x, block, 1);
}

static double objective_of(const struct example *x)
{
	double sum = 0;

	for (size_t i = 0; i < CELLS; i++)
		for (size_t k = 0; k < 2; k++)
			sum += x->r[i][k] * (distance_to(i, k) + 0.1 * log(x->r[i][k]));
	for (size_t b = 0; b < 2; b++)
		for (size_t k = 0; k < 2; k++)
			sum -= 0.1 * 2 * x->there[b][k] *
			       log(harmony_penalty(x->flavour, x->there[b][k],
						   expected_of(x, b, k)));
	return sum;
}

static void worked_round(enum harmony_flavour flavour, const double want[CELLS], double objective)
{
	static const size_t blocks[2][2] = {{0, 3}, {1, 2}};
	struct example x = {.flavour = flavour};
	double worst = 0;

	for (size_t i = 0; i < CELLS; i++) {
		double a = exp(-distance_to(i, 0) / 0.1), b = exp(-distance_to(i, 1) / 0.1);

		x.r[i][0] = a / (a + b);
		x.r[i][1] = b / (a + b);
		for (size_t k = 0; k < 2; k++)
			x.there[level_of[i]][k] += x.r[i][k];
	}
	settle_block(&x, blocks[0]);
	settle_block(&x, blocks[1]);
	for (size_t i = 0; i < CELLS; i++)
		worst = fmax(worst, fabs(x.r[i][0] - want[i]));
	OK(worst < 2e-9, "Harmony %d: a round of the worked example: %.1e", flavour, worst);
	OK(fabs(objective_of(&x) - objective) < 2e-9, "and its objective: %.9f", objective_of(&x));
}

static void worked(void)
{
	const double of_0[CELLS] = {0.999999998, 0.933646852, 1e-9, 0.017733816};
	const double of_1[CELLS] = {0.999999998, 0.910983204, 0, 0.01798621};
	const double of_2[CELLS] = {0.999999998, 0.957457086, 1e-9, 0.017817555};

	worked_round(HARMONY_0, of_0, 0.875974610);
	worked_round(HARMONY_1, of_1, 1.450291464);
	worked_round(HARMONY_2, of_2, 0.856587012);
}

int main(void)
{
	struct pool *one = pool_new(1), *many = pool_new(7);

	worked();
	replay("h0_one_theta1", HARMONY_0, one);
	replay("h0_two_tau_lambda", HARMONY_0, many);
	replay("h1_one", HARMONY_1, many);
	replay("h1_two_auto_lambda", HARMONY_1, one);
	correct("h2_one", one);
	correct("h2_two", one);
	correct("h2_fixed_lambda", many);
	correct("h2_pruned_two", one);
	properties(one, many);
	pool_free(one);
	pool_free(many);
	return done_testing();
}
