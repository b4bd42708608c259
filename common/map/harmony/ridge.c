/* ridge.c - see ridge.h. */
#include "base/util.h"

#include <math.h>

#include "linalg/cholesky.h"
#include "map/harmony/ridge.h"

#define LEAST_PIVOT 1e-10 /* of the largest diagonal element */

struct ridge ridge_new(size_t n_levels, size_t dims, size_t n_variables)
{
	struct ridge r = {.n_levels = n_levels, .n_variables = n_variables, .dims = dims};

	MEM_ZERO(r.intercept_sum, dims);
	MEM_ZERO(r.weights, n_levels);
	MEM_ZERO(r.sums, mem_product(n_levels, dims));
	if (n_variables > 1) {
		r.crossed = mem_zero(mem_product(n_levels, n_levels), sizeof(*r.crossed));
		r.room = mem_alloc(mem_product(n_levels + 1, n_levels + 1 + dims), sizeof(*r.room));
	}
	return r;
}

void ridge_release(struct ridge *r)
{
	free(r->intercept_sum);
	free(r->weights);
	free(r->sums);
	free(r->crossed);
	free(r->room);
}

void ridge_begin(struct ridge *r, const bool *kept)
{
	r->kept = kept;
	r->intercept_weight = 0;
	memset(r->intercept_sum, 0, r->dims * sizeof(*r->intercept_sum));
	memset(r->weights, 0, r->n_levels * sizeof(*r->weights));
	memset(r->sums, 0, r->n_levels * r->dims * sizeof(*r->sums));
	if (r->crossed)
		memset(r->crossed, 0, r->n_levels * r->n_levels * sizeof(*r->crossed));
}

static bool is_kept(const struct ridge *r, uint32_t level)
{
	return !r->kept || r->kept[level];
}

static void add_scaled(double *to, const double *from, double by, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += by * from[i];
}

void ridge_add(struct ridge *r, const uint32_t *levels, double weight, const double *point)
{
	bool any = false;

	for (size_t v = 0; v < r->n_variables; v++) {
		if (!is_kept(r, levels[v]))
			continue;
		any = true;
		r->weights[levels[v]] += weight;
		add_scaled(r->sums + levels[v] * r->dims, point, weight, r->dims);
		for (size_t w = 0; r->crossed && w < v; w++)
			if (is_kept(r, levels[w]))
				r->crossed[levels[v] * r->n_levels + levels[w]] += weight;
	}
	if (any)
		ridge_add_base(r, weight, NULL);
	if (any)
		add_scaled(r->intercept_sum, point, weight, r->dims);
}

void ridge_add_level(struct ridge *r, uint32_t level, double weight, const double *sum)
{
	if (!is_kept(r, level))
		return;
	r->weights[level] += weight;
	add_scaled(r->sums + level * r->dims, sum, 1, r->dims);
	ridge_add_base(r, weight, sum);
}

void ridge_add_base(struct ridge *r, double weight, const double *sum)
{
	r->intercept_weight += weight;
	if (sum)
		add_scaled(r->intercept_sum, sum, 1, r->dims);
}

/* Levels eliminated: what is left is the intercept alone. */
static int solve_arrowhead(const struct ridge *r, const double *penalties, double *out)
{
	double left = r->intercept_weight;

	memcpy(out, r->intercept_sum, r->dims * sizeof(*out));
	for (size_t b = 0; b < r->n_levels; b++) {
		double n = r->weights[b], share = n > 0 ? n / (n + penalties[b]) : 0;

		left -= n * share;
		add_scaled(out, r->sums + b * r->dims, -share, r->dims);
	}
	if (!(left > LEAST_PIVOT * r->intercept_weight))
		return -1;
	for (size_t d = 0; d < r->dims; d++)
		out[d] /= left;
	for (size_t b = 0; b < r->n_levels; b++) {
		double n = r->weights[b];

		for (size_t d = 0; d < r->dims; d++)
			out[(b + 1) * r->dims + d] =
				n > 0 ? (r->sums[b * r->dims + d] - n * out[d]) / (n + penalties[b])
				      : 0;
	}
	return 0;
}

/* The intercept comes last: it fills no row. */
static int solve_general(struct ridge *r, const double *penalties, double *out)
{
	size_t n = r->n_levels + 1, last = r->n_levels;
	double *a = r->room, *b = r->room + n * n;

	memset(a, 0, n * n * sizeof(*a));
	for (size_t i = 0; i < last; i++) {
		/* Across variables either triangle may hold it: a later variable has later levels.
		 */
		for (size_t j = 0; j < i; j++)
			a[i * n + j] = r->crossed[i * last + j];
		a[i * n + i] = r->weights[i] > 0 ? r->weights[i] + penalties[i] : 1;
		a[last * n + i] = r->weights[i];
	}
	a[last * n + last] = r->intercept_weight;
	memcpy(b, r->sums, last * r->dims * sizeof(*b));
	memcpy(b + last * r->dims, r->intercept_sum, r->dims * sizeof(*b));
	if (cholesky_factor(a, n, LEAST_PIVOT))
		return -1;
	cholesky_solve(a, n, b, r->dims);
	memcpy(out, b + last * r->dims, r->dims * sizeof(*out));
	memcpy(out + r->dims, b, last * r->dims * sizeof(*out));
	return 0;
}

int ridge_solve(struct ridge *r, const double *penalties, double *coefficients)
{
	if (!(r->intercept_weight > 0))
		return -1;
	return r->crossed ? solve_general(r, penalties, coefficients)
			  : solve_arrowhead(r, penalties, coefficients);
}
