/* missing.c - see missing.h. */
#include "base/util.h"

#include "linalg/cholesky.h"
#include "trust/missing.h"

/* precision = L_p' R^-1 L_p + I, of the first n factors. */
static void add_precision(const struct model *m, const bool *present, size_t n, double *precision)
{
	const struct model_factors *f = m->factors;

	memset(precision, 0, n * n * sizeof(*precision));
	for (size_t k = 0; k < n; k++)
		precision[k * n + k] = 1;
	for (size_t g = 0; g < m->n_genes; g++) {
		const float *loading = f->loadings + g * f->n;

		for (size_t i = 0; i < n && present[g]; i++) {
			double x = (double)loading[i] / (double)f->rest[g];

			for (size_t j = 0; j <= i; j++)
				precision[i * n + j] += x * (double)loading[j];
		}
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			precision[j * n + i] = precision[i * n + j];
}

/* to = L' w over the genes where 'present' is 'which'; returns the rest's variance of w there. */
static double gather(const struct model *m, const bool *present, bool which, const double *w,
		     double *to)
{
	const struct model_factors *f = m->factors;
	double rest = 0;

	memset(to, 0, f->n * sizeof(*to));
	for (size_t g = 0; g < m->n_genes; g++) {
		if (present[g] != which || w[g] == 0)
			continue;
		rest += w[g] * w[g] * (double)f->rest[g];
		for (size_t k = 0; k < f->n; k++)
			to[k] += w[g] * (double)f->loadings[g * f->n + k];
	}
	return rest;
}

static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* One row of coefficients; 'room' holds three times the factors. */
static double expect_row(const struct model *m, const bool *present, const double *factor,
			 const double *w, double *to, double *room, double *untold)
{
	const struct model_factors *f = m->factors;
	size_t n = f->n;
	double *missing = room, *solved = room + n, *here = room + 2 * n;
	double unknown = gather(m, present, false, w, missing);
	double all = unknown + gather(m, present, true, w, here);

	for (size_t k = 0; k < n; k++)
		here[k] += missing[k];
	all += dot(here, here, n);
	memcpy(solved, missing, n * sizeof(*solved));
	cholesky_solve(factor, n, solved, 1);
	unknown += dot(missing, solved, n);
	*untold += unknown / (double)m->n_rows;
	for (size_t g = 0; g < m->n_genes; g++) {
		double sum = 0;

		for (size_t k = 0; k < n && present[g]; k++)
			sum += (double)f->loadings[g * n + k] * solved[k];
		to[g] = present[g] ? w[g] + sum / (double)f->rest[g] : 0;
	}
	return all > 0 ? 1 - MIN(unknown / all, 1) : 0;
}

static bool all_present(const struct model *m, const bool *present)
{
	for (size_t g = 0; g < m->n_genes; g++)
		if (!present[g])
			return false;
	return true;
}

static void summarise(struct expected *e, size_t n_rows)
{
	double sum = 0;

	e->least = 1;
	for (size_t r = 0; r < n_rows; r++) {
		e->least = MIN(e->least, e->explained[r]);
		sum += e->explained[r];
	}
	e->mean = sum / (double)n_rows;
}

struct expected *expected_weights(const struct model *m, const bool *present, struct err *err)
{
	size_t n = m->factors->n;
	double *precision = mem_alloc(n * n, sizeof(*precision));
	double *room = mem_alloc(3 * n, sizeof(*room));
	bool whole = all_present(m, present);
	struct expected *e;

	MEM_ZERO(e, 1);
	e->coef = mem_copy(m->coef, mem_product(m->n_rows, m->n_genes), sizeof(*e->coef));
	MEM_ARRAY(e->explained, m->n_rows);
	add_precision(m, present, n, precision);
	if (cholesky_factor(precision, n, 0)) {
		err_set(err, "the model's factors are too large, or not finite");
		expected_free(e);
		e = NULL;
	}
	for (size_t r = 0; r < m->n_rows && e; r++)
		e->explained[r] =
			whole ? 1
			      : expect_row(m, present, precision, m->coef + r * m->n_genes,
					   e->coef + r * m->n_genes, room, &e->untold);
	if (e)
		summarise(e, m->n_rows);
	free(precision);
	free(room);
	return e;
}

void expected_free(struct expected *e)
{
	if (!e)
		return;
	free(e->coef);
	free(e->explained);
	free(e);
}
