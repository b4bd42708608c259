/* nmf.c - see nmf.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "expression/nmf.h"
#include "expression/pca.h"

#define ALMOST_NOTHING 1e-6 /* what begins below is 0, as scikit-learn has it */
#define CELLS_PER_PART ((size_t)256)
#define GENE_PARTS ((size_t)8) /* fixed: each sees all cells in their order */

/* One pass over the cells: W moves, and what H needs is added up. */
struct sweep {
	struct nmf *f;
	const struct cells *block;
	double *gram;       /* rank x rank: of H, while W moves */
	double *crossed;    /* genes x rank: X' W */
	double *own;        /* rank x rank: W' W */
	double *violations; /* per part of the block */
	double *owns;       /* the same of W' W */
};

/* ---- one row of W or H ---- */

/*
 * One step for every coordinate of a row in turn, each to its own best, never below 0. Returns by
 * how much the row's gradient was off.
 */
static double descend(double *row, const double *target, const double *gram, size_t rank)
{
	double violation = 0;

	for (size_t t = 0; t < rank; t++) {
		double gradient = -target[t], second = gram[t * rank + t];

		for (size_t r = 0; r < rank; r++)
			gradient += gram[t * rank + r] * row[r];
		violation += fabs(row[t] == 0 ? fmin(gradient, 0) : gradient);
		if (second != 0)
			row[t] = fmax(row[t] - gradient / second, 0);
	}
	return violation;
}

/* gram = rows' rows */
static void multiply_own(const double *rows, size_t n, size_t rank, double *gram)
{
	memset(gram, 0, rank * rank * sizeof(*gram));
	for (size_t i = 0; i < n; i++)
		for (size_t a = 0; a < rank; a++)
			for (size_t b = 0; b < rank; b++)
				gram[a * rank + b] += rows[i * rank + a] * rows[i * rank + b];
}

/* ---- a pass ---- */

static void move_cells(void *arg, size_t part)
{
	const struct sweep *s = arg;
	const struct cells *block = s->block;
	size_t rank = s->f->rank, first = part * CELLS_PER_PART;
	size_t last = MIN(first + CELLS_PER_PART, block->n_cells);
	double *target, violation = 0;

	MEM_ARRAY(target, rank);
	for (size_t cell = first; cell < last; cell++) {
		double *row = s->f->w + (block->first + cell) * rank;

		memset(target, 0, rank * sizeof(*target));
		for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
			const double *h = s->f->h + block->genes[i] * rank;
			double x = (double)block->values[i];
			for (size_t r = 0; r < rank; r++)
				target[r] += x * h[r];
		}
		violation += descend(row, target, s->gram, rank);
	}
	s->violations[part] = violation;
	multiply_own(s->f->w + (block->first + first) * rank, last - first, rank,
		     s->owns + part * rank * rank);
	free(target);
}

static void cross_genes(void *arg, size_t part)
{
	const struct sweep *s = arg;
	const struct cells *block = s->block;
	size_t rank = s->f->rank, n = s->f->n_genes;
	size_t low = n * part / GENE_PARTS, high = n * (part + 1) / GENE_PARTS;

	for (size_t cell = 0; cell < block->n_cells; cell++) {
		const double *w = s->f->w + (block->first + cell) * rank;

		for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
			size_t gene = block->genes[i];
			double x = (double)block->values[i], *to = s->crossed + gene * rank;

			if (gene < low || gene >= high)
				continue;
			for (size_t r = 0; r < rank; r++)
				to[r] += x * w[r];
		}
	}
}

static double take_block(struct sweep *s, struct pool *pool)
{
	size_t rank = s->f->rank, parts = (s->block->n_cells + CELLS_PER_PART - 1) / CELLS_PER_PART;
	double violation = 0;

	MEM_ARRAY(s->violations, parts);
	MEM_ARRAY(s->owns, mem_product(parts, rank * rank));
	pool_run(pool, parts, move_cells, s);
	pool_run(pool, GENE_PARTS, cross_genes, s);
	for (size_t part = 0; part < parts; part++) {
		violation += s->violations[part];
		for (size_t i = 0; i < rank * rank; i++)
			s->own[i] += s->owns[part * rank * rank + i];
	}
	free(s->violations);
	free(s->owns);
	return violation;
}

/* W, then H; how far off the gradient was. Negative when reading fails. */
static double step(struct sweep *s, nmf_again *again, void *arg, struct pool *pool, struct err *err)
{
	struct nmf *f = s->f;
	struct stream *cells = again(arg, err);
	struct cells *block;
	double violation = 0;
	int got = -1;

	multiply_own(f->h, f->n_genes, f->rank, s->gram);
	memset(s->crossed, 0, f->n_genes * f->rank * sizeof(*s->crossed));
	memset(s->own, 0, f->rank * f->rank * sizeof(*s->own));
	while (cells && (got = stream_next(cells, &block, err)) > 0) {
		s->block = block;
		violation += take_block(s, pool);
	}
	stream_free(cells);
	for (size_t g = 0; got == 0 && g < f->n_genes; g++)
		violation += descend(f->h + g * f->rank, s->crossed + g * f->rank, s->own, f->rank);
	return got ? -1 : violation;
}

/* From the sums of the last pass, which are of the W there is. */
static void measure(const struct sweep *s)
{
	struct nmf *f = s->f;
	double square = f->length * f->length;

	multiply_own(f->h, f->n_genes, f->rank, s->gram);
	for (size_t i = 0; i < f->n_genes * f->rank; i++)
		square -= 2 * f->h[i] * s->crossed[i];
	for (size_t i = 0; i < f->rank * f->rank; i++)
		square += s->own[i] * s->gram[i];
	f->distance = sqrt(fmax(square, 0));
}

static int settle(struct nmf *f, const struct nmf_rules *rules, nmf_again *again, void *arg,
		  struct pool *pool, struct err *err)
{
	struct sweep s = {.f = f};
	double first = 0, violation = 0;

	MEM_ARRAY(s.gram, f->rank * f->rank);
	MEM_ARRAY(s.own, f->rank * f->rank);
	MEM_ARRAY(s.crossed, mem_product(f->n_genes, f->rank));
	while (f->n_steps < rules->most_steps && !f->has_settled) {
		violation = step(&s, again, arg, pool, err);
		if (violation < 0)
			break;
		if (f->n_steps++ == 0)
			first = violation;
		f->has_settled = violation <= rules->tolerance * first;
	}
	if (violation >= 0)
		measure(&s);
	free(s.gram);
	free(s.own);
	free(s.crossed);
	return violation < 0 ? -1 : 0;
}

/* ---- where it begins ---- */

/* Sum and squares of all values, none of which may be below 0. */
static int look_over(struct nmf *f, nmf_again *again, void *arg, double *sum, struct err *err)
{
	struct stream *cells = again(arg, err);
	struct cells *block;
	double squares = 0;
	int got = -1;

	*sum = 0;
	while (cells && (got = stream_next(cells, &block, err)) > 0) {
		f->n_cells += block->n_cells;
		for (size_t i = 0; i < cells_stored(block); i++) {
			double x = (double)block->values[i];
			if (x < 0) {
				stream_free(cells);
				return err_refuse(err,
						  "a value is %g: parts need values of 0 or "
						  "more (scaled data?)",
						  x);
			}
			*sum += x;
			squares += x * x;
		}
	}
	stream_free(cells);
	f->length = sqrt(squares);
	if (got == 0 && (f->rank >= f->n_cells || f->rank > f->n_genes))
		return err_set(err, "%zu parts of %zu cells and %zu genes: too many", f->rank,
			       f->n_cells, f->n_genes);
	if (got == 0 && squares == 0)
		BUG("%zu genes that vary, and no value", f->n_genes);
	return got;
}

/* Of one side of a singular pair, the lengths of what is above and below 0. */
static void lengths(const double *column, size_t n, size_t rank, double *above, double *below)
{
	*above = *below = 0;
	for (size_t i = 0; i < n; i++) {
		double x = column[i * rank];
		*(x > 0 ? above : below) += x * x;
	}
	*above = sqrt(*above);
	*below = sqrt(*below);
}

/* Keep one sign of a column, scaled; fill what is next to nothing. */
static void keep_sign(double *column, size_t n, size_t rank, double factor, bool both, double fill)
{
	for (size_t i = 0; i < n; i++) {
		double x = column[i * rank] * factor;

		x = both ? fabs(x) : fmax(x, 0);
		column[i * rank] = x < ALMOST_NOTHING ? fill : x;
	}
}

/*
 * NNDSVD of Boutsidis and Gallopoulos: of each singular pair the half, positive or negative, that
 * weighs more. 'w' holds the left vectors times the values, 'h' the right ones.
 */
static void begin_from(struct nmf *f, double fill)
{
	for (size_t j = 0; j < f->rank; j++) {
		double *w = f->w + j, *h = f->h + j, wp, wn, hp, hn, value, scale;
		bool up;

		lengths(w, f->n_cells, f->rank, &wp, &wn);
		lengths(h, f->n_genes, f->rank, &hp, &hn);
		value = sqrt(wp * wp + wn * wn);
		if (j == 0) {
			scale = value > 0 ? 1 / sqrt(value) : 0;
			keep_sign(w, f->n_cells, f->rank, scale, true, fill);
			keep_sign(h, f->n_genes, f->rank, sqrt(value), true, fill);
			continue;
		}
		up = wp * hp > wn * hn;
		/* the left half's length is still times the value */
		scale = sqrt(up ? wp * hp : wn * hn);
		keep_sign(w, f->n_cells, f->rank, scale > 0 ? (up ? scale / wp : -scale / wn) : 0,
			  false, fill);
		keep_sign(h, f->n_genes, f->rank, scale > 0 ? (up ? scale / hp : -scale / hn) : 0,
			  false, fill);
	}
}

static int begin(struct nmf *f, nmf_again *again, void *arg, double fill, struct pool *pool,
		 struct err *err)
{
	struct scaled_genes as_they_are = {.n = f->n_genes, .uncentred = true};
	struct stream *cells = again(arg, err);
	struct pca *p = cells ? pca_of(cells, &as_they_are, f->rank, pool, err) : NULL;
	float *left;
	int ret = -1;

	stream_free(cells);
	if (!p)
		return -1;
	MEM_ARRAY(left, mem_product(f->n_cells, f->rank));
	cells = again(arg, err);
	if (cells)
		ret = pca_project(p, cells, pool, left, err);
	stream_free(cells);
	MEM_ARRAY(f->w, mem_product(f->n_cells, f->rank));
	MEM_ARRAY(f->h, mem_product(f->n_genes, f->rank));
	for (size_t i = 0; ret == 0 && i < f->n_cells * f->rank; i++)
		f->w[i] = (double)left[i];
	memcpy(f->h, p->components, f->n_genes * f->rank * sizeof(*f->h));
	if (ret == 0)
		begin_from(f, fill);
	free(left);
	pca_free(p);
	return ret;
}

int nmf_find(struct nmf *f, const struct nmf_rules *rules, nmf_again *again, void *arg,
	     size_t n_genes, struct pool *pool, struct err *err)
{
	double sum;

	*f = (struct nmf){.n_genes = n_genes, .rank = rules->rank};
	if (look_over(f, again, arg, &sum, err) ||
	    begin(f, again, arg, sum / (double)f->n_cells / (double)n_genes, pool, err) ||
	    settle(f, rules, again, arg, pool, err)) {
		nmf_release(f);
		return -1;
	}
	return 0;
}

void nmf_release(struct nmf *f)
{
	free(f->w);
	free(f->h);
	*f = (struct nmf){0};
}

double nmf_share(const struct nmf *f)
{
	return f->length > 0 ? 1 - f->distance * f->distance / (f->length * f->length) : 0;
}
