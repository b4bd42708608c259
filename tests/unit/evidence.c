/* evidence.c - statistics against scipy's values, sums and ranks against plain loops. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "evidence/statistics.h"
#include "expression/group_moments.h"
#include "expression/rank_sums.h"

#include "tap.h"

static bool near(double a, double b, double relative)
{
	return fabs(a - b) <= relative * fabs(b);
}

/* scipy 1.13.1 */
static void test_tails(void)
{
	static const double student[][3] = {
		{0.5, 3, 0.651447964848151},       {2, 1, 0.2951672353008664},
		{10, 5.5, 9.832412780888312e-05},  {30, 700.3, 8.48706151531437e-128},
		{-4, 19.2, 0.0007528567368086047}, {0.001, 50, 0.9992060947755017},
	};
	static const struct {
		size_t k, population, marked, drawn;
		double upper, two_sided;
	} urns[] = {
		{5, 765, 10, 50, 0.00019242131086525858, 0.00019242131086525858},
		{4, 20000, 50, 100, 0.00011357188843531715, 0.00011357188843531715},
		{1, 20000, 500, 100, 0.9209874320418081, 0.5234069436397129},
		{0, 100, 10, 10, 1.0, 0.5920046776707097},
		{30, 765, 40, 50, 4.4558973222692147e-32, 4.4558973222692147e-32},
	};
	long double *f = log_factorials(20000);

	for (size_t i = 0; i < ARRAY_LEN(student); i++)
		OK(near(student_two_sided(student[i][0], student[i][1]), student[i][2], 1e-12),
		   "Student's tail at %g of %g degrees", student[i][0], student[i][1]);
	for (size_t i = 0; i < ARRAY_LEN(urns); i++) {
		struct urn u = {urns[i].population, urns[i].marked, urns[i].drawn, f};
		OK(near(hypergeometric_upper(&u, urns[i].k), urns[i].upper, 1e-12) &&
			   near(hypergeometric_two_sided(&u, urns[i].k), urns[i].two_sided, 1e-10),
		   "%zu or more of %zu among %zu drawn of %zu", urns[i].k, urns[i].marked,
		   urns[i].drawn, urns[i].population);
	}
	OK(near(normal_two_sided(3), 0.0026997960632601866, 1e-14), "the normal tail");
	OK(isnan(student_two_sided(NAN, 3)) && student_two_sided(INFINITY, 3) == 0 &&
		   isnan(student_two_sided(1, 0)),
	   "tails of what is no number");
	free(f);
}

static void test_adjust(void)
{
	double p[] = {0.01, 0.04, NAN, 0.03, 0.005}, q[5];

	adjust_bh(p, q, 5);
	OK(near(q[4], 0.025, 1e-12) && near(q[0], 0.025, 1e-12) && near(q[3], 0.05, 1e-12) &&
		   near(q[1], 0.05, 1e-12) && q[2] == 1,
	   "Benjamini and Hochberg, NaN last");
	adjust_bonferroni(p, q, 5);
	OK(near(q[1], 0.2, 1e-12) && q[2] == 1, "Bonferroni");
}

enum { CELLS = 90, GENES = 7, GROUPS = 4 };

/* Ties, negatives, stored zeros, a constant gene, an absent one, cells without a group. */
static void make(struct cells *block, double (*dense)[GENES], uint32_t *of)
{
	struct rng rng = rng_seeded(7);

	cells_reserve(block, CELLS, CELLS * GENES);
	block->n_cells = CELLS;
	block->n_genes = GENES;
	block->first = 0;
	size_t n = 0;
	for (size_t c = 0; c < CELLS; c++) {
		of[c] = c % 9 == 8 ? GROUP_NONE : (uint32_t)rng_below(&rng, GROUPS);
		block->starts[c] = n;
		for (uint32_t g = 0; g < GENES; g++) {
			double x = g == 5   ? 2.5
				   : g == 6 ? 0
					    : (double)rng_below(&rng, 6) / 2 - (g == 0 ? 1.5 : 0);
			dense[c][g] = x;
			if (x == 0 && g != 1)
				continue;
			block->genes[n] = g;
			block->values[n++] = (float)x;
		}
	}
	block->starts[CELLS] = n;
}

static bool same_moments(const struct group_moments *m, double (*dense)[GENES], const uint32_t *of)
{
	for (size_t group = 0; group <= GROUPS; group++) {
		for (size_t g = 0; g < GENES; g++) {
			double n = 0, sum = 0, squares = 0, some = 0;
			for (size_t c = 0; c < CELLS; c++) {
				if ((of[c] == GROUP_NONE ? GROUPS : of[c]) != group)
					continue;
				n++;
				sum += dense[c][g];
				squares += dense[c][g] * dense[c][g];
				some += dense[c][g] != 0;
			}
			struct moment a = group_moment(m, group, g);
			if (a.n != n || a.n_expressing != some || fabs(a.mean - sum / n) > 1e-12 ||
			    fabs(a.squares - (squares - sum * sum / n)) > 1e-9)
				return false;
		}
	}
	return true;
}

/* U by comparing every pair; the reference is a group or all other cells. */
static bool same_ranks(const struct rank_sums *r, double (*dense)[GENES], const uint32_t *of)
{
	for (size_t group = 0; group < GROUPS; group++) {
		for (size_t g = 0; g < GENES && group != r->reference; g++) {
			double u = 0;
			for (size_t a = 0; a < CELLS; a++) {
				for (size_t b = 0; of[a] == group && b < CELLS; b++) {
					if (of[b] == group ||
					    (r->reference != RANK_REST && of[b] != r->reference))
						continue;
					u += dense[a][g] > dense[b][g]    ? 1
					     : dense[a][g] == dense[b][g] ? 0.5
									  : 0;
				}
			}
			if (r->u[group * GENES + g] != u)
				return false;
		}
	}
	return true;
}

static void test_sums(void)
{
	static double dense[CELLS][GENES];
	struct cells block = {0};
	struct group_moments m;
	struct err err = ERR_INIT;
	struct pool *pool = pool_new(2);
	uint32_t of[CELLS];
	size_t references[] = {RANK_REST, 2};

	make(&block, dense, of);
	group_moments_init(&m, GROUPS, GENES, false);
	group_moments_add(&m, &block, of, pool);
	OK(same_moments(&m, dense, of), "moments of groups are those of plain sums");
	struct moment constant = group_moment(&m, 1, 5);
	OK(moment_variance(&constant) == 0 && constant.mean == 2.5,
	   "a constant gene has a variance of exactly 0");
	for (size_t i = 0; i < 2; i++) {
		struct rank_sums *r = rank_sums_new(GROUPS, GENES, CELLS, 0, &err);
		OK(r && !rank_sums_add(r, &block, of, &err) &&
			   !rank_sums_finish(r, references[i], pool, NULL, NULL, &err) &&
			   same_ranks(r, dense, of),
		   "ranks against %s are those of comparing all pairs", i ? "a group" : "the rest");
		rank_sums_free(r);
	}
	group_moments_release(&m);
	cells_release(&block);
	pool_free(pool);
}

int main(void)
{
	test_tails();
	test_adjust();
	test_sums();
	return done_testing();
}
