/* markers.c - see markers.h. */
#include "base/util.h"

#include <math.h>

#include "evidence/markers.h"
#include "evidence/statistics.h"

#define GENES_PER_PART ((size_t)64)
#define ALMOST_NOTHING 1e-9 /* added to both means of a fold change, as scanpy does */

/* ---- one test ---- */

static void test_welch(const struct marker_rules *rules, const struct moment *a,
		       const struct moment *b, struct marker *out)
{
	double n_b = rules->method == MARKERS_T_OVERESTIMATED ? a->n : b->n;
	double va = moment_variance(a) / a->n, vb = moment_variance(b) / n_b;
	double degrees = (va + vb) * (va + vb) / (va * va / (a->n - 1) + vb * vb / (n_b - 1));

	out->score = (a->mean - b->mean) / sqrt(va + vb);
	out->p = student_two_sided(out->score, isnan(degrees) ? 1 : degrees);
}

static void test_wilcoxon(const struct marker_rules *rules, double n, double m, double u,
			  double ties, struct marker *out)
{
	double all = n + m, spread = n * m * (all + 1) / 12;

	if (rules->tie_correct)
		spread *= 1 - ties / (all * all * all - all);
	out->score = (u - n * m / 2) / sqrt(spread);
	out->p = normal_two_sided(out->score);
}

static double unlogged(const struct marker_rules *rules, double mean)
{
	return expm1(mean * log(rules->log_base)) + ALMOST_NOTHING;
}

static void finish_test(struct marker *out)
{
	if (isnan(out->score))
		out->score = 0;
	if (isnan(out->p))
		out->p = 1;
}

/* ---- all groups of one gene ---- */

struct job {
	struct markers *m;
	const struct rank_sums *ranks;
};

/* What each group is compared with, by merging all that lies before and behind it. */
static void others(const struct group_moments *sums, size_t gene, const struct moment *groups,
		   struct moment *rest)
{
	size_t n = sums->n_groups;
	struct moment before = {0}, behind = group_moment(sums, n, gene);

	for (size_t g = n; g-- > 0;) {
		rest[g] = behind;
		behind = moment_merge(&groups[g], &behind);
	}
	for (size_t g = 0; g < n; g++) {
		rest[g] = moment_merge(&before, &rest[g]);
		before = moment_merge(&before, &groups[g]);
	}
}

static double mean_unlogged(const struct group_moments *sums, size_t group, size_t gene, double n)
{
	return sums->unlogged[group * sums->n_genes + gene] / n + ALMOST_NOTHING;
}

/* The mean of expm1 over the cells that a group is compared with. */
static double mean_unlogged_rest(const struct markers *m, size_t group, size_t gene, double n)
{
	const struct group_moments *sums = m->moments;
	double sum = 0;

	if (m->rules.reference != MARKERS_REST)
		return mean_unlogged(sums, m->rules.reference, gene, n);
	for (size_t g = 0; g <= sums->n_groups; g++)
		if (g != group)
			sum += sums->unlogged[g * sums->n_genes + gene];
	return sum / n + ALMOST_NOTHING;
}

static void compute_group(const struct job *job, size_t g, size_t gene, const struct moment *a,
			  const struct moment *b)
{
	struct markers *m = job->m;
	const struct marker_rules *rules = &m->rules;
	const struct rank_sums *ranks = job->ranks;
	struct marker *out = &m->of[g * rules->n_genes + gene];
	size_t at = g * rules->n_genes + gene;

	out->mean_rest = b->mean;
	out->pct_rest = b->n_expressing / b->n;
	out->auc = ranks ? (float)(ranks->u[at] / (a->n * b->n)) : NAN;
	out->log2fc = (float)(rules->linear_fc
				      ? log2(mean_unlogged(m->moments, g, gene, a->n) /
					     mean_unlogged_rest(m, g, gene, b->n))
				      : log2(unlogged(rules, a->mean) / unlogged(rules, b->mean)));
	if (rules->method == MARKERS_WILCOXON)
		test_wilcoxon(rules, a->n, b->n, ranks->u[at],
			      ranks->ties[rules->reference == MARKERS_REST ? gene : at], out);
	else
		test_welch(rules, a, b, out);
	finish_test(out);
}

static void compute_part(void *arg, size_t part)
{
	const struct job *job = arg;
	struct markers *m = job->m;
	size_t n = m->rules.n_groups, reference = m->rules.reference;
	size_t last = MIN((part + 1) * GENES_PER_PART, m->rules.n_genes);
	struct moment *groups, *rest;

	MEM_ARRAY(groups, n);
	MEM_ARRAY(rest, n);
	for (size_t gene = part * GENES_PER_PART; gene < last; gene++) {
		if (m->rules.left_out && m->rules.left_out[gene])
			continue;
		for (size_t g = 0; g < n; g++)
			groups[g] = group_moment(m->moments, g, gene);
		if (reference == MARKERS_REST)
			others(m->moments, gene, groups, rest);
		for (size_t g = 0; g < n; g++)
			if (g != reference)
				compute_group(job, g, gene, &groups[g],
					      reference == MARKERS_REST ? &rest[g]
									: &groups[reference]);
	}
	free(groups);
	free(rest);
}

void markers_compute(struct markers *m, const struct marker_rules *rules,
		     const struct group_moments *moments, const struct rank_sums *ranks,
		     struct pool *pool)
{
	struct job job = {m, ranks};

	*m = (struct markers){.rules = *rules, .moments = moments};
	m->of = mem_zero(mem_product(rules->n_groups, rules->n_genes), sizeof(*m->of));
	pool_run(pool, (rules->n_genes + GENES_PER_PART - 1) / GENES_PER_PART, compute_part, &job);
}

void markers_release(struct markers *m)
{
	free(m->of);
	*m = (struct markers){0};
}

/* ---- all genes of one group ---- */

static bool tested(const struct markers *m, size_t gene)
{
	return !m->rules.left_out || !m->rules.left_out[gene];
}

void markers_adjust(const struct markers *m, size_t group, double *padj)
{
	size_t n = 0, n_genes = m->rules.n_genes;
	double *p;

	MEM_ARRAY(p, n_genes);
	for (size_t gene = 0; gene < n_genes; gene++)
		if (tested(m, gene))
			p[n++] = markers_at(m, group, gene)->p;
	(m->rules.bonferroni ? adjust_bonferroni : adjust_bh)(p, p, n);
	n = 0;
	for (size_t gene = 0; gene < n_genes; gene++)
		padj[gene] = tested(m, gene) ? p[n++] : NAN;
	free(p);
}

struct placed {
	double by;
	uint32_t gene;
};

static int by_score(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->by != y->by)
		return x->by > y->by ? -1 : 1;
	return x->gene < y->gene ? -1 : x->gene > y->gene;
}

size_t markers_order(const struct markers *m, size_t group, uint32_t *order)
{
	struct placed *placed;
	size_t n = 0;

	MEM_ARRAY(placed, m->rules.n_genes);
	for (size_t gene = 0; gene < m->rules.n_genes; gene++) {
		double score = markers_at(m, group, gene)->score;
		if (tested(m, gene))
			placed[n++] = (struct placed){m->rules.rank_absolute ? fabs(score) : score,
						      (uint32_t)gene};
	}
	qsort(placed, n, sizeof(*placed), by_score);
	for (size_t i = 0; i < n; i++)
		order[i] = placed[i].gene;
	free(placed);
	return n;
}
