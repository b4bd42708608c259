#include "linalg/eigen.h"

#include <cblas.h>
#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "linalg/gemm.h"

#define BLOCK 64
#define MAX_BLOCKS 14
#define ROWS_PER_PART ((size_t)128)
#define TOLERANCE 1e-9

/* LAPACK, in its own calling convention. */
void dsyevd_(const char *job, const char *uplo, const int *n, double *a, const int *lda, double *w,
	     double *work, const int *lwork, int *iwork, const int *liwork, int *info);
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
	     const int *lwork, int *info);
void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda, const double *tau,
	     double *work, const int *lwork, int *info);

/* All eigenpairs, values rising, vectors by column in place of the matrix. 0 when it worked. */
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

/* Columns to an orthonormal basis of what they span (n x BLOCK, by column). */
static void orthonormalise(double *q, size_t n)
{
	int rows = (int)n, columns = BLOCK, info, size = BLOCK * 64;
	double tau[BLOCK];
	double *work = mem_alloc((size_t)size, sizeof(*work));

	dgeqrf_(&rows, &columns, q, &rows, tau, work, &size, &info);
	dorgqr_(&rows, &columns, &columns, q, &rows, tau, work, &size, &info);
	free(work);
}

struct product {
	const double *matrix, *in;
	double *out;
	size_t n;
};

/* Rows of matrix * in; by column, so the symmetric matrix may be read either way. */
static void multiply_rows(void *arg, size_t part)
{
	struct product *p = arg;
	size_t first = part * ROWS_PER_PART, n = MIN(ROWS_PER_PART, p->n - first);

	cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, (int)n, BLOCK, (int)p->n, 1,
		    p->matrix + first * p->n, (int)p->n, p->in, (int)p->n, 0, p->out + first,
		    (int)p->n);
}

struct space {
	const double *matrix;
	size_t n, n_columns;   /* of the basis so far */
	double *basis, *image; /* n x columns, by column; image = matrix * basis */
	struct pool *pool;
};

/* Take what the basis spans out of q, twice for good measure, and make it orthonormal. */
static void make_new(const struct space *s, double *q)
{
	int n = (int)s->n, k = (int)s->n_columns;
	double *overlap = mem_alloc(s->n_columns * BLOCK + 1, sizeof(*overlap));

	for (int pass = 0; pass < 2; pass++) {
		if (k) {
			cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, k, BLOCK, n, 1,
				    s->basis, n, q, n, 0, overlap, k);
			cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, BLOCK, k, -1,
				    s->basis, n, overlap, k, 1, q, n);
		}
		orthonormalise(q, s->n);
	}
	free(overlap);
}

/* Add a block to the basis, made of the image of the last one. */
static void grow_space(struct space *s)
{
	double *q = s->basis + s->n_columns * s->n;
	struct product product = {s->matrix, q, s->image + s->n_columns * s->n, s->n};

	if (s->n_columns)
		memcpy(q, s->image + (s->n_columns - BLOCK) * s->n, BLOCK * s->n * sizeof(*q));
	make_new(s, q);
	pool_run(s->pool, (s->n + ROWS_PER_PART - 1) / ROWS_PER_PART, multiply_rows, &product);
	s->n_columns += BLOCK;
}

/* The best pairs within the space; returns the worst residual relative to the first value. */
static double best_pairs(const struct space *s, size_t n_wanted, double *values, double *vectors)
{
	int n = (int)s->n, k = (int)s->n_columns, wanted = (int)n_wanted;
	double *small = mem_alloc(s->n_columns * s->n_columns, sizeof(*small));
	double *rising = mem_alloc(s->n_columns, sizeof(*rising));
	double *found = mem_alloc(s->n * n_wanted, sizeof(*found));
	double *images = mem_alloc(s->n * n_wanted, sizeof(*images));
	double worst = INFINITY;

	cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, k, k, n, 1, s->basis, n, s->image, n,
		    0, small, k);
	if (all_pairs(small, s->n_columns, rising))
		goto done;
	const double *leading = small + (s->n_columns - n_wanted) * s->n_columns;
	cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, wanted, k, 1, s->basis, n,
		    leading, k, 0, found, n);
	cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, wanted, k, 1, s->image, n,
		    leading, k, 0, images, n);
	worst = 0;
	for (size_t c = 0; c < n_wanted; c++) { /* found is rising, what is wanted falls */
		const double *v = found + (n_wanted - 1 - c) * s->n;
		const double *image = images + (n_wanted - 1 - c) * s->n;
		double sum = 0;

		values[c] = rising[s->n_columns - 1 - c];
		for (size_t i = 0; i < s->n; i++) {
			vectors[i * n_wanted + c] = v[i];
			sum += pow(image[i] - values[c] * v[i], 2);
		}
		worst = fmax(worst, sqrt(sum) / fmax(values[0], 1e-300));
	}
done:
	free(small);
	free(rising);
	free(found);
	free(images);
	return worst;
}

static int whole_matrix(const double *matrix, size_t n, size_t n_wanted, double *values,
			double *vectors, struct err *err)
{
	double *a = mem_copy(matrix, mem_product(n, n), sizeof(*a));
	double *rising = mem_alloc(n, sizeof(*rising));
	int failed = all_pairs(a, n, rising);

	for (size_t c = 0; c < n_wanted && !failed; c++) {
		values[c] = rising[n - 1 - c];
		for (size_t i = 0; i < n; i++)
			vectors[i * n_wanted + c] = a[(n - 1 - c) * n + i];
	}
	free(a);
	free(rising);
	return failed ? err_set(err, "the eigenvalues of the covariance were not found") : 0;
}

int eigen_leading(const double *matrix, size_t n, size_t n_wanted, double *values, double *vectors,
		  double *residual, struct pool *pool, struct err *err)
{
	struct space s = {.matrix = matrix, .n = n, .pool = pool};
	struct rng rng = rng_seeded(42);

	gemm_alone();
	*residual = INFINITY;
	if (n_wanted > BLOCK || n < (size_t)MAX_BLOCKS * BLOCK) {
		*residual = 0;
		return whole_matrix(matrix, n, n_wanted, values, vectors, err);
	}
	s.basis = mem_alloc(mem_product(n, (size_t)MAX_BLOCKS * BLOCK), sizeof(*s.basis));
	s.image = mem_alloc(mem_product(n, (size_t)MAX_BLOCKS * BLOCK), sizeof(*s.image));
	for (size_t i = 0; i < n * BLOCK; i++)
		s.basis[i] = rng_normal(&rng);
	for (size_t block = 1; block <= MAX_BLOCKS && *residual > TOLERANCE; block++) {
		grow_space(&s);
		if (block >= 4 && block % 2 == 0)
			*residual = best_pairs(&s, n_wanted, values, vectors);
	}
	free(s.basis);
	free(s.image);
	if (*residual < 1e-6) /* eigenvalues are then right to 1e-12 */
		return 0;
	*residual = 0;
	return whole_matrix(matrix, n, n_wanted, values, vectors, err);
}
