/* variable_genes.c - see variable_genes.h. */
#include "base/util.h"

#include <math.h>

#include "expression/variable_genes.h"

#define MIN_CELLS 5
#define N_BINS 20

struct gene_spread {
	bool eligible;
	double mean, dispersion; /* log1p and log of them; dispersion NaN when it would be 0 */
	double score;            /* the dispersion among genes of like mean */
};

static struct gene_spread spread_of(const struct gene_sums *s, double n)
{
	double mean = s->raw_sum / n;
	double dispersion =
		sums_variance(s->raw_sum, s->raw_squares, n) / (mean > 0 ? mean : 1e-12);

	return (struct gene_spread){
		.eligible = s->n_positive >= MIN_CELLS,
		.mean = log1p(mean > 0 ? mean : 1e-12),
		.dispersion = dispersion > 0 ? log(dispersion) : NAN,
		.score = NAN,
	};
}

/* The bin of a mean, as pandas cuts a range in equal parts, each open below and closed above. */
static size_t bin_of(double mean, double low, double high)
{
	for (size_t bin = 0; bin + 1 < N_BINS; bin++)
		if (mean <= low + (high - low) * (double)(bin + 1) / N_BINS)
			return bin;
	return N_BINS - 1;
}

static void score_genes(struct gene_spread *genes, size_t n)
{
	double low = INFINITY, high = -INFINITY;
	double sum[N_BINS] = {0}, squares[N_BINS] = {0}, count[N_BINS] = {0};

	for (size_t g = 0; g < n; g++) {
		if (!genes[g].eligible)
			continue;
		low = fmin(low, genes[g].mean);
		high = fmax(high, genes[g].mean);
	}
	for (int pass = 0; pass < 2; pass++) { /* means first, then squares about them */
		for (size_t g = 0; g < n; g++) {
			size_t bin = bin_of(genes[g].mean, low, high);
			double d = genes[g].dispersion;

			if (!genes[g].eligible || isnan(d))
				continue;
			count[bin] += pass == 0;
			sum[bin] += pass == 0 ? d : 0;
			squares[bin] += pass == 0 ? 0 : pow(d - sum[bin] / count[bin], 2);
		}
	}
	for (size_t g = 0; g < n; g++) {
		size_t bin = bin_of(genes[g].mean, low, high);
		double mean = sum[bin] / count[bin];

		if (!genes[g].eligible)
			continue;
		/* A gene alone in its bin has no deviation: it scores 1. */
		genes[g].score = count[bin] > 1 ? (genes[g].dispersion - mean) /
							  sqrt(squares[bin] / (count[bin] - 1))
						: genes[g].dispersion / mean;
	}
}

static int fall(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x > y ? -1 : x < y;
}

/* The score of the last gene that is taken. */
static double cutoff(const struct gene_spread *genes, size_t n, size_t n_top)
{
	double *scores = mem_alloc(n, sizeof(*scores)), last = INFINITY;
	size_t n_scored = 0;

	for (size_t g = 0; g < n; g++)
		if (!isnan(genes[g].score))
			scores[n_scored++] = genes[g].score;
	qsort(scores, n_scored, sizeof(*scores), fall);
	if (n_scored && n_top)
		last = scores[MIN(n_top, n_scored) - 1];
	free(scores);
	return last;
}

size_t variable_genes(const struct gene_moments *m, size_t n_top, bool *chosen)
{
	struct gene_spread *genes = mem_alloc(m->n_genes, sizeof(*genes));
	size_t n_chosen = 0;
	double last;

	for (size_t g = 0; g < m->n_genes; g++)
		genes[g] = spread_of(&m->sums[g], (double)m->n_cells);
	score_genes(genes, m->n_genes);
	last = cutoff(genes, m->n_genes, n_top);
	for (size_t g = 0; g < m->n_genes; g++) {
		chosen[g] = genes[g].eligible && genes[g].score >= last;
		n_chosen += chosen[g];
	}
	free(genes);
	return n_chosen;
}
