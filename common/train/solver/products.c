/* products.c - see products.h. */
#include "base/util.h"

#include "train/solver/products.h"

#define TARGET CLONES
#define VECTOR_BYTES 32
#define REAL float
#define NAMED(name) name##_narrow
#include "train/solver/products_kernel.inc"
#undef REAL
#undef NAMED
#define REAL double
#define NAMED(name) name##_wide
#include "train/solver/products_kernel.inc"
#undef REAL
#undef NAMED
#undef TARGET
#undef VECTOR_BYTES

#ifdef WIDE_TARGET
#define TARGET WIDE_TARGET
#define VECTOR_BYTES 64
#define REAL float
#define NAMED(name) name##_narrow_64
#include "train/solver/products_kernel.inc"
#undef REAL
#undef NAMED
#define REAL double
#define NAMED(name) name##_wide_64
#include "train/solver/products_kernel.inc"
#undef REAL
#undef NAMED
#undef TARGET
#undef VECTOR_BYTES
#endif

/* ---- forward ---- */

struct forward {
	const struct products *p;
	const struct blocks *blocks;
	const double *coef;
	void *weights;  /* coefficients over scale, in the scores' type */
	void *constant; /* per lane: what a cell without any gene scores */
	void *scores;
};

static void put(void *array, size_t i, double value, bool wide)
{
	if (wide)
		((double *)array)[i] = value;
	else
		((float *)array)[i] = (float)value;
}

/* Scale a tile's rows of every band. */
static void weigh_part(void *arg, size_t tile)
{
	struct forward *f = arg;
	const struct scaling *s = f->p->scaling;
	const struct lanes *lanes = f->p->lanes;
	size_t first = tile * TILE_GENES, last = MIN(first + TILE_GENES, s->n_genes);

	for (size_t band = 0; band < lanes->n_bands; band++) {
		size_t width = lanes->width[band];
		const double *coef = f->coef + (s->n_genes + 1) * lanes->start[band];
		size_t to = s->n_genes * lanes->start[band];

		for (size_t gene = first; gene < last; gene++)
			for (size_t l = 0; l < width; l++)
				put(f->weights, to + gene * width + l,
				    coef[gene * width + l] * s->inverse[gene], f->p->wide);
	}
}

static void add_constant(struct forward *f)
{
	const struct scaling *s = f->p->scaling;
	const struct lanes *lanes = f->p->lanes;

	for (size_t band = 0; band < lanes->n_bands; band++) {
		size_t width = lanes->width[band];
		const double *coef = f->coef + (s->n_genes + 1) * lanes->start[band];
		double sum[BAND_MAX];

		memcpy(sum, coef + s->n_genes * width, width * sizeof(*sum));
		for (size_t gene = 0; gene < s->n_genes; gene++)
			for (size_t l = 0; l < width; l++)
				sum[l] += s->z0[gene] * coef[gene * width + l];
		for (size_t l = 0; l < width; l++)
			put(f->constant, lanes->start[band] + l, sum[l], f->p->wide);
	}
}

static void forward_part(void *arg, size_t part)
{
	const struct forward *f = arg;
	const struct lanes *lanes = f->p->lanes;
	const struct scaling *s = f->p->scaling;
	size_t b = part / lanes->n_bands, band = part % lanes->n_bands;
	size_t width = lanes->width[band], start = lanes->start[band];
	size_t at = products_slots(f->p) * start + (f->blocks->first + b) * BLOCK_CELLS * width;
	size_t weights = s->n_genes * start;
	const struct block *block = &f->blocks->block[b];

	if (f->p->wide) {
		BEST_WIDTH(forward_block_wide)
		(block, (const double *)f->weights + weights, s->cap,
		 (const double *)f->constant + start, (double *)f->scores + at, width);
	} else {
		BEST_WIDTH(forward_block_narrow)
		(block, (const float *)f->weights + weights, s->cap,
		 (const float *)f->constant + start, (float *)f->scores + at, width);
	}
}

static void forward_visit(void *arg, const struct blocks *blocks)
{
	struct forward *f = arg;

	f->blocks = blocks;
	pool_run(f->p->pool, blocks->n * f->p->lanes->n_bands, forward_part, f);
}

int products_forward(const struct products *p, const double *coef, void *scores, struct err *err)
{
	size_t size = products_number(p);
	struct forward f = {.p = p, .coef = coef, .scores = scores};
	int ret;

	f.weights = mem_vectors(mem_product(p->scaling->n_genes + 1, p->lanes->n), size);
	f.constant = mem_vectors(p->lanes->n, size);
	pool_run(p->pool, block_tiles(p->scaling->n_genes), weigh_part, &f);
	add_constant(&f);
	ret = design_walk(p->design, p->n_blocks, p->pool, forward_visit, &f, err);
	free(f.weights);
	free(f.constant);
	return ret;
}

/* ---- backward ---- */

struct backward {
	const struct products *p;
	const struct blocks *blocks;
	const void *residuals;
	double *gradient;
	double *sums; /* per block and lane: the residuals' sum */
};

static void backward_part(void *arg, size_t part)
{
	const struct backward *w = arg;
	const struct lanes *lanes = w->p->lanes;
	const struct scaling *s = w->p->scaling;
	size_t tile = part / lanes->n_bands, band = part % lanes->n_bands;
	size_t width = lanes->width[band];
	size_t start = products_slots(w->p) * lanes->start[band];
	double *gradient = w->gradient + (s->n_genes + 1) * lanes->start[band];

	for (size_t b = 0; b < w->blocks->n; b++) {
		size_t at = start + (w->blocks->first + b) * BLOCK_CELLS * width;
		const struct block *block = &w->blocks->block[b];

		if (w->p->wide) {
			BEST_WIDTH(backward_block_wide)
			(block, tile, s->cap, (const double *)w->residuals + at, gradient, width);
		} else {
			BEST_WIDTH(backward_block_narrow)
			(block, tile, s->cap, (const float *)w->residuals + at, gradient, width);
		}
	}
}

static void backward_visit(void *arg, const struct blocks *blocks)
{
	struct backward *w = arg;

	w->blocks = blocks;
	pool_run(w->p->pool, block_tiles(w->p->scaling->n_genes) * w->p->lanes->n_bands,
		 backward_part, w);
}

/* Sum a block's residuals per lane. */
static void sum_part(void *arg, size_t block)
{
	struct backward *w = arg;
	const struct lanes *lanes = w->p->lanes;
	double *sums = w->sums + block * lanes->n;

	for (size_t band = 0; band < lanes->n_bands; band++) {
		size_t width = lanes->width[band];
		size_t at = products_slots(w->p) * lanes->start[band] + block * BLOCK_CELLS * width;

		for (size_t i = 0; i < BLOCK_CELLS * width; i++)
			sums[lanes->start[band] + i % width] +=
				w->p->wide ? ((const double *)w->residuals)[at + i]
					   : ((const float *)w->residuals)[at + i];
	}
}

/* The constant row's share: z0 times the sum of residuals; and the scale of the rest. */
static void finish_part(void *arg, size_t tile)
{
	struct backward *w = arg;
	const struct lanes *lanes = w->p->lanes;
	const struct scaling *s = w->p->scaling;
	size_t first = tile * TILE_GENES, last = MIN(first + TILE_GENES, s->n_genes);

	for (size_t band = 0; band < lanes->n_bands; band++) {
		size_t width = lanes->width[band];
		double *gradient = w->gradient + (s->n_genes + 1) * lanes->start[band];
		const double *sum = gradient + s->n_genes * width;

		for (size_t gene = first; gene < last; gene++)
			for (size_t l = 0; l < width; l++)
				gradient[gene * width + l] =
					gradient[gene * width + l] * s->inverse[gene] +
					s->z0[gene] * sum[l];
	}
}

static void sum_residuals(struct backward *w)
{
	const struct lanes *lanes = w->p->lanes;
	size_t rows = w->p->scaling->n_genes + 1;

	w->sums = mem_zero(mem_product(w->p->n_blocks, lanes->n), sizeof(*w->sums));
	pool_run(w->p->pool, w->p->n_blocks, sum_part, w);
	for (size_t band = 0; band < lanes->n_bands; band++) {
		double *to =
			w->gradient + rows * lanes->start[band] + (rows - 1) * lanes->width[band];

		for (size_t block = 0; block < w->p->n_blocks; block++)
			for (size_t l = 0; l < lanes->width[band]; l++)
				to[l] += w->sums[block * lanes->n + lanes->start[band] + l];
	}
	free(w->sums);
}

int products_backward(const struct products *p, const void *residuals, double *gradient,
		      struct err *err)
{
	struct backward w = {.p = p, .residuals = residuals, .gradient = gradient};
	size_t rows = p->scaling->n_genes + 1;

	memset(gradient, 0, rows * p->lanes->n * sizeof(*gradient));
	sum_residuals(&w);
	if (design_walk(p->design, p->n_blocks, p->pool, backward_visit, &w, err))
		return -1;
	pool_run(p->pool, block_tiles(rows - 1), finish_part, &w);
	return 0;
}
