/* harmony.c - the rounds and when they end; see harmony.h. The correction: harmony_correct.c. */
#include "base/util.h"

#include <math.h>

#include "base/progress.h"
#include "base/rng.h"
#include "linalg/exponential.h"
#include "map/harmony/harmony.h"
#include "map/harmony/soft.h"

#define CELLS_PER_PART ((size_t)256)
#define CLUSTERS_PER_PART ((size_t)32)
#define WINDOW ((size_t)3) /* rounds compared with the three that ended one earlier */

struct state {
	const struct harmony_options *o;
	const struct batches *batches;
	struct pool *pool;
	const double *points;
	size_t n, dims, K;
	double *units;     /* n x dims */
	double *centroids; /* K x dims, and turned: dims x K */
	double *turned;
	double *members;   /* n x K */
	double *there;     /* levels x K: memberships of each level's cells, O */
	double *total;     /* K: of all cells */
	double *penalties; /* levels x K, logarithms */
	double *theta;     /* per level */
	uint32_t *order;   /* cells of the round */
	double *terms;     /* per part: distance and entropy */
	double objective;  /* distance and entropy of the round, so far */
};

struct harmony_options harmony_defaults(enum harmony_flavour flavour)
{
	struct harmony_options o = {.flavour = flavour,
				    .sigma = 0.1,
				    .alpha = 0.2,
				    .block = 0.05,
				    .theta = 2,
				    .lambda = flavour == HARMONY_2 ? HARMONY_AUTOMATIC : 1,
				    .rest_rounds = flavour == HARMONY_2 ? 1e-3 : 1e-5,
				    .rest_outer = flavour == HARMONY_2 ? 1e-2 : 1e-4,
				    .max_outer = 10,
				    .max_rounds = flavour == HARMONY_2 ? 4 : 20,
				    .seed = 42};

	return o;
}

size_t harmony_n_clusters(size_t n_cells)
{
	return (size_t)MIN(nearbyint((double)n_cells / 30), 100.0);
}

/* ---- a block of cells ---- */

struct harmony_block {
	struct state *s;
	const uint32_t *cells;
	size_t n;
	double sign;    /* of count_part: 1 to put back, -1 to take out */
	bool penalised; /* assign_part */
};

static void count_part(void *arg, size_t part)
{
	const struct harmony_block *b = arg;
	struct state *s = b->s;
	size_t k0 = part * CLUSTERS_PER_PART, n = MIN(CLUSTERS_PER_PART, s->K - k0);
	size_t n_variables = s->batches->n_variables;

	for (size_t i = 0; i < b->n; i++) {
		const double *r = s->members + b->cells[i] * s->K + k0;
		const uint32_t *levels = s->batches->levels + b->cells[i] * n_variables;

		for (size_t k = 0; k < n; k++)
			s->total[k0 + k] += b->sign * r[k];
		for (size_t v = 0; v < n_variables; v++)
			for (size_t k = 0; k < n; k++)
				s->there[levels[v] * s->K + k0 + k] += b->sign * r[k];
	}
}

static void count(struct harmony_block *b, double sign)
{
	b->sign = sign;
	pool_run(b->s->pool, (b->s->K + CLUSTERS_PER_PART - 1) / CLUSTERS_PER_PART, count_part, b);
}

/* The penalties of a cell's levels, as one logarithm per cluster, added to its logits. */
static void add_penalties(const struct state *s, const uint32_t *levels, double *logits)
{
	size_t n_variables = s->batches->n_variables;

	if (n_variables > 1 && s->o->adds_penalties) {
		for (size_t k = 0; k < s->K; k++) {
			double sum = 0;

			for (size_t v = 0; v < n_variables; v++)
				sum += exp_double(s->penalties[levels[v] * s->K + k]);
			logits[k] += log_double(sum);
		}
		return;
	}
	for (size_t v = 0; v < n_variables; v++)
		for (size_t k = 0; k < s->K; k++)
			logits[k] += s->penalties[levels[v] * s->K + k];
}

/* Logits to memberships; adds sum r distance + sigma sum r log r to what is returned. */
static double settle(double *logits, const double *distances, double *apart, size_t K, double sigma)
{
	double most = logits[0], sum = 0, all = 0, of_sum;

	for (size_t k = 1; k < K; k++)
		most = MAX(most, logits[k]);
	for (size_t k = 0; k < K; k++)
		apart[k] = logits[k] = logits[k] - most;
	exp_all(logits, K);
	for (size_t k = 0; k < K; k++)
		sum += logits[k];
	of_sum = log_double(sum);
	for (size_t k = 0; k < K; k++) {
		logits[k] /= sum;
		all += logits[k] * (distances[k] + sigma * (apart[k] - of_sum));
	}
	return all;
}

static void assign_part(void *arg, size_t part)
{
	const struct harmony_block *b = arg;
	const struct state *s = b->s;
	size_t end = MIN(b->n, (part + 1) * CELLS_PER_PART), K = s->K;
	double *distances = mem_alloc(2 * K, sizeof(*distances)), sum = 0;

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		size_t cell = b->cells[i];
		double *r = s->members + cell * K;

		soft_distances_of(s->units + cell * s->dims, s->turned, s->dims, K, distances);
		for (size_t k = 0; k < K; k++)
			r[k] = -distances[k] / s->o->sigma;
		if (b->penalised)
			add_penalties(s, s->batches->levels + cell * s->batches->n_variables, r);
		sum += settle(r, distances, distances + K, K, s->o->sigma);
	}
	s->terms[part] = sum;
	free(distances);
}

static void assign(struct harmony_block *b, bool penalised)
{
	size_t n_parts = (b->n + CELLS_PER_PART - 1) / CELLS_PER_PART;

	b->penalised = penalised;
	pool_run(b->s->pool, n_parts, assign_part, b);
	for (size_t i = 0; i < n_parts; i++)
		b->s->objective += b->s->terms[i];
}

/* ---- penalties and the objective's last term ---- */

/* What is there of a level in a cluster against what is expected: more is penalised. */
static double penalty_base(enum harmony_flavour flavour, double there, double expected)
{
	switch (flavour) {
	case HARMONY_0:
		return (expected + 1) / (there + 1);
	case HARMONY_1:
		return expected / (there + expected);
	case HARMONY_2:
		return (2 * expected + 1) / (there + expected + 1);
	}
	BUG("no such Harmony");
}

static double expected(const struct state *s, size_t level, size_t k)
{
	return s->total[k] * s->batches->counts[level] / (double)s->n;
}

static void find_penalties(struct state *s)
{
	for (size_t b = 0; b < s->batches->n_levels; b++)
		for (size_t k = 0; k < s->K; k++)
			s->penalties[b * s->K + k] =
				s->theta[b] *
				log_double(penalty_base(s->o->flavour, s->there[b * s->K + k],
							expected(s, b, k)));
}

static double whole_objective(const struct state *s)
{
	double cross = 0;

	for (size_t b = 0; b < s->batches->n_levels; b++)
		for (size_t k = 0; k < s->K; k++)
			cross -= s->theta[b] * s->there[b * s->K + k] *
				 log_double(penalty_base(s->o->flavour, s->there[b * s->K + k],
							 expected(s, b, k)));
	return (s->objective + s->o->sigma * cross) *
	       (s->o->flavour == HARMONY_0 ? 1 : 2000 / (double)s->n);
}

/* ---- rounds ---- */

static void turn_centroids(struct state *s)
{
	for (size_t k = 0; k < s->K; k++)
		for (size_t d = 0; d < s->dims; d++)
			s->turned[d * s->K + k] = s->centroids[k * s->dims + d];
}

/* All cells anew, without penalties. */
static void assign_freely(struct state *s)
{
	struct harmony_block all = {.s = s, .cells = s->order, .n = s->n};

	for (size_t i = 0; i < s->n; i++)
		s->order[i] = (uint32_t)i;
	turn_centroids(s);
	s->objective = 0;
	assign(&all, false);
	memset(s->there, 0, s->batches->n_levels * s->K * sizeof(*s->there));
	memset(s->total, 0, s->K * sizeof(*s->total));
	count(&all, 1);
}

static int take_order(struct state *s, size_t round, struct err *err)
{
	struct rng rng = rng_seeded(mix64(s->o->seed ^ mix64(round)));

	if (s->o->orders) {
		if (round >= s->o->n_orders)
			return err_set(err, "orders of %zu rounds are given: one more is needed",
				       s->o->n_orders);
		memcpy(s->order, s->o->orders + round * s->n, s->n * sizeof(*s->order));
		return 0;
	}
	for (size_t i = 0; i < s->n; i++)
		s->order[i] = (uint32_t)i;
	rng_shuffle(&rng, s->order, s->n);
	return 0;
}

/* Where block 'i' of a round begins. */
static size_t block_start(const struct state *s, size_t i, size_t n_blocks)
{
	size_t size = MAX((size_t)((double)s->n * s->o->block), (size_t)1);

	if (i >= n_blocks)
		return s->n;
	if (s->o->even_blocks)
		return i * (s->n / n_blocks) + MIN(i, s->n % n_blocks);
	return MIN(i * size, s->n);
}

static int one_round(struct state *s, size_t round, struct err *err)
{
	size_t n_blocks = (size_t)ceil(1 / s->o->block - 1e-9);

	if (take_order(s, round, err))
		return -1;
	if (s->o->flavour != HARMONY_2) {
		double *weights = mem_alloc(s->K, sizeof(*weights));

		soft_sums(s->members, s->units, s->n, s->dims, s->K, s->pool, weights,
			  s->centroids);
		unit_rows(s->centroids, s->K, s->dims, s->centroids, s->pool);
		free(weights);
		turn_centroids(s);
	}
	s->objective = 0;
	for (size_t i = 0; i < n_blocks; i++) {
		size_t from = block_start(s, i, n_blocks), to = block_start(s, i + 1, n_blocks);
		struct harmony_block b = {.s = s, .cells = s->order + from, .n = to - from};

		count(&b, -1);
		find_penalties(s);
		assign(&b, true);
		count(&b, 1);
	}
	return 0;
}

static bool rounds_rest(const struct state *s, const double *objective, size_t n)
{
	double old = 0, new = 0;

	for (size_t i = 0; i < WINDOW; i++) {
		old += objective[n - 2 - i];
		new += objective[n - 1 - i];
	}
	return fabs(old - new) / fabs(old) < s->o->rest_rounds;
}

/* The rounds of one outer iteration; objectives go behind those there are. */
static int run_rounds(struct state *s, struct harmony_result *out, struct progress *progress,
		      struct err *err)
{
	for (size_t i = 0; i < s->o->max_rounds; i++) {
		if (one_round(s, out->n_rounds, err))
			return -1;
		out->objective[++out->n_rounds] = whole_objective(s);
		out->rounds[out->n_outer]++;
		progress_at(progress, out->n_rounds);
		if (i > WINDOW && rounds_rest(s, out->objective, out->n_rounds + 1))
			break;
	}
	out->n_outer++;
	return 0;
}

static bool outer_rests(const struct state *s, double old, double new)
{
	double change = (old - new) / fabs(old);

	return change < s->o->rest_outer && (change >= 0 || s->o->ends_when_worse);
}

static int iterate(struct state *s, struct harmony_result *out, struct err *err)
{
	struct progress progress = progress_start("rounds", s->o->max_outer * s->o->max_rounds);
	int ret = 0;

	assign_freely(s);
	out->objective[0] = whole_objective(s);
	while (!ret && out->n_outer < s->o->max_outer && !out->converged) {
		double old = out->objective[out->n_rounds];

		if (out->n_outer && s->o->flavour == HARMONY_2)
			assign_freely(s);
		ret = run_rounds(s, out, &progress, err);
		if (!ret)
			ret = harmony_correct(s->points, s->n, s->dims, s->batches, s->o,
					      s->members, s->K, s->pool, out->corrected,
					      s->o->flavour == HARMONY_2 ? s->centroids : NULL,
					      err);
		unit_rows(out->corrected, s->n, s->dims, s->units, s->pool);
		out->converged = outer_rests(s, old, out->objective[out->n_rounds]);
	}
	progress_end(&progress);
	return ret;
}

/* ---- setting up ---- */

static int check(size_t n, size_t K, const double *points, size_t dims, struct err *err)
{
	if (n < 6)
		return err_refuse(err, "Harmony of %zu cells: 6 are the fewest", n);
	if (K < 2 || K > n / 2)
		return err_refuse(err,
				  "%zu clusters of %zu cells: 2 to half of the cells (--clusters)",
				  K, n);
	for (size_t i = 0; i < n * dims; i++)
		if (!isfinite(points[i]))
			return err_set(err, "coordinate %zu of cell %zu is %g", i % dims, i / dims,
				       points[i]);
	return 0;
}

static void find_theta(struct state *s)
{
	const struct batches *b = s->batches;

	MEM_ARRAY(s->theta, b->n_levels);
	for (size_t v = 0; v < b->n_variables; v++)
		for (size_t l = b->first[v]; l < b->first[v + 1]; l++) {
			double many = b->counts[l] / ((double)s->K * s->o->tau);

			s->theta[l] = s->o->thetas ? s->o->thetas[v] : s->o->theta;
			if (s->o->tau > 0)
				s->theta[l] *= 1 - exp_double(-many * many);
		}
}

static void set_up(struct state *s, struct harmony_result *out)
{
	size_t n = s->n, K = s->K, dims = s->dims;

	s->units = mem_alloc(mem_product(n, dims), sizeof(double));
	s->turned = mem_alloc(mem_product(K, dims), sizeof(double));
	s->there = mem_alloc(mem_product(s->batches->n_levels, K), sizeof(double));
	s->penalties = mem_alloc(mem_product(s->batches->n_levels, K), sizeof(double));
	MEM_ARRAY(s->total, K);
	MEM_ARRAY(s->order, n);
	MEM_ARRAY(s->terms, n / CELLS_PER_PART + 1);
	find_theta(s);
	out->n_clusters = K;
	out->corrected = mem_copy(s->points, mem_product(n, dims), sizeof(double));
	s->members = out->members = mem_alloc(mem_product(n, K), sizeof(double));
	s->centroids = out->centroids = mem_alloc(mem_product(K, dims), sizeof(double));
	MEM_ZERO(out->rounds, s->o->max_outer);
	out->objective =
		mem_zero(mem_product(s->o->max_outer, s->o->max_rounds) + 1, sizeof(double));
	unit_rows(s->points, n, dims, s->units, s->pool);
	if (s->o->start)
		unit_rows(s->o->start, K, dims, s->centroids, s->pool);
	else
		soft_centroids(s->units, n, dims, K, s->o->seed, s->pool, s->centroids);
}

int harmony_run(const double *points, size_t n, size_t dims, const struct batches *batches,
		const struct harmony_options *options, struct pool *pool,
		struct harmony_result *result, struct err *err)
{
	struct harmony_options o = *options;
	struct state s = {.o = &o,
			  .batches = batches,
			  .pool = pool,
			  .points = points,
			  .n = n,
			  .dims = dims,
			  .K = o.n_clusters ? o.n_clusters : harmony_n_clusters(n)};
	int ret;

	*result = (struct harmony_result){0};
	if (check(n, s.K, points, dims, err))
		return -1;
	if (n < 40 && !o.orders)
		o.block = 0.2; /* blocks of less than two cells do not mix */
	set_up(&s, result);
	ret = iterate(&s, result, err);
	free(s.units);
	free(s.turned);
	free(s.there);
	free(s.penalties);
	free(s.total);
	free(s.order);
	free(s.terms);
	free(s.theta);
	if (ret)
		harmony_release(result);
	return ret;
}

void harmony_release(struct harmony_result *r)
{
	free(r->rounds);
	free(r->objective);
	free(r->corrected);
	free(r->members);
	free(r->centroids);
	*r = (struct harmony_result){0};
}
