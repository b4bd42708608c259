/* projection.c - see projection.h. */
#include "base/util.h"

#include "base/progress.h"
#include "base/strtab.h"
#include "map/projection.h"

#define CELLS_PER_PART ((size_t)256)

static double scaled(const struct ref_genes *g, size_t gene, double x)
{
	double z = (x - g->mean[gene]) / g->deviation[gene];

	return z > g->clip_high ? g->clip_high : z < g->clip_low ? g->clip_low : z;
}

static double squared_loadings(const struct reference *ref, size_t gene)
{
	double sum = 0;

	for (size_t d = 0; d < ref->n_dims; d++) {
		double v = ref->genes.loadings[gene * ref->n_dims + d];

		sum += v * v;
	}
	return sum;
}

static void use_gene(struct projection *p, size_t gene)
{
	const struct reference *ref = p->ref;
	double z = p->zeros[gene] = scaled(&ref->genes, gene, 0);

	p->n_shared++;
	p->share += squared_loadings(ref, gene);
	for (size_t d = 0; d < ref->n_dims; d++)
		p->offset[d] += z * ref->genes.loadings[gene * ref->n_dims + d];
}

struct projection *projection_new(const struct reference *ref, char *const *genes, size_t n_genes)
{
	struct projection *p = mem_zero(1, sizeof(*p));
	struct strtab names = {0};
	double all = 0;

	p->ref = ref;
	p->n_genes = n_genes;
	MEM_ARRAY(p->gene, n_genes + 1);
	MEM_ZERO(p->offset, ref->n_dims);
	MEM_ZERO(p->zeros, ref->genes.n + 1);
	for (size_t g = 0; g < ref->genes.n; g++) {
		strtab_add(&names, ref->genes.names[g]);
		all += squared_loadings(ref, g);
	}
	for (size_t g = 0; g < n_genes; g++) {
		uint32_t at = strtab_find(&names, genes[g]);

		p->gene[g] = at;
		if (at == STRTAB_NONE)
			continue;
		if (ref->genes.deviation[at] > 0)
			use_gene(p, at);
		else {
			p->gene[g] = STRTAB_NONE;
			p->n_flat++;
		}
	}
	p->share = all > 0 ? p->share / all : 0;
	strtab_release(&names);
	return p;
}

void projection_free(struct projection *p)
{
	if (!p)
		return;
	free(p->gene);
	free(p->zeros);
	free(p->offset);
	free(p);
}

struct projecting {
	const struct projection *p;
	const struct cells *block;
	double *points; /* of the block's first cell */
	size_t *empty;  /* per part */
};

CLONES static void add_scaled(double *to, const double *from, double by, size_t n)
{
	for (size_t d = 0; d < n; d++)
		to[d] += by * from[d];
}

static bool project_cell(const struct projection *p, const struct cells *block, size_t cell,
			 double *point)
{
	const struct ref_genes *genes = &p->ref->genes;
	size_t n_dims = p->ref->n_dims;
	bool any = false;

	memcpy(point, p->offset, n_dims * sizeof(*point));
	for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
		uint32_t g = p->gene[block->genes[i]];

		if (g == STRTAB_NONE)
			continue;
		any = any || block->values[i] != 0;
		add_scaled(point, genes->loadings + g * n_dims,
			   scaled(genes, g, (double)block->values[i]) - p->zeros[g], n_dims);
	}
	return any;
}

static void project_part(void *arg, size_t part)
{
	struct projecting *job = arg;
	size_t end = MIN(job->block->n_cells, (part + 1) * CELLS_PER_PART);

	job->empty[part] = 0;
	for (size_t cell = part * CELLS_PER_PART; cell < end; cell++)
		job->empty[part] += !project_cell(job->p, job->block, cell,
						  job->points + cell * job->p->ref->n_dims);
}

int projection_read(const struct projection *p, struct stream *cells, struct pool *pool,
		    double *points, size_t *n_empty, struct err *err)
{
	struct progress progress = progress_start("cells", cells->n_cells);
	struct cells *block;
	size_t *empty = NULL, cap = 0, n_without = 0;
	int got;

	while ((got = stream_next(cells, &block, err)) > 0) {
		size_t n_parts = (block->n_cells + CELLS_PER_PART - 1) / CELLS_PER_PART;

		MEM_GROW(empty, n_parts, cap);
		struct projecting job = {p, block, points + block->first * p->ref->n_dims, empty};
		pool_run(pool, n_parts, project_part, &job);
		for (size_t i = 0; i < n_parts; i++)
			n_without += empty[i];
		progress_at(&progress, block->first + block->n_cells);
	}
	progress_end(&progress);
	free(empty);
	if (n_empty)
		*n_empty = n_without;
	return got;
}
