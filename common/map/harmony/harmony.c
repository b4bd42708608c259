/* harmony.c - the rounds and when they end; see harmony.h. The correction: harmony_correct.c. */
#include "base/util.h"

#include <math.h>

#include "base/progress.h"
#include "base/rng.h"
#include "linalg/exponential.h"
#include "linalg/ordered.h"
#include "map/harmony/harmony.h"
#include "map/harmony/soft.h"

#define CELLS_PER_CHUNK ((size_t)256)
#define MOST_SLICES ((size_t)16)
#define LANES ((size_t)8)  /* sums side by side, which compilers make vectors of */
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
	double *there;     /* (levels + 1) x K: memberships of each level's cells, O; */
	double *total;     /* the last row: of all cells */
	double *penalties; /* levels x K, logarithms */
	double *theta;     /* per level */
	uint32_t *order;   /* cells of the round */
	double *tallies;   /* per slice: as 'there' */
	double *terms;     /* per slice: distance and entropy */
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

/*
 * Slices are what threads share: each adds up what its cells take from or bring to the clusters,
 * and the slices are added in their order.
 */
struct harmony_block {
	struct state *s;
	const uint32_t *cells;
	size_t n, n_slices;
	bool penalised; /* assign_slice */
};

static struct harmony_block block_of(struct state *s, const uint32_t *cells, size_t n)
{
	size_t n_chunks = (n + CELLS_PER_CHUNK - 1) / CELLS_PER_CHUNK;

	return (struct harmony_block){
		.s = s, .cells = cells, .n = n, .n_slices = MIN(MOST_SLICES, n_chunks)};
}

/* Levels' memberships, then the whole: (levels + 1) x K. */
static size_t tally_size(const struct state *s)
{
	return (s->batches->n_levels + 1) * s->K;
}

CLONES static void add_row(double *to, const double *row, size_t n)
{
	for (size_t k = 0; k < n; k++)
		to[k] += row[k];
}

static void tally_cell(const struct state *s, size_t cell, const double *members, double *tally)
{
	size_t n_variables = s->batches->n_variables;
	const uint32_t *levels = s->batches->levels + cell * n_variables;

	for (size_t v = 0; v < n_variables; v++)
		add_row(tally + levels[v] * s->K, members, s->K);
	add_row(tally + s->batches->n_levels * s->K, members, s->K);
}

static double *slice_tally(const struct state *s, size_t slice)
{
	return memset(s->tallies + slice * tally_size(s), 0, tally_size(s) * sizeof(double));
}

static void take_out_slice(void *arg, size_t slice)
{
	const struct harmony_block *b = arg;
	const struct state *s = b->s;
	double *tally = slice_tally(s, slice);

	for (size_t i = slice * b->n / b->n_slices; i < (slice + 1) * b->n / b->n_slices; i++)
		tally_cell(s, b->cells[i], s->members + b->cells[i] * s->K, tally);
}

static void add_slices(const struct harmony_block *b, double sign)
{
	const struct state *s = b->s;

	for (size_t slice = 0; slice < b->n_slices; slice++)
		for (size_t i = 0; i < tally_size(s); i++)
			s->there[i] += sign * s->tallies[slice * tally_size(s) + i];
}

static void take_out(struct harmony_block *b)
{
	pool_run(b->s->pool, b->n_slices, take_out_slice, b);
	add_slices(b, -1);
}

/* The penalties of a cell's levels, as one logarithm per cluster; in 'room', or where they stand. */
static const double *penalties_of(const struct state *s, size_t cell, double *room)
{
	size_t n_variables = s->batches->n_variables;
	const uint32_t *levels = s->batches->levels + cell * n_variables;

	if (n_variables == 1)
		return s->penalties + levels[0] * s->K;
	for (size_t k = 0; k < s->K; k++) {
		double sum = 0;

		for (size_t v = 0; v < n_variables; v++) {
			double log = s->penalties[levels[v] * s->K + k];

			sum += s->o->adds_penalties ? exp_double(log) : log;
		}
		room[k] = s->o->adds_penalties ? log_double(sum) : sum;
	}
	return room;
}

CLONES static double dot(const double *a, const double *b, size_t n)
{
	double sum[LANES] = {0}, all = 0;
	size_t k = 0;

	for (; k + LANES <= n; k += LANES)
		for (size_t j = 0; j < LANES; j++)
			sum[j] += a[k + j] * b[k + j];
	for (; k < n; k++)
		all += a[k] * b[k];
	for (size_t j = 0; j < LANES; j++)
		all += sum[j];
	return all;
}

/*
 * Products with the centroids to memberships. Returns sum r distance + sigma sum r log r, which is
 * what the logits leave of it: log r is distance / -sigma + penalty - log of the sum.
 */
CLONES static double settle(double *r, const double *penalties, size_t K, double sigma)
{
	double most, of_sum, steep = 2 / sigma;

	for (size_t k = 0; k < K; k++)
		r[k] = (r[k] - 1) * steep;
	if (penalties)
		add_row(r, penalties, K);
	most = softmax(r, K, &of_sum);
	return sigma * ((penalties ? dot(r, penalties, K) : 0) - most - log_double(of_sum));
}

/* Some cells' memberships anew. Returns their part of the objective. */
static double assign_chunk(const struct harmony_block *b, size_t from, size_t n, double *room,
			   double *tally)
{
	const struct state *s = b->s;
	size_t dims = s->dims, K = s->K;
	double *units = room, *penalties = units + n * dims, *members = penalties + K, sum = 0;

	for (size_t i = 0; i < n; i++)
		memcpy(units + i * dims, s->units + b->cells[from + i] * dims,
		       dims * sizeof(*units));
	ordered_product((struct gemm){.m = n, .n = K, .k = dims}, units, dims, s->turned, K,
			members, K);
	for (size_t i = 0; i < n; i++) {
		size_t cell = b->cells[from + i];
		double *r = members + i * K;

		sum += settle(r, b->penalised ? penalties_of(s, cell, penalties) : NULL, K,
			      s->o->sigma);
		tally_cell(s, cell, r, tally);
		memcpy(s->members + cell * K, r, K * sizeof(*r));
	}
	return sum;
}

static void assign_slice(void *arg, size_t slice)
{
	const struct harmony_block *b = arg;
	const struct state *s = b->s;
	size_t end = (slice + 1) * b->n / b->n_slices;
	double *tally = slice_tally(s, slice), sum = 0;
	double *room = mem_alloc(CELLS_PER_CHUNK * (s->dims + s->K) + s->K, sizeof(*room));

	for (size_t i = slice * b->n / b->n_slices; i < end; i += CELLS_PER_CHUNK)
		sum += assign_chunk(b, i, MIN(CELLS_PER_CHUNK, end - i), room, tally);
	s->terms[slice] = sum;
	free(room);
}

/* The block's cells anew, and into the counts. */
static void assign(struct harmony_block *b, bool penalised)
{
	b->penalised = penalised;
	pool_run(b->s->pool, b->n_slices, assign_slice, b);
	add_slices(b, 1);
	for (size_t i = 0; i < b->n_slices; i++)
		b->s->objective += b->s->terms[i];
}

/* ---- penalties and the objective's last term ---- */

double harmony_penalty(enum harmony_flavour flavour, double there, double expected)
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
				log_double(harmony_penalty(s->o->flavour, s->there[b * s->K + k],
							   expected(s, b, k)));
}

static double whole_objective(const struct state *s)
{
	double cross = 0;

	for (size_t b = 0; b < s->batches->n_levels; b++)
		for (size_t k = 0; k < s->K; k++)
			cross -= s->theta[b] * s->there[b * s->K + k] *
				 log_double(harmony_penalty(s->o->flavour, s->there[b * s->K + k],
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
	struct harmony_block all = block_of(s, s->order, s->n);

	for (size_t i = 0; i < s->n; i++)
		s->order[i] = (uint32_t)i;
	turn_centroids(s);
	s->objective = 0;
	memset(s->there, 0, tally_size(s) * sizeof(*s->there));
	assign(&all, false);
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
		struct harmony_block b = block_of(s, s->order + from, to - from);

		take_out(&b);
		find_penalties(s);
		assign(&b, true);
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
	s->there = mem_alloc(mem_product(s->batches->n_levels + 1, K), sizeof(double));
	s->total = s->there + s->batches->n_levels * K;
	s->tallies = mem_alloc(mem_product(MOST_SLICES, tally_size(s)), sizeof(double));
	s->penalties = mem_alloc(mem_product(s->batches->n_levels, K), sizeof(double));
	MEM_ARRAY(s->order, n);
	MEM_ARRAY(s->terms, MOST_SLICES);
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
	if (n < HARMONY_FEW && !o.orders)
		o.block = 0.2; /* blocks of less than two cells do not mix */
	set_up(&s, result);
	ret = iterate(&s, result, err);
	free(s.units);
	free(s.turned);
	free(s.there);
	free(s.penalties);
	free(s.tallies);
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
