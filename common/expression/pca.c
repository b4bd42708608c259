/* pca.c - the covariance of scaled genes as a sparse product, its eigenvectors, coordinates. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "expression/pca.h"
#include "linalg/eigen.h"
#include "linalg/gemm.h"

#define CLIP 10.0
#define GENES_PER_PART ((size_t)32)
#define GENES_PER_STRIPE ((size_t)128)
#define CELLS_PER_PART ((size_t)256)

/* ---- scaling ---- */

static double clip(double z)
{
	return z > CLIP ? CLIP : z < -CLIP ? -CLIP : z;
}

/* What scaling makes of 0, and what a stored value adds to that. */
static double scaled_zero(const struct scaled_genes *genes, size_t g)
{
	return genes->uncentred ? 0 : clip(-genes->mean[g] / genes->deviation[g]);
}

static double shift(const struct scaled_genes *genes, size_t g, double x)
{
	if (genes->uncentred)
		return x;
	return clip((x - genes->mean[g]) / genes->deviation[g]) - scaled_zero(genes, g);
}

/* ---- covariance ---- */

/* A block with its shifts, by cell and by gene. */
struct gram {
	const struct scaled_genes *genes;
	const struct cells *block;
	double *shifts;      /* per stored value of the block */
	size_t *gene_starts; /* by gene: its cells and where in the cell it is */
	uint32_t *gene_cells;
	size_t *gene_at;
	size_t cap_stored;
	double *products; /* genes x genes: lower triangle of the sum of products of shifts */
	double *sums;     /* per gene */
	size_t n_cells;
	double *slab; /* some cells of a full block: cells x genes; NULL before there is one */
	size_t slab_first, n_slab;
};

static void shift_cells(void *arg, size_t part)
{
	struct gram *gram = arg;
	const struct cells *block = gram->block;
	size_t end = MIN(block->n_cells, (part + 1) * CELLS_PER_PART);

	for (size_t i = block->starts[part * CELLS_PER_PART]; i < block->starts[end]; i++)
		gram->shifts[i] = shift(gram->genes, block->genes[i], (double)block->values[i]);
}

static void list_by_gene(struct gram *gram)
{
	const struct cells *block = gram->block;
	size_t n_genes = gram->genes->n, n_stored = cells_stored(block);

	if (n_stored > gram->cap_stored) {
		gram->cap_stored = n_stored;
		gram->shifts = mem_resize(gram->shifts, n_stored, sizeof(*gram->shifts));
		gram->gene_cells =
			mem_resize(gram->gene_cells, n_stored, sizeof(*gram->gene_cells));
		gram->gene_at = mem_resize(gram->gene_at, n_stored, sizeof(*gram->gene_at));
	}
	memset(gram->gene_starts, 0, (n_genes + 2) * sizeof(*gram->gene_starts));
	for (size_t i = 0; i < n_stored; i++)
		gram->gene_starts[block->genes[i] + 2]++;
	for (size_t g = 2; g < n_genes + 2; g++)
		gram->gene_starts[g] += gram->gene_starts[g - 1];
	for (size_t cell = 0; cell < block->n_cells; cell++) {
		for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
			size_t at = gram->gene_starts[block->genes[i] + 1]++;

			gram->gene_cells[at] = (uint32_t)cell;
			gram->gene_at[at] = i;
		}
	}
}

/* One gene's row of products stays in the cache while its cells are gone through. */
static void add_products(void *arg, size_t part)
{
	struct gram *gram = arg;
	const struct cells *block = gram->block;
	size_t end = MIN(gram->genes->n, (part + 1) * GENES_PER_PART);

	for (size_t g = part * GENES_PER_PART; g < end; g++) {
		double *row = gram->products + g * gram->genes->n;

		for (size_t k = gram->gene_starts[g]; k < gram->gene_starts[g + 1]; k++) {
			size_t at = gram->gene_at[k];
			double mine = gram->shifts[at];

			gram->sums[g] += mine;
			for (size_t i = block->starts[gram->gene_cells[k]]; i <= at; i++)
				row[block->genes[i]] += mine * gram->shifts[i];
		}
	}
}

/* ---- blocks that are full: faster as products of dense matrices ---------------------------- */

/* Cost of a value as one of a sparse cell, in pairs, against that of any value in a dense product. */
static bool is_full(const struct cells *block)
{
	return cells_stored(block) * 4 > block->n_cells * block->n_genes;
}

static void spread_cell(void *arg, size_t part)
{
	struct gram *gram = arg;
	const struct cells *block = gram->block;
	size_t cell = gram->slab_first + part;
	double *row = gram->slab + part * gram->genes->n;

	memset(row, 0, gram->genes->n * sizeof(*row));
	for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++)
		row[block->genes[i]] =
			shift(gram->genes, block->genes[i], (double)block->values[i]);
}

static void add_stripe(void *arg, size_t part)
{
	struct gram *gram = arg;
	size_t n_genes = gram->genes->n, first = part * GENES_PER_STRIPE;
	size_t end = MIN(n_genes, first + GENES_PER_STRIPE);
	const struct gemm shape = {
		.m = end - first, .n = end, .k = gram->n_slab, .a_turned = true, .add = true};

	gemm_double(shape, gram->slab + first, n_genes, gram->slab, n_genes,
		    gram->products + first * n_genes, n_genes);
	for (size_t cell = 0; cell < gram->n_slab; cell++)
		for (size_t g = first; g < end; g++)
			gram->sums[g] += gram->slab[cell * n_genes + g];
}

static void add_full_block(struct gram *gram, struct pool *pool)
{
	size_t n_genes = gram->genes->n, n_cells = gram->block->n_cells;

	if (!gram->slab)
		gram->slab = mem_alloc(mem_product(CELLS_PER_PART, n_genes), sizeof(*gram->slab));
	gemm_alone();
	for (size_t first = 0; first < n_cells; first += CELLS_PER_PART) {
		gram->slab_first = first;
		gram->n_slab = MIN(CELLS_PER_PART, n_cells - first);
		pool_run(pool, gram->n_slab, spread_cell, gram);
		pool_run(pool, (n_genes + GENES_PER_STRIPE - 1) / GENES_PER_STRIPE, add_stripe,
			 gram);
	}
}

static void add_sparse_block(struct gram *gram, struct pool *pool)
{
	size_t n_cells = gram->block->n_cells;

	list_by_gene(gram);
	pool_run(pool, (n_cells + CELLS_PER_PART - 1) / CELLS_PER_PART, shift_cells, gram);
	pool_run(pool, (gram->genes->n + GENES_PER_PART - 1) / GENES_PER_PART, add_products, gram);
}

static int read_products(struct gram *gram, struct stream *cells, struct pool *pool,
			 struct err *err)
{
	struct cells *block;
	int got;

	while ((got = stream_next(cells, &block, err)) > 0) {
		gram->block = block;
		if (is_full(block))
			add_full_block(gram, pool);
		else
			add_sparse_block(gram, pool);
		gram->n_cells += block->n_cells;
	}
	return got;
}

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

/* An empty cell is the constant row; less the mean of all cells it is minus the mean shift. */
static double *offsets(const struct pca *p, const struct gram *gram)
{
	double *offset = mem_zero(p->n_components, sizeof(*offset));

	for (size_t g = 0; g < p->n_genes && !p->genes->uncentred; g++)
		for (size_t c = 0; c < p->n_components; c++)
			offset[c] -= gram->sums[g] / (double)gram->n_cells *
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
	fix_signs(p->components, p->n_genes, p->n_components);
	p->offset = offsets(p, gram);
	return p;
}

struct pca *pca_of(struct stream *cells, const struct scaled_genes *genes, size_t n_components,
		   struct pool *pool, struct err *err)
{
	struct gram gram = {.genes = genes};
	struct pca *p = NULL;

	gram.products = mem_zero(mem_product(genes->n, genes->n), sizeof(*gram.products));
	MEM_ZERO(gram.sums, genes->n);
	MEM_ZERO(gram.gene_starts, genes->n + 2);
	if (read_products(&gram, cells, pool, err) == 0) {
		if (gram.n_cells < 2)
			err_set(err, "%zu cells are too few for principal components",
				gram.n_cells);
		else
			p = decompose(&gram, n_components, pool, err);
	}
	free(gram.products);
	free(gram.sums);
	free(gram.shifts);
	free(gram.gene_starts);
	free(gram.gene_cells);
	free(gram.gene_at);
	free(gram.slab);
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
		double d = shift(p->genes, g, (double)block->values[i]);
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
	size_t end = MIN(job->block->n_cells, (part + 1) * CELLS_PER_PART);
	double *sum = mem_alloc(job->p->n_components, sizeof(*sum));

	for (size_t cell = part * CELLS_PER_PART; cell < end; cell++)
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

		pool_run(pool, (block->n_cells + CELLS_PER_PART - 1) / CELLS_PER_PART,
			 project_cells, &job);
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
	free(p->offset);
	free(p);
}
