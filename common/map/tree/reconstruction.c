/* reconstruction.c - see reconstruction.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "linalg/eigen.h"
#include "map/tree/reconstruction.h"

#define HELD 0.9 /* of the variance, by the components */
#define MOST ((size_t)100)
#define LEAST_CELLS ((size_t)10)
#define CELLS_PER_PART ((size_t)1024)

/* ---- components ---- */

/* Means and covariances of the points outside 'fold'. Returns how many there are. */
static size_t moments(const double *points, size_t n, size_t dims, const uint8_t *folds,
		      size_t fold, double *mean, double *covariance)
{
	size_t used = 0;

	memset(mean, 0, dims * sizeof(*mean));
	memset(covariance, 0, dims * dims * sizeof(*covariance));
	for (size_t i = 0; i < n; i++) {
		used += folds[i] != fold;
		for (size_t d = 0; d < dims && folds[i] != fold; d++)
			mean[d] += points[i * dims + d];
	}
	for (size_t d = 0; d < dims; d++)
		mean[d] /= (double)MAX(used, (size_t)1);
	for (size_t i = 0; i < n; i++)
		for (size_t a = 0; a < dims && folds[i] != fold; a++)
			for (size_t b = 0; b <= a; b++)
				covariance[a * dims + b] += (points[i * dims + a] - mean[a]) *
							    (points[i * dims + b] - mean[b]);
	for (size_t a = 0; a < dims; a++)
		for (size_t b = 0; b < a; b++)
			covariance[b * dims + a] = covariance[a * dims + b];
	return used;
}

/* As many of the falling values as hold more than nine tenths of their sum. */
static size_t count_components(const double *values, size_t dims)
{
	double all = 0, sum = 0;
	size_t n = 0;

	if (dims > MOST)
		return MOST;
	for (size_t i = 0; i < dims; i++)
		all += values[i];
	while (n < dims && (n == 0 || sum <= HELD * all))
		sum += values[n++];
	return n;
}

static int learn(struct reconstruction *r, const double *points, size_t n, const uint8_t *folds,
		 size_t fold, struct pool *pool, struct err *err)
{
	size_t dims = r->dims, wanted = MIN(dims, MOST);
	double *covariance = mem_alloc(mem_product(dims, dims), sizeof(*covariance));
	double *values = mem_alloc(wanted, sizeof(*values)), residual;
	double *vectors = mem_alloc(mem_product(dims, wanted), sizeof(*vectors));
	int ret = moments(points, n, dims, folds, fold, r->mean, covariance) < 2
			  ? err_refuse(err,
				       "%zu cells are too few to learn how cells are "
				       "reconstructed",
				       n)
			  : eigen_leading(covariance, dims, wanted, values, vectors, &residual,
					  pool, err);

	if (!ret)
		r->n_components = count_components(values, dims);
	for (size_t d = 0; d < dims && !ret; d++)
		memcpy(r->components + d * r->n_components, vectors + d * wanted,
		       r->n_components * sizeof(*vectors));
	free(vectors);
	free(values);
	free(covariance);
	return ret;
}

/* ---- errors ---- */

struct measuring {
	const struct reconstruction *r;
	const double *points;
	size_t n;
	double *errors;
};

/* What is left of a centred point when its components are taken away. */
static double error_of(const struct reconstruction *r, const double *point, double *left)
{
	double squares = 0;

	for (size_t d = 0; d < r->dims; d++)
		left[d] = point[d] - r->mean[d];
	for (size_t k = 0; k < r->n_components; k++) {
		double along = 0;

		for (size_t d = 0; d < r->dims; d++)
			along += (point[d] - r->mean[d]) * r->components[d * r->n_components + k];
		for (size_t d = 0; d < r->dims; d++)
			left[d] -= along * r->components[d * r->n_components + k];
	}
	for (size_t d = 0; d < r->dims; d++)
		squares += left[d] * left[d];
	return sqrt(squares);
}

static void measure_part(void *arg, size_t part)
{
	const struct measuring *m = arg;
	double *left = mem_alloc(m->r->dims, sizeof(*left));
	size_t end = MIN(m->n, (part + 1) * CELLS_PER_PART);

	for (size_t i = part * CELLS_PER_PART; i < end; i++)
		m->errors[i] = error_of(m->r, m->points + i * m->r->dims, left);
	free(left);
}

void reconstruction_errors(const struct reconstruction *r, const double *points, size_t n,
			   struct pool *pool, double *errors)
{
	struct measuring m = {r, points, n, errors};

	pool_run(pool, (n + CELLS_PER_PART - 1) / CELLS_PER_PART, measure_part, &m);
}

/* ---- the threshold ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The percentile of the errors of a fold's own cells; NaN when it has none. */
static double threshold_of(const double *errors, const uint8_t *folds, size_t n, size_t fold,
			   double percent)
{
	double *own = mem_alloc(n, sizeof(*own)), at, value = NAN;
	size_t n_own = 0, low;

	for (size_t i = 0; i < n; i++)
		if (folds[i] == fold)
			own[n_own++] = errors[i];
	if (n_own) {
		qsort(own, n_own, sizeof(*own), by_value);
		at = (1 - percent / 100) * (double)(n_own - 1);
		low = (size_t)at;
		value = own[low] + (at - (double)low) * (own[MIN(low + 1, n_own - 1)] - own[low]);
	}
	free(own);
	return value;
}

static int learn_folds(struct reconstruction *r, const double *points, size_t n,
		       const uint8_t *folds, double percent, struct pool *pool, struct err *err)
{
	double *errors = mem_alloc(n, sizeof(*errors)), sorted[RECONSTRUCTION_FOLDS];
	size_t known = 0;
	int ret = 0;

	for (size_t fold = 0; fold < RECONSTRUCTION_FOLDS && !ret; fold++) {
		ret = learn(r, points, n, folds, fold, pool, err);
		if (ret)
			break;
		reconstruction_errors(r, points, n, pool, errors);
		r->thresholds[fold] = threshold_of(errors, folds, n, fold, percent);
		if (!isnan(r->thresholds[fold]))
			sorted[known++] = r->thresholds[fold];
	}
	free(errors);
	if (ret)
		return ret;
	if (!known)
		BUG("no fold has cells");
	qsort(sorted, known, sizeof(*sorted), by_value);
	r->threshold =
		known % 2 ? sorted[known / 2] : (sorted[known / 2 - 1] + sorted[known / 2]) / 2;
	return 0;
}

int reconstruction_learn(struct reconstruction *r, const double *points, size_t n, size_t dims,
			 const uint8_t *folds, double percent, struct pool *pool, struct err *err)
{
	uint8_t *own = mem_alloc(n + 1, sizeof(*own));
	int ret = -1;

	*r = (struct reconstruction){.dims = dims};
	MEM_ARRAY(r->mean, dims);
	MEM_ARRAY(r->components, mem_product(dims, MIN(dims, MOST)));
	for (size_t i = 0; i < n; i++)
		own[i] = folds ? folds[i] : (uint8_t)(mix64(i) % RECONSTRUCTION_FOLDS);
	if (n < LEAST_CELLS)
		err_refuse(err,
			   "%zu cells are too few to learn how cells are reconstructed: %zu are "
			   "the fewest",
			   n, LEAST_CELLS);
	else
		ret = learn_folds(r, points, n, own, percent, pool, err) ||
		      learn(r, points, n, own, RECONSTRUCTION_FOLDS, pool, err);
	free(own);
	if (ret)
		reconstruction_release(r);
	return ret ? -1 : 0;
}

void reconstruction_release(struct reconstruction *r)
{
	free(r->mean);
	free(r->components);
	*r = (struct reconstruction){0};
}
