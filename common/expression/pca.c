/* pca.c - the covariance of scaled genes, its eigenvectors, coordinates. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "expression/pca.h"
#include "linalg/eigen.h"

/* ---- covariance ---- */

/* Products to covariances, in place, both triangles. Returns the trace. */
static double to_covariance(struct gram *gram)
{
	size_t n = gram->genes->n;
	double cells = (double)gram->n_cells, trace = 0;
	bool centred = !gram->genes->uncentred;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j <= i; j++) {
			double *c = &gram->products[i * n + j];

			if (centred)
				*c -= gram->sums[i] * gram->sums[j] / cells;
			*c /= cells - 1;
			gram->products[j * n + i] = *c;
		}
		trace += gram->products[i * n + i];
	}
	return trace;
}

/* ---- components ---- */

static void fix_signs(double *components, size_t n_genes, size_t n_components)
{
	for (size_t c = 0; c < n_components; c++) {
		size_t largest = 0;

		for (size_t g = 1; g < n_genes; g++)
			if (fabs(components[g * n_components + c]) >
			    fabs(components[largest * n_components + c]))
				largest = g;
		if (components[largest * n_components + c] >= 0)
			continue;
		for (size_t g = 0; g < n_genes; g++)
			components[g * n_components + c] *= -1;
	}
}

/* Rows of the components from the order of the products to that of genes. */
static void to_genes(struct pca *p, const struct gram *gram)
{
	double *by_row = p->components;

	p->components = mem_alloc(mem_product(p->n_genes, p->n_components), sizeof(double));
	for (size_t g = 0; g < p->n_genes; g++)
		memcpy(p->components + g * p->n_components,
		       by_row + gram->row_of[g] * p->n_components,
		       p->n_components * sizeof(*by_row));
	free(by_row);
}

/* An empty cell is the constant row; less the mean of all cells it is minus the mean shift. */
static double *offsets(const struct pca *p, const struct gram *gram)
{
	double *offset = mem_zero(p->n_components, sizeof(*offset));

	for (size_t g = 0; g < p->n_genes && !p->genes->uncentred; g++)
		for (size_t c = 0; c < p->n_components; c++)
			offset[c] -= gram->sums[gram->row_of[g]] / (double)gram->n_cells *
				     p->components[g * p->n_components + c];
	return offset;
}

static struct pca *decompose(struct gram *gram, size_t n_components, struct pool *pool,
			     struct err *err)
{
	struct pca *p = mem_zero(1, sizeof(*p));

	p->genes = gram->genes;
	p->n_genes = gram->genes->n;
	p->n_components = MIN(n_components, MIN(p->n_genes, gram->n_cells - 1));
	p->total_variance = to_covariance(gram);
	p->components = mem_alloc(mem_product(p->n_genes, p->n_components), sizeof(double));
	MEM_ARRAY(p->variance, p->n_components);
	if (eigen_leading(gram->products, p->n_genes, p->n_components, p->variance, p->components,
			  &p->residual, pool, err)) {
		pca_free(p);
		return NULL;
	}
	to_genes(p, gram);
	fix_signs(p->components, p->n_genes, p->n_components);
	p->zero = scaled_zeros(p->genes);
	p->offset = offsets(p, gram);
	return p;
}

struct pca *pca_of(struct stream *cells, const struct scaled_genes *genes, size_t n_components,
		   struct pool *pool, struct err *err)
{
	struct gram *gram = gram_new(genes);
	struct pca *p = NULL;
	struct cells *block;
	int got;

	while ((got = stream_next(cells, &block, err)) > 0)
		gram_add(gram, block, pool);
	if (got == 0 && gram->n_cells < 2)
		err_set(err, "%zu cells are too few for principal components", gram->n_cells);
	else if (got == 0)
		p = decompose(gram, n_components, pool, err);
	gram_free(gram);
	return p;
}

/* ---- projection ---- */

struct pca_projection {
	const struct pca *p;
	const struct cells *block;
	float *coordinates; /* of the block's first cell */
};

static void project_cell(const struct pca_projection *job, size_t cell, double *sum)
{
	const struct pca *p = job->p;
	const struct cells *block = job->block;

	memcpy(sum, p->offset, p->n_components * sizeof(*sum));
	for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
		size_t g = block->genes[i];
		double d = scaled_value(p->genes, g, (double)block->values[i]) - p->zero[g];
		const double *loadings = p->components + g * p->n_components;

		for (size_t c = 0; c < p->n_components; c++)
			sum[c] += d * loadings[c];
	}
	for (size_t c = 0; c < p->n_components; c++)
		job->coordinates[cell * p->n_components + c] = (float)sum[c];
}

static void project_cells(void *arg, size_t part)
{
	const struct pca_projection *job = arg;
	struct cell_range cells = cells_part(job->block, part);
	double *sum = mem_alloc(job->p->n_components, sizeof(*sum));

	for (size_t cell = cells.from; cell < cells.end; cell++)
		project_cell(job, cell, sum);
	free(sum);
}

int pca_project(const struct pca *p, struct stream *cells, struct pool *pool, float *coordinates,
		struct err *err)
{
	struct cells *block;
	int got;

	while ((got = stream_next(cells, &block, err)) > 0) {
		struct pca_projection job = {p, block,
					     coordinates + block->first * p->n_components};

		pool_run(pool, cells_n_parts(block), project_cells, &job);
	}
	return got;
}

double pca_share(const struct pca *p)
{
	double sum = 0;

	for (size_t c = 0; c < p->n_components; c++)
		sum += p->variance[c];
	return p->total_variance > 0 ? sum / p->total_variance : 0;
}

void pca_free(struct pca *p)
{
	if (!p)
		return;
	free(p->components);
	free(p->variance);
	free(p->zero);
	free(p->offset);
	free(p);
}
