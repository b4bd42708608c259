/* factors.c - see factors.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "linalg/symmetric.h"
#include "train/factors.h"
#include "train/solver/products.h"

#define SPARE 12           /* vectors beside those wanted, for the last ones' sake */
#define SAMPLE_TURNS 4     /* on a sample */
#define TURNS 3            /* on all cells */
#define ENOUGH_CELLS 20000 /* a level of the design with so many cells is enough */
#define PART_GENES 256
#define LEAST_REST 0.05 /* of a gene's variance */
#define NO_VALUE 1e-12  /* of the largest: a direction that is not there */

/* A block of vectors over the genes: row after row, 'n' to a row. */
struct block_of_vectors {
	const struct factor_cells *cells;
	size_t n, n_genes, n_parts;
	double *basis, *image; /* n_genes x n; image = Z'Z basis / cells */
	double *partial;       /* per part: n x n */
	const double *turn;    /* n x n */
	const double *left;    /* of the products */
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

/* ---- small products, by parts of genes added up in order ---- */

static void cross_part(void *arg, size_t part)
{
	struct block_of_vectors *b = arg;
	size_t first = part * PART_GENES, last = MIN(first + PART_GENES, b->n_genes), n = b->n;
	double *to = b->partial + part * n * n;

	memset(to, 0, n * n * sizeof(*to));
	for (size_t gene = first; gene < last; gene++) {
		const double *x = b->left + gene * n, *y = b->image + gene * n;

		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n; j++)
				to[i * n + j] += x[i] * y[j];
	}
}

/* small = left' image */
static void cross(struct block_of_vectors *b, const double *left, double *small)
{
	size_t n = b->n;

	b->left = left;
	pool_run(b->cells->pool, b->n_parts, cross_part, b);
	memset(small, 0, n * n * sizeof(*small));
	for (size_t part = 0; part < b->n_parts; part++)
		for (size_t i = 0; i < n * n; i++)
			small[i] += b->partial[part * n * n + i];
}

static void turn_part(void *arg, size_t part)
{
	struct block_of_vectors *b = arg;
	size_t first = part * PART_GENES, last = MIN(first + PART_GENES, b->n_genes), n = b->n;

	for (size_t gene = first; gene < last; gene++) {
		double *to = b->basis + gene * n;
		const double *from = b->left + gene * n;

		for (size_t i = 0; i < n; i++) {
			double sum = 0;

			for (size_t j = 0; j < n; j++)
				sum += from[j] * b->turn[j * n + i];
			b->image[gene * n + i] = sum;
		}
		memcpy(to, b->image + gene * n, n * sizeof(*to));
	}
}

/* basis = orthonormal vectors that span the image; directions that are not there become 0. */
static void orthonormalise(struct block_of_vectors *b)
{
	size_t n = b->n;
	double *small = mem_alloc(n * n, sizeof(*small)),
	       *vectors = mem_alloc(n * n, sizeof(double));
	double *values = mem_alloc(n, sizeof(*values));

	for (int again = 0; again < 2; again++) {
		cross(b, b->image, small);
		symmetric_eigen(small, n, values, vectors);
		for (size_t j = 0; j < n; j++) {
			bool there = values[j] > NO_VALUE * values[0] && values[j] > 0;

			for (size_t i = 0; i < n; i++)
				vectors[i * n + j] *= there ? 1 / sqrt(values[j]) : 0;
		}
		b->turn = vectors;
		memcpy(b->basis, b->image, b->n_genes * n * sizeof(double));
		b->left = b->basis;
		pool_run(b->cells->pool, b->n_parts, turn_part, b);
	}
	free(small);
	free(vectors);
	free(values);
}

/* ---- multiplying by the cells ---- */

/* Between rows of vectors and a lane matrix with one more row. */
static void to_lanes(const struct block_of_vectors *b, const struct lanes *lanes, double *matrix)
{
	for (size_t lane = 0; lane < b->n; lane++)
		for (size_t gene = 0; gene < b->n_genes; gene++)
			matrix[lanes_at(lanes, b->n_genes + 1, gene, lane)] =
				b->basis[gene * b->n + lane];
}

static void from_lanes(struct block_of_vectors *b, const struct lanes *lanes, const double *matrix,
		       double scale)
{
	for (size_t lane = 0; lane < b->n; lane++)
		for (size_t gene = 0; gene < b->n_genes; gene++)
			b->image[gene * b->n + lane] =
				scale * matrix[lanes_at(lanes, b->n_genes + 1, gene, lane)];
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
	uint32_t *all = mem_alloc(b->n, sizeof(*all));
	struct lanes lanes;
	double *matrix;
	float *scores;
	int ret;

	for (size_t i = 0; i < b->n; i++)
		all[i] = (uint32_t)i;
	lanes = lanes_for(all, b->n, b->n);
	struct products p = {.design = c->design,
			     .scaling = c->scaling,
			     .lanes = &lanes,
			     .pool = c->pool,
			     .n_blocks = n_blocks};
	matrix = mem_vectors(mem_product(b->n_genes + 1, lanes.n), sizeof(*matrix));
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
		orthonormalise(b);
		if (multiply(b, n_blocks, err))
			return -1;
	}
	return 0;
}

/* ---- the factors ---- */

/* What the basis and its image say: loadings of the first 'n', and what they leave. */
static struct model_factors *extract(struct block_of_vectors *b, size_t n, const double *spread)
{
	struct model_factors *f = model_factors_new(b->n_genes, n);
	double *small = mem_alloc(b->n * b->n, sizeof(*small));
	double *vectors = mem_alloc(b->n * b->n, sizeof(*vectors));
	double *values = mem_alloc(b->n, sizeof(*values));

	cross(b, b->basis, small);
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < i; j++)
			small[i * b->n + j] = small[j * b->n + i] =
				(small[i * b->n + j] + small[j * b->n + i]) / 2;
	symmetric_eigen(small, b->n, values, vectors);
	for (size_t gene = 0; gene < b->n_genes; gene++) {
		double explained = 0, variance = spread[gene] * spread[gene];

		for (size_t k = 0; k < n; k++) {
			double sum = 0;

			for (size_t j = 0; j < b->n; j++)
				sum += b->basis[gene * b->n + j] * vectors[j * b->n + k];
			sum *= values[k] > 0 ? sqrt(values[k]) : 0;
			f->loadings[gene * n + k] = (float)sum;
			explained += sum * sum;
		}
		f->rest[gene] = (float)fmax(variance - explained, LEAST_REST * variance);
		if (!(f->rest[gene] > 0))
			f->rest[gene] = 1;
	}
	free(small);
	free(vectors);
	free(values);
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
	struct block_of_vectors b = {.cells = cells, .n_genes = n_genes};
	size_t sample = enough_blocks(cells, 4 * (n + SPARE));
	struct model_factors *f = NULL;
	struct rng rng = rng_seeded(42);

	b.n = MIN(n + SPARE, n_genes);
	b.n_parts = (n_genes + PART_GENES - 1) / PART_GENES;
	b.basis = mem_alloc(mem_product(n_genes, b.n), sizeof(*b.basis));
	b.image = mem_alloc(mem_product(n_genes, b.n), sizeof(*b.image));
	b.partial = mem_alloc(mem_product(b.n_parts, b.n * b.n), sizeof(*b.partial));
	for (size_t i = 0; i < n_genes * b.n; i++)
		b.image[i] = cells->scaling->present[i / b.n] ? rng_normal(&rng) : 0;
	if (!turns(&b, MIN(sample, n_blocks), SAMPLE_TURNS, err) &&
	    !turns(&b, n_blocks, TURNS, err))
		f = extract(&b, n, cells->scaling->spread);
	free(b.basis);
	free(b.image);
	free(b.partial);
	return f;
}
