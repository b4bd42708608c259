/* residuals.c - see residuals.h. */
#include "base/util.h"

#include <math.h>

#include "base/strtab.h"
#include "linalg/exponential.h"
#include "linalg/ordered.h"
#include "map/residuals.h"

#define CELLS_AT_ONCE ((size_t)16) /* rows of residuals before they are multiplied */
#define LOG10_OF_E 0.43429448190325182765

static double residual(const struct ref_genes *g, size_t gene, double y, double mu)
{
	double variance = mu + g->residuals.dispersion[gene] * mu * mu, z;

	variance = MAX(variance, g->residuals.least);
	z = (variance > 0 ? (y - mu) / sqrt(variance) : 0) - g->mean[gene];
	return z > g->clip_high ? g->clip_high : z < g->clip_low ? g->clip_low : z;
}

/* What the model expects of every gene in a cell of so many counts. */
static void expect(const struct ref_genes *g, double n_counts, double *mu)
{
	double depth = n_counts > 0 ? LOG10_OF_E * log_double(n_counts) : 0;

	for (size_t i = 0; i < g->n; i++)
		mu[i] = g->residuals.intercept[i] + g->residuals.slope[i] * depth;
	exp_all(mu, g->n);
	if (!(n_counts > 0))
		memset(mu, 0, g->n * sizeof(*mu));
}

/* Of all genes of the reference, 0 for those that the file lacks. False when none is stored. */
static bool residuals_of(const struct projection *p, const bool *shared, const struct cells *block,
			 size_t cell, double *mu, double *row)
{
	const struct ref_genes *g = &p->ref->genes;
	bool any = false;

	expect(g, block->counts[cell], mu);
	for (size_t i = 0; i < g->n; i++)
		row[i] = shared[i] ? residual(g, i, 0, mu[i]) : 0;
	for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
		uint32_t gene = p->gene[block->genes[i]];

		if (gene == STRTAB_NONE)
			continue;
		any = any || block->values[i] != 0;
		row[gene] = residual(g, gene, (double)block->values[i], mu[gene]);
	}
	return any;
}

size_t residuals_place(const struct projection *p, const struct cells *block, size_t from,
		       size_t end, double *points)
{
	size_t n_genes = p->ref->genes.n, n_dims = p->ref->n_dims, n_empty = 0;
	double *rows = mem_alloc(mem_product(CELLS_AT_ONCE + 1, n_genes), sizeof(*rows));
	double *mu = rows + CELLS_AT_ONCE * n_genes;
	bool *shared = mem_zero(n_genes, sizeof(*shared));

	for (size_t i = 0; i < p->n_genes; i++)
		if (p->gene[i] != STRTAB_NONE)
			shared[p->gene[i]] = true;
	for (size_t cell = from; cell < end; cell += CELLS_AT_ONCE) {
		size_t n = MIN(CELLS_AT_ONCE, end - cell);

		for (size_t i = 0; i < n; i++)
			n_empty +=
				!residuals_of(p, shared, block, cell + i, mu, rows + i * n_genes);
		ordered_product((struct gemm){.m = n, .n = n_dims, .k = n_genes}, rows, n_genes,
				p->ref->genes.loadings, n_dims, points + (cell - from) * n_dims,
				n_dims);
	}
	free(shared);
	free(rows);
	return n_empty;
}
