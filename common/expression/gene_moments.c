/* gene_moments.c - see gene_moments.h. */
#include "base/util.h"

#include <math.h>

#include "expression/gene_moments.h"
#include "matrix/logexp.h"

#define SLICE ((size_t)512) /* values that are unlogged at a time */
#define N_PARTS ((size_t)8) /* of every block, so that sums are added in one order */

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

double sums_variance(double sum, double squares, double n)
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
	double v = sums_variance(s->sum, s->squares, (double)m->n_cells);

	return v > 0 ? sqrt(v) : 1;
}
