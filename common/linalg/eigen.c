/* eigen.c - the leading eigenpairs of a symmetric matrix: block Krylov, restarted. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "linalg/cholesky.h"
#include "linalg/eigen.h"
#include "linalg/gemm.h"
#include "linalg/ordered.h"

#define BLOCK 8         /* vectors that are added to the basis at a time */
#define SPARE 64        /* pairs kept beyond those wanted when the basis is full */
#define ROUND 256       /* vectors that are added to them until it is full again */
#define MAX_ROUNDS 24   /* a third is what noise takes; then LAPACK does it all */
#define TOLERANCE 1e-11 /* of residuals, relative to the first value */
#define NOTHING 1e-14   /* a block as small as that, relative to the first value, is rounding */
#define ALIKE 1e-10     /* a pivot as small as that, relative to the largest overlap */
#define ROWS_A_PART ((size_t)128)
#define COLUMNS_A_PART ((size_t)256)
#define VECTORS_A_PART ((size_t)32)

/* LAPACK, in its own calling convention. */
void dsyevd_(const char *job, const char *uplo, const int *n, double *a, const int *lda, double *w,
	     double *work, const int *lwork, int *iwork, const int *liwork, int *info);
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
	     const int *lwork, int *info);
void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda, const double *tau,
	     double *work, const int *lwork, int *info);

/* All eigenpairs, values rising, each vector a row in place of the matrix. 0 when it worked. */
static int all_pairs(double *a, size_t n, double *values)
{
	int size = (int)n, info, ask = -1, int_room;
	double room;
	double *work;
	int *int_work;

	dsyevd_("V", "U", &size, a, &size, values, &room, &ask, &int_room, &ask, &info);
	ask = (int)room;
	work = mem_alloc((size_t)ask, sizeof(*work));
	int_work = mem_alloc((size_t)int_room, sizeof(*int_work));
	dsyevd_("V", "U", &size, a, &size, values, work, &ask, int_work, &int_room, &info);
	free(work);
	free(int_work);
	return info;
}

/* ---- products of many vectors: every matrix is row by row, a vector being a row ------------- */

struct product {
	struct gemm shape; /* of a part: 'n' columns of the result, fewer in the last */
	size_t n_columns;
	const double *a, *b;
	size_t lda, ldb, ldc;
	double *c;
};

static void multiply_part(void *arg, size_t part)
{
	const struct product *p = arg;
	struct gemm shape = p->shape;
	size_t first = part * shape.n;

	shape.n = MIN(shape.n, p->n_columns - first);
	gemm_double(shape, p->a, p->lda, p->b + (shape.b_turned ? first * p->ldb : first), p->ldb,
		    p->c + first, p->ldc);
}

static void multiply(struct product *p, struct pool *pool)
{
	pool_run(pool, (p->n_columns + p->shape.n - 1) / p->shape.n, multiply_part, p);
}

/* rows * matrix, which is symmetric */
static void apply_to_rows(const double *matrix, size_t n, const double *rows, size_t n_rows,
			  double *out, struct pool *pool)
{
	multiply(
		&(struct product){
			.shape = {.m = n_rows, .n = ROWS_A_PART, .k = n, .b_turned = true},
			.n_columns = n,
			.a = rows,
			.lda = n,
			.b = matrix,
			.ldb = n,
			.c = out,
			.ldc = n},
		pool);
}

/* out = weights * vectors */
static void combine(const double *weights, size_t n_rows, size_t ld, const double *vectors,
		    size_t n_vectors, size_t n, double *out, struct pool *pool)
{
	multiply(&(struct product){.shape = {.m = n_rows, .n = COLUMNS_A_PART, .k = n_vectors},
				   .n_columns = n,
				   .a = weights,
				   .lda = ld,
				   .b = vectors,
				   .ldb = n,
				   .c = out,
				   .ldc = n},
		 pool);
}

/* ---- products with a block, which is n x BLOCK: a column is a vector --------------------------
 * A library first copies what it multiplies, which here is most of the work: the matrix comes from
 * memory for every block. ordered_product takes it as it is.
 */

struct block_product {
	struct gemm shape; /* of a part: 'm' rows of the result, fewer in the last */
	size_t n_rows;
	const double *a;
	size_t lda;
	const double *block;
	double *out;
};

static void multiply_rows(void *arg, size_t part)
{
	const struct block_product *p = arg;
	struct gemm shape = p->shape;
	size_t first = part * shape.m;

	shape.m = MIN(shape.m, p->n_rows - first);
	ordered_product(shape, p->a + (shape.a_turned ? first : first * p->lda), p->lda, p->block,
			BLOCK, p->out + first * BLOCK, BLOCK);
}

static void multiply_block(struct block_product *p, struct pool *pool)
{
	p->shape.n = BLOCK;
	pool_run(pool, (p->n_rows + p->shape.m - 1) / p->shape.m, multiply_rows, p);
}

/* ---- the space ---------------------------------------------------------------------------- */

struct space {
	const double *matrix;
	size_t n, n_wanted;
	size_t n_kept, most; /* vectors that stay at a restart, and that there is room for */
	size_t n_vectors;
	double *basis;              /* most x n: orthonormal */
	double *small;              /* most x most: basis * matrix * basis', its first n_vectors */
	double *next;               /* n x BLOCK: the block that will be added */
	double *spare;              /* as much again */
	double tail[BLOCK * BLOCK]; /* what the image of the last block has of the next: R of QR */
	double *overlap;            /* most x BLOCK */
	double *vectors;            /* of 'small', each a row, values rising */
	double *values;
	double scale; /* the largest value seen */
	struct rng rng;
	struct pool *pool;
};

/* The other layout: a block as rows, or back. */
static void turn_block(const double *from, size_t rows, size_t columns, double *to)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < columns; j++)
			to[j * rows + i] = from[i * columns + j];
}

/* The next block to an orthonormal basis of what it spans; 'r' says what it was of it. */
static void orthonormalise_surely(struct space *s, double *r)
{
	int rows = (int)s->n, columns = BLOCK, info, size = BLOCK * 64;
	double tau[BLOCK], *q = s->spare;
	double *work = mem_alloc((size_t)size, sizeof(*work));

	turn_block(s->next, s->n, BLOCK, q);
	dgeqrf_(&rows, &columns, q, &rows, tau, work, &size, &info);
	for (size_t j = 0; j < BLOCK; j++) /* r[i][j]: of vector i in old vector j */
		for (size_t i = 0; i < BLOCK; i++)
			r[i * BLOCK + j] = i <= j ? q[j * s->n + i] : 0;
	dorgqr_(&rows, &columns, &columns, q, &rows, tau, work, &size, &info);
	turn_block(q, BLOCK, s->n, s->next);
	free(work);
}

/* From the factor of the overlaps, r as above, and what it is undone by: next * undo. */
static void read_factor(const double *factor, double *r, double *undo)
{
	memset(r, 0, BLOCK * BLOCK * sizeof(*r));
	memset(undo, 0, BLOCK * BLOCK * sizeof(*undo));
	cholesky_undo(factor, BLOCK, undo, BLOCK);
	for (size_t k = 0; k < BLOCK; k++)
		for (size_t i = k; i < BLOCK; i++)
			r[k * BLOCK + i] = factor[i * BLOCK + k];
}

/*
 * The same by the Cholesky factor of the overlaps, in products that all threads share: exact enough
 * when it is done twice. Vectors that are too much alike go the sure way.
 */
static void orthonormalise(struct space *s, double *r)
{
	const struct gemm square = {.m = BLOCK, .n = BLOCK, .k = s->n, .a_turned = true};
	double factor[BLOCK * BLOCK], undo[BLOCK * BLOCK];

	ordered_product(square, s->next, BLOCK, s->next, BLOCK, factor, BLOCK);
	if (cholesky_factor(factor, BLOCK, ALIKE)) {
		orthonormalise_surely(s, r);
		return;
	}
	read_factor(factor, r, undo);
	memcpy(s->spare, s->next, BLOCK * s->n * sizeof(*s->next));
	multiply_block(
		&(struct block_product){
			{.m = ROWS_A_PART, .k = BLOCK}, s->n, s->spare, BLOCK, undo, s->next},
		s->pool);
}

/* Take out of the next block what the basis spans; the overlaps stay in 'overlap', negative. */
static void take_out_basis(struct space *s)
{
	multiply_block(&(struct block_product){{.m = VECTORS_A_PART, .k = s->n},
					       s->n_vectors,
					       s->basis,
					       s->n,
					       s->next,
					       s->overlap},
		       s->pool);
	for (size_t i = 0; i < BLOCK * s->n_vectors; i++)
		s->overlap[i] = -s->overlap[i];
	multiply_block(
		&(struct block_product){
			{.m = ROWS_A_PART, .k = s->n_vectors, .a_turned = true, .add = true},
			s->n,
			s->basis,
			s->n,
			s->overlap,
			s->next},
		s->pool);
}

/* The next block: orthonormal, and orthogonal to the basis, twice for good measure. */
static void settle_next(struct space *s)
{
	double once[BLOCK * BLOCK], twice[BLOCK * BLOCK];

	orthonormalise(s, once);
	if (s->n_vectors)
		take_out_basis(s);
	orthonormalise(s, twice);
	ordered_product((struct gemm){.m = BLOCK, .n = BLOCK, .k = BLOCK}, twice, BLOCK, once,
			BLOCK, s->tail, BLOCK);
}

static double size_of_tail(const struct space *s)
{
	double sum = 0;

	for (size_t i = 0; i < BLOCK * BLOCK; i++)
		sum += s->tail[i] * s->tail[i];
	return sqrt(sum);
}

static void draw_next(struct space *s)
{
	for (size_t i = 0; i < BLOCK * s->n; i++)
		s->next[i] = rng_normal(&s->rng);
	if (s->n_vectors)
		take_out_basis(s);
	settle_next(s);
	memset(s->tail, 0, sizeof(s->tail)); /* it follows from nothing */
}

/* Add the next block to the basis, and make another of its image. */
static void grow(struct space *s)
{
	size_t first = s->n_vectors;
	double *added = s->next;

	turn_block(added, s->n, BLOCK, s->basis + first * s->n);
	s->n_vectors += BLOCK;
	s->next = s->spare;
	s->spare = added;
	multiply_block(
		&(struct block_product){
			{.m = ROWS_A_PART, .k = s->n}, s->n, s->matrix, s->n, added, s->next},
		s->pool);
	take_out_basis(s);
	for (size_t j = 0; j < s->n_vectors; j++) {
		for (size_t i = 0; i < BLOCK; i++) {
			double h = -s->overlap[j * BLOCK + i];

			s->small[(first + i) * s->most + j] = h;
			s->small[j * s->most + first + i] = h;
			s->scale = fmax(s->scale, fabs(h));
		}
	}
	settle_next(s);
	if (size_of_tail(s) <= NOTHING * s->scale) /* nothing new can come of this basis */
		draw_next(s);
}

/* Pairs of 'small'; the largest residual of those wanted, relative to the first value. */
static double solve_small(struct space *s)
{
	size_t n = s->n_vectors;
	double worst = 0;

	for (size_t i = 0; i < n; i++)
		memcpy(s->vectors + i * n, s->small + i * s->most, n * sizeof(*s->vectors));
	if (all_pairs(s->vectors, n, s->values))
		return INFINITY;
	for (size_t c = 0; c < s->n_wanted; c++) {
		const double *last = s->vectors + (n - 1 - c) * n + n - BLOCK;
		double sum = 0;

		for (size_t i = 0; i < BLOCK; i++) {
			double left = 0;

			for (size_t j = 0; j < BLOCK; j++)
				left += s->tail[i * BLOCK + j] * last[j];
			sum += left * left;
		}
		worst = fmax(worst, sqrt(sum));
	}
	return worst / fmax(s->values[n - 1], 1e-300);
}

/* The best pairs become the basis; what the next block is, they know through its image. */
static void restart(struct space *s)
{
	size_t n = s->n_vectors, first = n - s->n_kept;
	double *kept = mem_alloc(mem_product(s->n_kept, s->n), sizeof(*kept));

	combine(s->vectors + first * n, s->n_kept, n, s->basis, n, s->n, kept, s->pool);
	memcpy(s->basis, kept, s->n_kept * s->n * sizeof(*kept));
	memset(s->small, 0, s->most * s->most * sizeof(*s->small));
	for (size_t i = 0; i < s->n_kept; i++)
		s->small[i * s->most + i] = s->values[first + i];
	s->n_vectors = s->n_kept;
	free(kept);
}

/* ---- answers ------------------------------------------------------------------------------ */

/* Pairs as rows, values rising, to what the caller asked for. */
static void hand_over(const double *rows, const double *rising, size_t n_rows, size_t n,
		      size_t n_wanted, double *values, double *vectors)
{
	for (size_t c = 0; c < n_wanted; c++) {
		values[c] = rising[n_rows - 1 - c];
		for (size_t i = 0; i < n; i++)
			vectors[i * n_wanted + c] = rows[(n_rows - 1 - c) * n + i];
	}
}

/* The largest |v A - value v| relative to the first value, measured. */
static double measure(const struct space *s, const double *rows, const double *rising)
{
	double *images = mem_alloc(mem_product(s->n_wanted, s->n), sizeof(*images)), worst = 0;

	apply_to_rows(s->matrix, s->n, rows, s->n_wanted, images, s->pool);
	for (size_t c = 0; c < s->n_wanted; c++) {
		double sum = 0;

		for (size_t i = 0; i < s->n; i++) {
			double d = images[c * s->n + i] - rising[c] * rows[c * s->n + i];

			sum += d * d;
		}
		worst = fmax(worst, sqrt(sum));
	}
	free(images);
	return worst / fmax(rising[s->n_wanted - 1], 1e-300);
}

static double take_pairs(struct space *s, double *values, double *vectors)
{
	size_t n = s->n_vectors, first = n - s->n_wanted;
	double *rows = mem_alloc(mem_product(s->n_wanted, s->n), sizeof(*rows)), residual;

	combine(s->vectors + first * n, s->n_wanted, n, s->basis, n, s->n, rows, s->pool);
	hand_over(rows, s->values + first, s->n_wanted, s->n, s->n_wanted, values, vectors);
	residual = measure(s, rows, s->values + first);
	free(rows);
	return residual;
}

static int whole_matrix(const double *matrix, size_t n, size_t n_wanted, double *values,
			double *vectors, struct err *err)
{
	double *a = mem_copy(matrix, mem_product(n, n), sizeof(*a));
	double *rising = mem_alloc(n, sizeof(*rising));
	int failed = all_pairs(a, n, rising);

	if (!failed)
		hand_over(a, rising, n, n, n_wanted, values, vectors);
	free(a);
	free(rising);
	return failed ? err_set(err, "the eigenvalues of the covariance were not found") : 0;
}

static double krylov(struct space *s, double *values, double *vectors)
{
	double residual = INFINITY;

	s->rng = rng_seeded(42);
	s->basis = mem_alloc(mem_product(s->most, s->n), sizeof(*s->basis));
	s->next = mem_alloc(mem_product(BLOCK, s->n), sizeof(*s->next));
	s->spare = mem_alloc(mem_product(BLOCK, s->n), sizeof(*s->spare));
	s->overlap = mem_alloc(mem_product(BLOCK, s->most), sizeof(*s->overlap));
	s->small = mem_zero(mem_product(s->most, s->most), sizeof(*s->small));
	s->vectors = mem_alloc(mem_product(s->most, s->most), sizeof(*s->vectors));
	s->values = mem_alloc(s->most, sizeof(*s->values));
	draw_next(s);
	for (size_t round = 0; round < MAX_ROUNDS && residual > TOLERANCE; round++) {
		if (round)
			restart(s);
		while (s->n_vectors < s->most)
			grow(s);
		residual = solve_small(s);
	}
	if (residual <= TOLERANCE)
		residual = take_pairs(s, values, vectors);
	free(s->basis);
	free(s->next);
	free(s->spare);
	free(s->overlap);
	free(s->small);
	free(s->vectors);
	free(s->values);
	return residual;
}

int eigen_leading(const double *matrix, size_t n, size_t n_wanted, double *values, double *vectors,
		  double *residual, struct pool *pool, struct err *err)
{
	struct space s = {.matrix = matrix, .n = n, .n_wanted = n_wanted, .pool = pool};

	gemm_alone();
	s.n_kept = (n_wanted + SPARE + BLOCK - 1) / BLOCK * BLOCK;
	s.most = s.n_kept + ROUND;
	*residual = INFINITY;
	if (n >= 2 * s.most)
		*residual = krylov(&s, values, vectors);
	if (*residual <= 10 * TOLERANCE)
		return 0;
	*residual = 0;
	return whole_matrix(matrix, n, n_wanted, values, vectors, err);
}
