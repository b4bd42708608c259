/* mapping.c - votes, anchors, clusters and calibration: worked examples, and Seurat, scikit-learn
 * and scArches on the same coordinates (tests/golden/map/README.md). */
#include "tap.h"

#include <math.h>

#include "format/tsv.h"
#include "graph/knn_cross.h"
#include "linalg/cholesky.h"
#include "linalg/exponential.h"
#include "map/anchors_private.h"
#include "map/correction.h"
#include "map/harmony/soft.h"
#include "map/percentiles.h"
#include "map/spread.h"
#include "map/tree/neighbour_votes.h"
#include "map/tree/sureness.h"

#define GOLDEN "tests/golden/map/"

static bool near(double a, double b, double by)
{
	return fabs(a - b) <= by;
}

/* ---- tables ---- */

struct grid {
	size_t n, n_columns; /* of the columns from 'first' on */
	char **keys;         /* the first column */
	double *at;
	char **names;
	struct arena arena;
};

static struct grid grid_read(const char *path, size_t first)
{
	struct err err = ERR_INIT;
	struct tsv *t = tsv_open(path, &err);
	struct grid g = {0};
	size_t cap = 0, cap_keys = 0;

	if (!t)
		BUG("%s (run from the source folder)", err.text);
	g.n_columns = t->n_fields - first;
	MEM_ARRAY(g.names, g.n_columns);
	for (size_t c = 0; c < g.n_columns; c++)
		g.names[c] =
			arena_str(&g.arena, t->header[c + first], strlen(t->header[c + first]));
	while (tsv_next(t, &err) > 0) {
		MEM_GROW(g.at, (g.n + 1) * g.n_columns, cap);
		MEM_GROW(g.keys, g.n + 1, cap_keys);
		g.keys[g.n] = arena_str(&g.arena, t->fields[0], strlen(t->fields[0]));
		for (size_t c = 0; c < g.n_columns; c++)
			if (!parse_double(t->fields[c + first], &g.at[g.n * g.n_columns + c]))
				g.at[g.n * g.n_columns + c] = NAN;
		g.n++;
	}
	tsv_close(t);
	return g;
}

static void grid_free(struct grid *g)
{
	free(g->at);
	free(g->keys);
	free(g->names);
	arena_release(&g->arena);
}

static size_t grid_column(const struct grid *g, const char *name)
{
	for (size_t c = 0; c < g->n_columns; c++)
		if (str_eq(g->names[c], name))
			return c;
	BUG("no column %s", name);
}

/* ---- exp and log ---- */

/* Whatever the length of the row, the same bytes as one by one; NaN stays, ends are capped. */
static void rows_of_exponentials(void)
{
	const double ends[6] = {NAN, -INFINITY, INFINITY, -708.5, 710, -0.0};
	double row[37], one;
	size_t wrong = 0;

	for (size_t n = 1; n <= 37; n++) {
		for (size_t i = 0; i < n; i++)
			row[i] = i % 7 ? 700 * sin((double)(i * n)) : ends[i / 7];
		exp_all(row, n);
		for (size_t i = 0; i < n; i++) {
			one = exp_double(i % 7 ? 700 * sin((double)(i * n)) : ends[i / 7]);
			wrong += memcmp(&row[i], &one, sizeof(one)) != 0 &&
				 !(isnan(one) && isnan(row[i]));
		}
	}
	OK(wrong == 0, "rows of 1 to 37: %zu differ", wrong);
}

static void exponentials(void)
{
	double worst = 0, worst_log = 0, x[4] = {-1000, 0, 1, 709};

	for (double v = -700; v < 700; v += 0.37)
		worst = MAX(worst, fabs(exp_double(v) / exp(v) - 1));
	for (double v = 1e-300; v < 1e300; v *= 1.7)
		worst_log = MAX(worst_log, fabs(log_double(v) - log(v)) / MAX(fabs(log(v)), 1e-3));
	OK(worst < 1e-15, "exp within 1e-15 of libm's: %.1e", worst);
	OK(worst_log < 1e-15, "log within 1e-15 of libm's: %.1e", worst_log);
	exp_all(x, 4);
	OK(x[0] == 0 && x[1] == 1 && x[2] == exp_double(1), "in a row as one by one");
	rows_of_exponentials();
}

/* ---- neighbours' votes ---- */

static void kernels(void)
{
	const double d[4] = {1, 1.5, 2, 4};
	const double want[3][4] = {{0.413793103, 0.275862069, 0.206896552, 0.103448276},
				   {0.488329789, 0.324675983, 0.183350411, 0.003643817},
				   {0.338808745, 0.288105404, 0.244989910, 0.128095941}};
	double w[4];

	for (int kernel = VOTE_INVERSE; kernel <= VOTE_HLCA; kernel++) {
		double sum = 0, worst = 0;

		vote_weigh((enum vote_kernel)kernel, d, 4, w);
		for (int i = 0; i < 4; i++)
			sum += w[i];
		for (int i = 0; i < 4; i++)
			worst = MAX(worst, fabs(w[i] / sum - want[kernel - 1][i]));
		OK(worst < 1e-9, "kernel %d of the worked example: %.1e", kernel, worst);
	}
}

/* Shares of all labels against the golden columns of one kernel and k. */
static void check_votes(const struct grid *votes, const struct knn_cross *found, size_t k,
			const char *kernel_name, enum vote_kernel kernel, const int32_t *labels,
			const struct strtab *names, bool clear_only, double tolerance)
{
	double *weights = mem_alloc(k, sizeof(*weights)), worst = 0;
	double *shares = mem_alloc(names->n, sizeof(*shares));
	size_t compared = 0;
	char column[200];

	snprintf(column, sizeof(column), "k%zu_cut_is_clear", k);
	size_t clear = grid_column(votes, column);
	for (size_t i = 0; i < votes->n; i++) {
		if (clear_only && votes->at[i * votes->n_columns + clear] != 1)
			continue;
		vote_weigh(kernel, found->distances + i * found->k, k, weights);
		vote_count(found->neighbors + i * found->k, weights, k, labels, names->n, shares);
		for (uint32_t l = 0; l < names->n; l++) {
			snprintf(column, sizeof(column), "k%zu_%s:%s", k, kernel_name,
				 strtab_str(names, l));
			worst = MAX(
				worst,
				fabs(shares[l] -
				     votes->at[i * votes->n_columns + grid_column(votes, column)]));
		}
		compared++;
	}
	OK(worst < tolerance && compared > 0, "k %zu %s: shares of %zu cells within %.0e: %.1e", k,
	   kernel_name, compared, tolerance, worst);
	free(shares);
	free(weights);
}

static void golden_votes(const char *reference_path, const char *query_path, const char *votes_path,
			 const size_t *ks, size_t n_ks, struct pool *pool)
{
	struct grid r = grid_read(reference_path, 1), q = grid_read(query_path, 0);
	struct grid votes = grid_read(votes_path, 0);
	struct strtab names = {0}, sorted = {0};
	int32_t *labels = mem_alloc(r.n, sizeof(*labels));
	uint32_t *order;
	struct err err = ERR_INIT;
	struct knn_cross *found = knn_cross_find(q.at, q.n, r.at, r.n, r.n_columns, ks[n_ks - 1],
						 SIZE_MAX, pool, &err);

	for (size_t i = 0; i < r.n; i++)
		strtab_add(&names, r.keys[i]);
	order = strtab_sorted(&names);
	for (size_t i = 0; i < names.n; i++)
		strtab_add(&sorted, strtab_str(&names, order[i]));
	for (size_t i = 0; i < r.n; i++)
		labels[i] = (int32_t)strtab_find(&sorted, r.keys[i]);
	for (size_t i = 0; i < n_ks; i++) {
		check_votes(&votes, found, ks[i], "uniform", VOTE_UNIFORM, labels, &sorted, true,
			    1e-12);
		check_votes(&votes, found, ks[i], "distance", VOTE_INVERSE, labels, &sorted, true,
			    1e-12);
	}
	knn_cross_free(found);
	free(order);
	free(labels);
	strtab_release(&names);
	strtab_release(&sorted);
	grid_free(&r);
	grid_free(&q);
	grid_free(&votes);
}

/* ---- Symphony ---- */

static void worked_symphony(struct pool *pool)
{
	double centroids[4], weights[2] = {3, 2}, sums[4] = {6, 1.5, -1, 4};
	double cells[8] = {3, 1, 2, 0, 0, 3, -1, 2}, members[8], out[8];
	const double want_two[8] = {2.562500541,  0.749999528, 2.062499923,  0.250000067,
				    -0.250000054, 2.583333503, -0.750000007, 2.083333315};
	const double want_one[8] = {2.72727304, 0.999999672, 1.727273038,  -3.25e-7,
				    -8e-8,      2.750000198, -0.999999949, 1.750000078};
	uint32_t levels[4] = {0, 1, 0, 1};
	size_t first[2] = {0, 2};
	double counts[2] = {2, 2}, worst = 0, worst_members = 0;
	struct reference ref = {
		.n_dims = 2,
		.clusters = {.n = 2, .sigma = SOFT_SIGMA, .weights = weights, .sums = sums}};
	struct batches two = {.n_cells = 4, .n_variables = 1, .n_levels = 2}, one;
	const double want_members[4] = {1e-8, 0, 0.999999521, 1};
	struct err err = ERR_INIT;

	two.first = first;
	two.levels = levels;
	two.counts = counts;
	unit_rows(sums, 2, 2, centroids, pool);
	ref.clusters.centroids = centroids;
	correction_members(&ref, cells, 4, pool, members);
	for (int i = 0; i < 4; i++)
		worst_members = MAX(worst_members, fabs(members[2 * i + 1] - want_members[i]));
	OK(worst_members < 2e-9, "Symphony's memberships: %.1e", worst_members);
	OK(!correction_apply(&ref, cells, &two, 1, pool, out, &err), "%s", "corrects");
	for (int i = 0; i < 8; i++)
		worst = MAX(worst, fabs(out[i] - want_two[i]));
	OK(worst < 1e-8, "Symphony's correction of two batches: %.1e", worst);
	batches_none(&one, 4);
	worst = 0;
	OK(!correction_apply(&ref, cells, &one, 1, pool, out, &err), "%s", "corrects");
	for (int i = 0; i < 8; i++)
		worst = MAX(worst, fabs(out[i] - want_one[i]));
	OK(worst < 1e-8, "and of one: %.1e", worst);
	batches_release(&one);
}

static void worked_spread(struct pool *pool)
{
	const double points[10] = {0, 0, 2, 0, 0, 2, 2, 2, 1, 1.5};
	const double members[5] = {1, 0.5, 0.5, 0.25, 1}, query[2] = {3, 0}, all = 1;
	struct ref_spread s;
	double distance;

	spread_of(members, points, 5, 2, 1, pool, &s);
	spread_distances(&s, &all, query, 1, 2, 1, pool, &distance);
	OK(near(s.means[0], 0.769230769, 1e-9) && near(s.means[1], 0.923076923, 1e-9),
	   "a weighted mean");
	OK(near(s.factors[0] * s.factors[0], 0.84375, 1e-9) &&
		   near(s.factors[0] * s.factors[1], 0.078125, 1e-9),
	   "a weighted covariance");
	OK(near(distance, 2.678282896, 1e-9), "a Mahalanobis distance: %.9f", distance);
	free(s.means);
	free(s.factors);
}

/* ---- anchors against Seurat 4.3.0 ---- */

static void check_weights(const struct anchors *a)
{
	struct err err = ERR_INIT;
	struct tsv *t = tsv_open_bare(GOLDEN "seurat/weights.mtx.gz", &err);
	double *want = mem_zero(mem_product(a->n, a->n_query), sizeof(*want)), worst = 0;
	size_t line = 0, anchor, cell;
	double value;

	while (t && tsv_next(t, &err) > 0) {
		char *s = t->fields[0], *end;

		if (line++ < 2)
			continue;
		anchor = strtoul(s, &end, 10);
		cell = strtoul(end, &end, 10);
		value = strtod(end, &end);
		want[(anchor - 1) * a->n_query + cell - 1] = value;
	}
	for (size_t i = 0; i < a->n_query; i++)
		for (size_t j = 0; j < a->width; j++)
			if (a->of[i * a->width + j] != UINT32_MAX)
				want[a->of[i * a->width + j] * a->n_query + i] -=
					a->weights[i * a->width + j];
	for (size_t i = 0; i < a->n * a->n_query; i++)
		worst = MAX(worst, fabs(want[i]));
	OK(line > 1000 && worst < 1e-9, "weights of %zu entries within 1e-9: %.1e", line, worst);
	free(want);
	tsv_close(t);
}

static void check_shares(const struct anchors *a, const struct grid *labels,
			 const struct grid *want)
{
	struct strtab names = {0};
	int32_t *of = mem_alloc(labels->n, sizeof(*of));
	double *shares, worst = 0;
	char column[200];

	for (size_t i = 0; i < labels->n; i++)
		of[i] = (int32_t)strtab_add(&names, labels->keys[i]);
	shares = mem_alloc(mem_product(a->n_query, names.n), sizeof(*shares));
	anchors_shares(a, of, names.n, shares);
	for (uint32_t l = 0; l < names.n; l++) {
		snprintf(column, sizeof(column), "prediction.score.%s", strtab_str(&names, l));
		size_t c = grid_column(want, column);
		for (size_t i = 0; i < a->n_query; i++)
			worst = MAX(worst, fabs(shares[i * names.n + l] -
						want->at[i * want->n_columns + c]));
	}
	OK(worst < 1e-9, "shares of %zu labels within 1e-9: %.1e", names.n, worst);
	free(shares);
	free(of);
	strtab_release(&names);
}

static void golden_anchors(struct pool *pool)
{
	struct grid r = grid_read(GOLDEN "seurat/ref_embedding.tsv.gz", 1);
	struct grid q = grid_read(GOLDEN "seurat/query_embedding.tsv.gz", 1);
	struct grid want = grid_read(GOLDEN "seurat/anchors.tsv.gz", 0);
	struct grid calls = grid_read(GOLDEN "seurat/predictions.tsv.gz", 0);
	struct grid labels = grid_read(GOLDEN "seurat/ref_labels.tsv", 0);
	struct anchor_sets sets = {r.at, r.n, q.at, q.n, r.n_columns, NULL, 0};
	struct err err = ERR_INIT;
	struct anchors *a = anchors_find(&sets, pool, &err);
	size_t same = 0, shared = 0, c = grid_column(&calls, "mapping_score");
	double worst = 0, *scores = mem_alloc(q.n, sizeof(*scores));

	OK(a && a->n == want.n, "%zu anchors, as Seurat's %zu (%s)", a ? a->n : 0, want.n,
	   err.text);
	for (size_t i = 0; i < MIN(a->n, want.n); i++) {
		const double *row = want.at + i * want.n_columns;

		same += a->reference[i] == (uint32_t)row[0] && a->query[i] == (uint32_t)row[1];
		shared += a->shared[i] == (uint32_t)row[4];
		worst = MAX(worst, fabs(a->scores[i] - row[5]));
	}
	OK(same == want.n, "the same pairs in the same order: %zu", same);
	OK(shared == want.n, "the same numbers of shared neighbours: %zu", shared);
	OK(worst < 1e-12, "scores within 1e-12: %.1e", worst);
	OK(anchors_weigh(a, &sets, 50, pool, &err) == 50, "50 anchored cells each %s", err.text);
	check_weights(a);
	check_shares(a, &labels, &calls);
	OK(!anchors_map_score(a, &sets, pool, scores, &err), "mapping scores %s", err.text);
	worst = 0;
	for (size_t i = 0; i < q.n; i++)
		worst = MAX(worst, fabs(scores[i] - calls.at[i * calls.n_columns + c]));
	OK(worst < 1e-9, "mapping scores within 1e-9: %.1e", worst);
	anchors_free(a);
	free(scores);
	grid_free(&r);
	grid_free(&q);
	grid_free(&want);
	grid_free(&calls);
	grid_free(&labels);
}

/* ---- Seurat's weights, the worked example ---- */

static void worked_weights(void)
{
	/* Cells 0 (two anchors), 1, 2 and 3; the fourth cell's anchor is not reached. */
	const uint32_t query[5] = {0, 0, 1, 2, 3}, stands_for[4] = {0, 1, 2, 3};
	const double scores[5] = {1, 0.5, 0.8, 1, 0.2}, distances[4] = {0, 1, 2, 4};
	const double want[4] = {0.371452846, 0.197319233, 0.233908688, 0.197319233};
	struct anchor_index x = anchor_index_of(query, 5, 4);
	double weights[4], worst = 0;
	uint32_t of[4];

	anchor_walk(&x, scores, stands_for, distances, 4, of, weights);
	for (uint32_t i = 0; i < 4; i++)
		worst = MAX(worst, fabs(weights[i] - want[i]) + (of[i] != i));
	OK(worst < 1e-9, "Seurat's weights of the worked example: %.1e", worst);
	anchor_index_release(&x);
}

/* ---- small things ---- */

static void small(void)
{
	double a[9] = {4, 0, 0, 2, 5, 0, 1, 3, 6}, b[3] = {1, 2, 3}, flat[4] = {1, 0, 1, 1};
	double values[5] = {5, 1, 4, 2, 3}, q[REF_QUANTILES];

	OK(!cholesky_factor(a, 3, 0), "a system is factored");
	cholesky_solve(a, 3, b, 1);
	OK(near(4 * b[0] + 2 * b[1] + b[2], 1, 1e-14) && near(b[0] + 3 * b[1] + 6 * b[2], 3, 1e-14),
	   "and solved");
	OK(cholesky_factor(flat, 2, 1e-10) == -1, "a singular one is not");
	percentile_quantiles(values, 5, q);
	OK(q[0] == 1 && q[500] == 3 && q[1000] == 5 && near(q[125], 1.5, 1e-12), "quantiles");
	OK(percentile_of(q, 3) == 50 && percentile_of(q, 0) == 0 && percentile_of(q, 9) == 100 &&
		   near(percentile_of(q, 1.5), 12.5, 1e-9) && isnan(percentile_of(q, NAN)),
	   "and percentiles are each other's inverse");
}

/* Two labels, one with distances 1 to 2, the other 4 to 8: half-way both are times or by 2. */
static void scale(void)
{
	double q[2 * REF_QUANTILES], counts[2] = {1, 1}, at, beyond, farther;
	struct percentile_scale s;

	for (size_t i = 0; i < REF_QUANTILES; i++) {
		q[i] = 1 + (double)i / 1000;
		q[REF_QUANTILES + i] = 4 * q[i];
	}
	s = percentile_scale_of(q, counts, 1);
	at = percentile_in(&s, 0, 1.25);
	OK(near(at, 25, 0.2), "one label alone is its own scale: %.3f", at);
	percentile_scale_release(&s);
	s = percentile_scale_of(q, counts, 2);
	at = percentile_in(&s, 0, 1.9);
	beyond = percentile_in(&s, 0, 9);
	farther = percentile_in(&s, 0, 10);
	OK(at < 90 && percentile_in(&s, 1, 1.9) < at, "a tight label is wider: %.3f", at);
	OK(beyond > 99.9 && farther > beyond && farther < 100,
	   "beyond all it still rises: %.9g %.9g", beyond, farther);
	OK(percentile_in(&s, 0, 9) > percentile_in(&s, 1, 9), "the more the tighter the label");
	OK(isnan(percentile_in(&s, 2, 1)) && isnan(percentile_in(&s, 0, NAN)),
	   "no label, no answer");
	percentile_scale_release(&s);
}

/* Shares are right as often as they say, or half as often in odds. */
static void sureness(void)
{
	double shares[4000], sure[2];
	bool right[4000];

	for (size_t i = 0; i < 4000; i++) {
		shares[i] = 0.5 + 0.1 * (double)(i % 5);
		right[i] = (double)(i / 5 % 100) < 100 * shares[i];
	}
	sureness_fit(shares, right, 4000, sure);
	OK(near(sureness_of(sure, 0.7), 0.7, 0.01) && near(sureness_of(sure, 0.9), 0.9, 0.01),
	   "shares that are right as often as they say: %.4f %.4f", sureness_of(sure, 0.7),
	   sureness_of(sure, 0.9));
	for (size_t i = 0; i < 4000; i++)
		right[i] = i / 5 % 100 < 50;
	sureness_fit(shares, right, 4000, sure);
	OK(near(sureness_of(sure, 0.9), 0.5, 0.01), "shares that say nothing: %.4f",
	   sureness_of(sure, 0.9));
	sureness_fit(shares, right, 0, sure);
	OK(near(sureness_of(sure, 0.8), 0.8, 1e-12) && sureness_of(sure, 1) < 1,
	   "without cells the share itself");
}

static void worked_scores(void)
{
	uint32_t shared[7] = {2, 5, 9, 14, 20, 20, 31};
	const double want[7] = {0, 0.126912691, 0.306930693, 0.531953195, 0.801980198, 0.801980198,
				1};
	double scores[7], worst = 0;
	struct anchors a = {.n = 7, .shared = shared, .scores = scores};

	anchors_scale_scores(&a);
	for (size_t i = 0; i < 7; i++)
		worst = MAX(worst, fabs(scores[i] - want[i]));
	OK(worst < 1e-9, "anchor scores of the worked example: %.1e", worst);
}

int main(void)
{
	const size_t ks[] = {5, 15}, ties[] = {5, 6};
	struct pool *pool = pool_new(3);

	exponentials();
	kernels();
	worked_weights();
	worked_scores();
	small();
	scale();
	sureness();
	worked_symphony(pool);
	worked_spread(pool);
	golden_votes(GOLDEN "knn_ref.tsv.gz", GOLDEN "knn_query.tsv.gz", GOLDEN "knn_votes.tsv.gz",
		     ks, 2, pool);
	golden_votes(GOLDEN "knn_ties_ref.tsv.gz", GOLDEN "knn_ties_query.tsv.gz",
		     GOLDEN "knn_ties_votes.tsv.gz", ties, 2, pool);
	golden_anchors(pool);
	pool_free(pool);
	return done_testing();
}
