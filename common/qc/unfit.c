/* unfit.c - see unfit.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "qc/outliers.h"
#include "qc/unfit.h"

#define NO_REASON UNFIT_REASONS

const char *const unfit_reasons[UNFIT_REASONS] = {
	[UNFIT_LOW_COUNTS] = "LOW_COUNTS",
	[UNFIT_HIGH_COUNTS] = "HIGH_COUNTS",
	[UNFIT_LOW_GENES] = "LOW_GENES",
	[UNFIT_HIGH_GENES] = "HIGH_GENES",
	[UNFIT_LOW_COMPLEXITY] = "LOW_COMPLEXITY",
	[UNFIT_HIGH_MITO] = "HIGH_MITO",
	[UNFIT_DOUBLET] = "DOUBLET",
};

/* ---- measures, and what their ends are called ---- */

static double counts_of(const struct qc_metrics *m)
{
	return log1p(m->n_counts);
}

static double genes_of(const struct qc_metrics *m)
{
	return log1p((double)m->n_genes);
}

static double complexity_of(const struct qc_metrics *m)
{
	return m->complexity;
}

static double mito_of(const struct qc_metrics *m)
{
	return m->mito;
}

static const struct measure {
	double (*of)(const struct qc_metrics *m);
	enum unfit_reason low, high;
} measures[] = {
	{counts_of, UNFIT_LOW_COUNTS, UNFIT_HIGH_COUNTS},
	{genes_of, UNFIT_LOW_GENES, UNFIT_HIGH_GENES},
	{complexity_of, UNFIT_LOW_COMPLEXITY, NO_REASON},
	{mito_of, NO_REASON, UNFIT_HIGH_MITO},
};

/* ---- cells ---- */

void unfit_start(struct unfit *u, size_t n_cells)
{
	*u = (struct unfit){.n_cells = n_cells};
	MEM_ZERO(u->reasons, n_cells);
}

void unfit_release(struct unfit *u)
{
	free(u->reasons);
	*u = (struct unfit){.n_cells = 0};
}

void unfit_say(struct unfit *u, size_t cell, enum unfit_reason reason)
{
	u->reasons[cell] |= (uint8_t)(1u << reason);
	u->n[reason]++;
}

/* 'values' has room for 'n'. */
static void judge(struct unfit *u, const struct measure *measure, const struct qc_metrics *metrics,
		  const size_t *rows, size_t n, double n_deviations, double *values)
{
	struct outlier_range r;

	for (size_t i = 0; i < n; i++)
		values[i] = measure->of(&metrics[rows[i]]);
	r = outlier_range_of(values, n, n_deviations);
	for (size_t i = 0; i < n; i++) {
		double x = measure->of(&metrics[rows[i]]);

		if (measure->low != NO_REASON && x < r.least)
			unfit_say(u, rows[i], measure->low);
		if (measure->high != NO_REASON && x > r.most)
			unfit_say(u, rows[i], measure->high);
	}
}

void unfit_outliers(struct unfit *u, const struct qc_metrics *metrics, const size_t *rows, size_t n,
		    double n_deviations)
{
	double *values = mem_alloc(n, sizeof(*values));

	for (size_t i = 0; i < ARRAY_LEN(measures); i++)
		judge(u, &measures[i], metrics, rows, n, n_deviations, values);
	free(values);
}

size_t unfit_n_cells(const struct unfit *u)
{
	size_t n = 0;

	for (size_t cell = 0; cell < u->n_cells; cell++)
		n += u->reasons[cell] != 0;
	return n;
}

const char *unfit_text(const struct unfit *u, size_t cell, struct text *scratch)
{
	text_clear(scratch);
	for (size_t i = 0; i < UNFIT_REASONS; i++)
		if (u->reasons[cell] >> i & 1)
			text_add(scratch, "%s%s", scratch->len ? ";" : "", unfit_reasons[i]);
	return scratch->s;
}
