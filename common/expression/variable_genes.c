/* variable_genes.c - see variable_genes.h. */
#include "base/util.h"

#include <math.h>

#include "expression/variable_genes.h"
#include "matrix/logexp.h"

#define SLICE ((size_t)512) /* values that are unlogged at a time */
#define N_PARTS ((size_t)8) /* of every block, so that sums are added in one order */
#define MIN_CELLS 5
#define N_BINS 20

/* ---- moments ---- */

struct choice_pass {
	struct cells *block;
	struct gene_sums *parts; /* N_PARTS x genes */
};

static void add_cells(void *arg, size_t part)
{
	struct choice_pass *pass = arg;
	const struct cells *block = pass->block;
	struct gene_sums *sums = pass->parts + part * block->n_genes;
	size_t from = block->starts[block->n_cells * part / N_PARTS];
	size_t end = block->starts[block->n_cells * (part + 1) / N_PARTS];

	for (size_t at = from; at < end; at += SLICE) {
		size_t n = MIN(SLICE, end - at);
		float unlogged[SLICE];

		memcpy(unlogged, block->values + at, n * sizeof(*unlogged));
		expm1_scaled(unlogged, n, 1);
		for (size_t i = 0; i < n; i++) {
			struct gene_sums *s = &sums[block->genes[at + i]];
			double x = (double)block->values[at + i], raw = (double)unlogged[i];

			s->n_positive += x > 0;
			s->sum += x;
			s->squares += x * x;
			s->raw_sum += raw;
			s->raw_squares += raw * raw;
		}
	}
}

int gene_moments_read(struct gene_moments *m, struct stream *cells, struct pool *pool,
		      struct err *err)
{
	struct choice_pass pass;
	int got;

	*m = (struct gene_moments){.n_genes = cells->n_genes};
	pass.parts = mem_zero(mem_product(N_PARTS, m->n_genes), sizeof(*pass.parts));
	while ((got = stream_next(cells, &pass.block, err)) > 0) {
		pool_run(pool, N_PARTS, add_cells, &pass);
		m->n_cells += pass.block->n_cells;
	}
	for (size_t part = 1; part < N_PARTS; part++) {
		for (size_t g = 0; g < m->n_genes; g++) {
			struct gene_sums *all = &pass.parts[g];
			const struct gene_sums *more = &pass.parts[part * m->n_genes + g];

			all->n_positive += more->n_positive;
			all->sum += more->sum;
			all->squares += more->squares;
			all->raw_sum += more->raw_sum;
			all->raw_squares += more->raw_squares;
		}
	}
	m->sums = mem_resize(pass.parts, m->n_genes, sizeof(*m->sums));
	return got;
}

void gene_moments_release(struct gene_moments *m)
{
	free(m->sums);
	*m = (struct gene_moments){0};
}

static double variance(double sum, double squares, double n)
{
	double v = (squares - sum * sum / n) / (n - 1);

	return v > 0 ? v : 0;
}

double gene_mean(const struct gene_moments *m, size_t gene)
{
	return m->sums[gene].sum / (double)m->n_cells;
}

double gene_deviation(const struct gene_moments *m, size_t gene)
{
	const struct gene_sums *s = &m->sums[gene];
	double v = variance(s->sum, s->squares, (double)m->n_cells);

	return v > 0 ? sqrt(v) : 1;
}

/* ---- choosing ---- */

struct gene_spread {
	bool eligible;
	double mean, dispersion; /* log1p and log of them; dispersion NaN when it would be 0 */
	double score;            /* the dispersion among genes of like mean */
};

static struct gene_spread spread_of(const struct gene_sums *s, double n)
{
	double mean = s->raw_sum / n;
	double dispersion = variance(s->raw_sum, s->raw_squares, n) / (mean > 0 ? mean : 1e-12);

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
