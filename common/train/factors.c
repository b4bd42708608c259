/* factors.c - see factors.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "linalg/symmetric.h"
#include "linalg/tall.h"
#include "train/factors.h"
#include "train/solver/products.h"

#define SPARE 12           /* vectors beside those wanted, for the last ones' sake */
#define SAMPLE_TURNS 4     /* on a sample */
#define TURNS 3            /* on all cells */
#define ENOUGH_CELLS 20000 /* a level of the design with so many cells is enough */
#define LEAST_REST 0.05    /* of a gene's variance */

/* A block of vectors over the genes: row after row. */
struct block_of_vectors {
	const struct factor_cells *cells;
	struct tall shape;     /* genes x vectors */
	double *basis, *image; /* image = Z'Z basis / cells */
};

/* How many factors that many cells can tell: at most a fifth of them, at least 1. */
static size_t factors_number(size_t wanted, size_t n_cells, size_t n_genes)
{
	return MAX(MIN(wanted, MIN(n_cells / 5, n_genes / 2)), 1);
}

static size_t counted(const int32_t *label, size_t n_slots)
{
	size_t n = 0;

	for (size_t slot = 0; slot < n_slots; slot++)
		n += label[slot] >= 0;
	return n;
}

/* ---- multiplying by the cells ---- */

/* Between rows of vectors and a lane matrix with one more row. */
static void to_lanes(const struct block_of_vectors *b, const struct lanes *lanes, double *matrix)
{
	const struct tall *t = &b->shape;

	for (size_t band = 0; band < lanes->n_bands; band++) {
		size_t start = lanes->start[band], width = lanes->width[band];
		size_t n = MIN(width, t->n - start);
		double *to = matrix + (t->n_rows + 1) * start;

		for (size_t gene = 0; gene < t->n_rows; gene++)
			memcpy(to + gene * width, b->basis + gene * t->stride + start,
			       n * sizeof(*to));
	}
}

static void from_lanes(struct block_of_vectors *b, const struct lanes *lanes, const double *matrix,
		       double scale)
{
	const struct tall *t = &b->shape;

	for (size_t band = 0; band < lanes->n_bands; band++) {
		size_t start = lanes->start[band], width = lanes->width[band];
		size_t n = MIN(width, t->n - start);
		const double *from = matrix + (t->n_rows + 1) * start;

		for (size_t gene = 0; gene < t->n_rows; gene++)
			for (size_t i = 0; i < n; i++)
				b->image[gene * t->stride + start + i] =
					scale * from[gene * width + i];
	}
}

static void silence(const struct products *p, const int32_t *label, float *scores)
{
	size_t n_slots = products_slots(p);

	for (size_t band = 0; band < p->lanes->n_bands; band++) {
		size_t width = p->lanes->width[band];
		float *at = scores + n_slots * p->lanes->start[band];

		for (size_t slot = 0; slot < n_slots; slot++)
			if (label[slot] < 0)
				memset(at + slot * width, 0, width * sizeof(*at));
	}
}

/* image = Z'Z basis / cells, over the first blocks. */
static int multiply(struct block_of_vectors *b, size_t n_blocks, struct err *err)
{
	const struct factor_cells *c = b->cells;
	size_t n = b->shape.n;
	uint32_t *all = mem_alloc(n, sizeof(*all));
	struct lanes lanes;
	double *matrix;
	float *scores;
	int ret;

	for (size_t i = 0; i < n; i++)
		all[i] = (uint32_t)i;
	lanes = lanes_for(all, n, n);
	struct products p = {.design = c->design,
			     .scaling = c->scaling,
			     .lanes = &lanes,
			     .pool = c->pool,
			     .n_blocks = n_blocks};
	matrix = mem_vectors(mem_product(b->shape.n_rows + 1, lanes.n), sizeof(*matrix));
	scores = mem_vectors(mem_product(products_slots(&p), lanes.n), sizeof(*scores));
	to_lanes(b, &lanes, matrix);
	ret = products_forward(&p, matrix, scores, err);
	if (!ret) {
		silence(&p, c->label, scores);
		ret = products_backward(&p, scores, matrix, err);
	}
	from_lanes(b, &lanes, matrix, 1 / (double)MAX(counted(c->label, products_slots(&p)), 1));
	lanes_release(&lanes);
	free(all);
	free(matrix);
	free(scores);
	return ret;
}

static int turns(struct block_of_vectors *b, size_t n_blocks, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		double *last = b->basis;

		tall_orthonormalise(&b->shape, b->image, b->basis);
		b->basis = b->image;
		b->image = last;
		if (multiply(b, n_blocks, err))
			return -1;
	}
	return 0;
}

/* ---- the factors ---- */

/* The directions' turn: eigenvectors of what the cells make of the basis, as long as the loadings. */
static double *turn_of(const struct block_of_vectors *b)
{
	size_t n = b->shape.n, stride = b->shape.stride;
	double *small = mem_alloc(stride * stride, sizeof(*small));
	double *packed = mem_alloc(n * n, sizeof(*packed));
	double *vectors = mem_alloc(n * n, sizeof(*vectors));
	double *values = mem_alloc(n, sizeof(*values));
	double *turn = mem_vectors(stride * stride, sizeof(*turn));

	tall_symmetric(&b->shape, b->basis, b->image, small);
	for (size_t i = 0; i < n; i++)
		memcpy(packed + i * n, small + i * stride, n * sizeof(*packed));
	symmetric_eigen(packed, n, values, vectors);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			turn[i * stride + k] =
				vectors[i * n + k] * (values[k] > 0 ? sqrt(values[k]) : 0);
	free(small);
	free(packed);
	free(vectors);
	free(values);
	return turn;
}

/* What the basis and its image say: loadings of the first 'n', and what they leave. */
static struct model_factors *extract(struct block_of_vectors *b, size_t n, const double *spread)
{
	struct model_factors *f = model_factors_new(b->shape.n_rows, n);
	double *turn = turn_of(b);

	tall_turn(&b->shape, b->basis, turn, b->image);
	for (size_t gene = 0; gene < b->shape.n_rows; gene++) {
		const double *row = b->image + gene * b->shape.stride;
		double explained = 0, variance = spread[gene] * spread[gene];

		for (size_t k = 0; k < n; k++) {
			f->loadings[gene * n + k] = (float)row[k];
			explained += row[k] * row[k];
		}
		f->rest[gene] = (float)fmax(variance - explained, LEAST_REST * variance);
		if (!(f->rest[gene] > 0))
			f->rest[gene] = 1;
	}
	free(turn);
	return f;
}

/* The blocks of the smallest level with enough cells, and those of the first. */
static size_t enough_blocks(const struct factor_cells *c, size_t enough)
{
	const struct design *d = c->design;

	for (size_t l = 0; l < d->n_levels; l++)
		if (counted(c->label, d->level_end[l] * BLOCK_CELLS) >= enough)
			return d->level_end[l];
	return d->n_blocks;
}

struct model_factors *factors_learn(const struct factor_cells *cells, size_t wanted,
				    struct err *err)
{
	size_t n_blocks = enough_blocks(cells, ENOUGH_CELLS);
	size_t n_cells = counted(cells->label, n_blocks * BLOCK_CELLS);
	size_t n_genes = cells->scaling->n_genes, n = factors_number(wanted, n_cells, n_genes);
	struct block_of_vectors b = {
		.cells = cells, .shape = tall_of(n_genes, MIN(n + SPARE, n_genes), cells->pool)};
	size_t sample = enough_blocks(cells, 4 * (n + SPARE));
	struct model_factors *f = NULL;
	struct rng rng = rng_seeded(42);

	b.basis = mem_vectors(tall_numbers(&b.shape), sizeof(*b.basis));
	b.image = mem_vectors(tall_numbers(&b.shape), sizeof(*b.image));
	for (size_t gene = 0; gene < n_genes; gene++)
		for (size_t i = 0; i < b.shape.n; i++)
			b.image[gene * b.shape.stride + i] =
				cells->scaling->present[gene] ? rng_normal(&rng) : 0;
	if (!turns(&b, MIN(sample, n_blocks), SAMPLE_TURNS, err) &&
	    !turns(&b, n_blocks, TURNS, err))
		f = extract(&b, n, cells->scaling->spread);
	free(b.basis);
	free(b.image);
	return f;
}
