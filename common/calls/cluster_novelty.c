/* cluster_novelty.c - see cluster_novelty.h. */
#include "base/util.h"

#include <math.h>

#include "calls/cluster_novelty.h"

#define LEAST_STRANGE 0.1 /* of a label's cells */

/* Values of cells, group after group, each group rising; NaN is left out. */
struct grouped {
	double *values;
	size_t *first; /* per group and one more */
};

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct grouped group(const double *values, const uint32_t *of, size_t n, size_t n_groups)
{
	struct grouped g = {mem_alloc(n + 1, sizeof(*g.values)),
			    mem_zero(n_groups + 2, sizeof(*g.first))};

	for (size_t i = 0; i < n; i++)
		g.first[of[i] + 2] += !isnan(values[i]);
	for (size_t k = 2; k < n_groups + 2; k++)
		g.first[k] += g.first[k - 1];
	for (size_t i = 0; i < n; i++)
		if (!isnan(values[i]))
			g.values[g.first[of[i] + 1]++] = values[i];
	for (size_t k = 0; k < n_groups; k++)
		qsort(g.values + g.first[k], g.first[k + 1] - g.first[k], sizeof(*g.values),
		      rising);
	return g;
}

/* The value that this share of a group's is under, between two when it falls there. */
static double quantile(const struct grouped *g, size_t k, double share)
{
	const double *values = g->values + g->first[k];
	size_t n = g->first[k + 1] - g->first[k], low;
	double at;

	if (n == 0)
		return NAN;
	at = share * (double)(n - 1);
	low = (size_t)at;
	return values[low] + (at - (double)low) * (values[MIN(low + 1, n - 1)] - values[low]);
}

static double *quantiles(const double *values, const uint32_t *of, size_t n, size_t n_groups,
			 double share)
{
	struct grouped g = group(values, of, n, n_groups);
	double *found = mem_alloc(n_groups + 1, sizeof(*found));

	for (size_t k = 0; k < n_groups; k++)
		found[k] = quantile(&g, k, share);
	free(g.values);
	free(g.first);
	return found;
}

int cluster_novelty_read(struct cluster_novelty *n, const struct calls_table *calls,
			 const struct clusters *clusters, size_t fewest, struct pool *pool,
			 struct err *err)
{
	size_t column = table_column(calls->table, "novelty");
	double *novelty;
	int ret;

	*n = (struct cluster_novelty){0};
	if (column == SIZE_MAX)
		return 0;
	novelty = mem_alloc(calls->n + 1, sizeof(*novelty));
	ret = table_numbers(calls->table, column, pool, novelty, err);
	for (size_t cell = 0; cell < calls->n && calls->n < fewest; cell++)
		novelty[cell] = NAN;
	if (ret == 0) {
		n->of_cluster =
			quantiles(novelty, clusters->of_cell, calls->n, clusters->names.n, 0.5);
		for (size_t cell = 0; cell < calls->n; cell++)
			novelty[cell] = n->of_cluster[clusters->of_cell[cell]];
		n->of_label = quantiles(novelty, calls->labels, calls->n, calls->label_names.n,
					LEAST_STRANGE);
	}
	free(novelty);
	return ret;
}

void cluster_novelty_release(struct cluster_novelty *n)
{
	free(n->of_cluster);
	free(n->of_label);
	*n = (struct cluster_novelty){0};
}
