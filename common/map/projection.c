/* projection.c - see projection.h: a cell's values of shared genes are gathered, then summed strip by
 * strip of components, each strip's sums in registers. */
#include "base/util.h"

#include "base/progress.h"
#include "base/strtab.h"
#include "map/projection.h"
#include "map/residuals.h"

#define RESIDUAL_CELLS ((size_t)32) /* of a part: they are made ready together */
#define LANES ((size_t)4)
#define MOST_VECTORS ((size_t)7) /* of a strip: with the loads there are registers for all */

typedef double lanes __attribute__((vector_size(32)));
typedef double loose __attribute__((vector_size(32), aligned(sizeof(double)), may_alias));

/* What scaling takes, side by side, and what it makes of 0. */
struct projection_scale {
	double mean, deviation, zero;
};

static double scaled(const struct ref_genes *g, const struct projection_scale *s, double x)
{
	double z = (x - s->mean) / s->deviation;

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
	struct projection_scale *scale = &p->scales[gene];
	double z;

	*scale = (struct projection_scale){ref->genes.mean[gene], ref->genes.deviation[gene], 0};
	z = scale->zero = scaled(&ref->genes, scale, 0);

	p->n_shared++;
	p->share += squared_loadings(ref, gene);
	if (ref->genes.residuals.slope)
		return;
	for (size_t d = 0; d < ref->n_dims; d++)
		p->offset[d] += z * ref->genes.loadings[gene * ref->n_dims + d];
}

/* As few strips as there can be, as narrow as can be, of whole vectors; what is over is 0. */
static void lay_strips(struct projection *p)
{
	size_t dims = p->ref->n_dims, n_genes = p->ref->genes.n, each;

	p->n_strips = (dims + MOST_VECTORS * LANES - 1) / (MOST_VECTORS * LANES);
	each = (dims + p->n_strips - 1) / p->n_strips;
	p->width = (each + LANES - 1) / LANES * LANES;
	p->strips = mem_zero(mem_product(p->n_strips * p->width, n_genes) + 1, sizeof(double));
	for (size_t g = 0; g < n_genes; g++)
		for (size_t d = 0; d < dims; d++)
			p->strips[(d / p->width * n_genes + g) * p->width + d % p->width] =
				p->ref->genes.loadings[g * dims + d];
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
	MEM_ZERO(p->scales, ref->genes.n + 1);
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
	lay_strips(p);
	strtab_release(&names);
	return p;
}

void projection_free(struct projection *p)
{
	if (!p)
		return;
	free(p->gene);
	free(p->scales);
	free(p->offset);
	free(p->strips);
	free(p);
}

struct projecting {
	const struct projection *p;
	const struct cells *block;
	double *points; /* of the block's first cell */
	size_t *empty;  /* per part */
};

/* A cell's stored values of genes that are used: which, and how much each adds of its loadings. */
struct used_values {
	uint32_t *genes;
	double *by;
	size_t n;
};

static bool gather(const struct projection *p, const struct cells *block, size_t cell,
		   struct used_values *to)
{
	bool any = false;
	size_t n = 0;

	for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
		uint32_t g = p->gene[block->genes[i]];

		to->genes[n] = g;
		to->by[n] = (double)block->values[i];
		n += g != STRTAB_NONE;
	}
	for (size_t i = 0; i < n; i++) {
		const struct projection_scale *scale = &p->scales[to->genes[i]];

		any = any || to->by[i] != 0;
		to->by[i] = scaled(&p->ref->genes, scale, to->by[i]) - scale->zero;
	}
	to->n = n;
	return any;
}

#define INLINE static inline __attribute__((always_inline))

/* 'n_vectors' is a constant where this is inlined. */
INLINE void sum_vectors(const struct used_values *cell, const double *strip, double *to,
			size_t n_vectors)
{
	lanes sum[MOST_VECTORS];

#pragma GCC unroll 7
	for (size_t v = 0; v < n_vectors; v++)
		sum[v] = *(const loose *)(to + v * LANES);
	for (size_t i = 0; i < cell->n; i++) {
		const double *row = strip + cell->genes[i] * n_vectors * LANES;

#pragma GCC unroll 7
		for (size_t v = 0; v < n_vectors; v++)
			sum[v] += cell->by[i] * *(const loose *)(row + v * LANES);
	}
#pragma GCC unroll 7
	for (size_t v = 0; v < n_vectors; v++)
		*(loose *)(to + v * LANES) = sum[v];
}

CLONES static void sum_strip(const struct used_values *cell, const double *strip, double *to,
			     size_t n_vectors)
{
	switch (n_vectors) {
	case 1:
		sum_vectors(cell, strip, to, 1);
		break;
	case 2:
		sum_vectors(cell, strip, to, 2);
		break;
	case 3:
		sum_vectors(cell, strip, to, 3);
		break;
	case 4:
		sum_vectors(cell, strip, to, 4);
		break;
	case 5:
		sum_vectors(cell, strip, to, 5);
		break;
	case 6:
		sum_vectors(cell, strip, to, 6);
		break;
	default:
		sum_vectors(cell, strip, to, MOST_VECTORS);
	}
}

static void project_cell(const struct projection *p, const struct used_values *cell, double *point)
{
	size_t n_genes = p->ref->genes.n, n_dims = p->ref->n_dims;

	for (size_t first = 0, s = 0; first < n_dims; first += p->width, s++) {
		size_t n = MIN(p->width, n_dims - first);
		double sum[MOST_VECTORS * LANES] = {0};

		memcpy(sum, p->offset + first, n * sizeof(*sum));
		sum_strip(cell, p->strips + s * n_genes * p->width, sum, p->width / LANES);
		memcpy(point + first, sum, n * sizeof(*sum));
	}
}

static size_t most_stored(const struct cells *block, struct cell_range cells)
{
	size_t most = 0;

	for (size_t cell = cells.from; cell < cells.end; cell++)
		most = MAX(most, block->starts[cell + 1] - block->starts[cell]);
	return most;
}

static void project_part(void *arg, size_t part)
{
	struct projecting *job = arg;
	struct cell_range cells = cells_part(job->block, part);
	size_t most = most_stored(job->block, cells);
	struct used_values cell = {mem_alloc(most + 1, sizeof(*cell.genes)),
				   mem_alloc(most + 1, sizeof(*cell.by)), 0};

	job->empty[part] = 0;
	for (size_t i = cells.from; i < cells.end; i++) {
		job->empty[part] += !gather(job->p, job->block, i, &cell);
		project_cell(job->p, &cell, job->points + i * job->p->ref->n_dims);
	}
	free(cell.genes);
	free(cell.by);
}

static void residual_part(void *arg, size_t part)
{
	struct projecting *job = arg;
	size_t from = part * RESIDUAL_CELLS, end = MIN(job->block->n_cells, from + RESIDUAL_CELLS);

	job->empty[part] = residuals_place(job->p, job->block, from, end,
					   job->points + from * job->p->ref->n_dims);
}

int projection_read(const struct projection *p, struct stream *cells, struct pool *pool,
		    double *points, size_t *n_empty, struct err *err)
{
	struct progress progress = progress_start("cells", cells->n_cells);
	struct cells *block;
	size_t *empty = NULL, cap = 0, n_without = 0;
	bool residuals = p->ref->genes.residuals.slope != NULL;
	int got;

	while ((got = stream_next(cells, &block, err)) > 0) {
		size_t n_parts = residuals ? (block->n_cells + RESIDUAL_CELLS - 1) / RESIDUAL_CELLS
					   : cells_n_parts(block);

		MEM_GROW(empty, n_parts, cap);
		struct projecting job = {p, block, points + block->first * p->ref->n_dims, empty};
		pool_run(pool, n_parts, residuals ? residual_part : project_part, &job);
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
