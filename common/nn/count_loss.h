/* count_loss.h - how likely counts are under decoded shares, and the way back.
 *
 * A decoder gives every gene a logit; the softmax over genes is the share rho of a cell's counts,
 * mu = library * rho the expectation. Counts are negative binomial with dispersion theta, or that
 * with extra zeros whose logit a second head gives (ZINB). Both as scvi-tools has them, eps 1e-8.
 *
 *	struct count_loss loss = {.n_genes = n, .library = totals, .counts = x, .theta = &theta};
 *	count_loss(&loss, pool, logits, NULL, 1.0 / 128, nll);   // logits become their gradient
 *
 * One pass: zeros, of which there are most, need neither gamma functions nor the counts; what is
 * stored is put right afterwards, gathered side by side. Counts of a few take their gamma functions
 * from tables that a step fills once.
 */
#ifndef NN_COUNT_LOSS_H
#define NN_COUNT_LOSS_H

#include "base/pool.h"
#include "nn/dense.h"

enum { DISPERSION_RISES = 16 };

/*
 * Dispersions: one row of genes, or one per batch or label. With one row there are also tables of
 * what small counts take from it: 'rises' rows of genes, the x-th with the sums over k < x of
 * log(theta + k), and of 1 / (theta + k).
 */
struct dispersion {
	size_t n_rows, n_genes, rises;
	const uint32_t *row;       /* per cell; NULL when there is one row */
	real *theta, *log, *share; /* theta, log(theta + eps), theta / (theta + eps) */
	real *log_rise, *slope_rise;
	double factorial[DISPERSION_RISES + 1]; /* logarithms of factorials */
};

/* From px_r, the logarithm of theta: n_rows x n_genes. */
void dispersion_fill(struct dispersion *d, const real *log_theta, size_t n_rows, size_t n_genes);
void dispersion_free(struct dispersion *d);

struct count_loss {
	size_t n_genes;
	struct rows counts;  /* stored counts; zeros may be among them */
	const real *library; /* per cell: the sum of its counts */
	const struct dispersion *theta;
	real *d_log_theta; /* n x n_genes: the gradient by cell, or NULL */
};

/*
 * 'nll' (n) receives minus the log likelihood of each cell. 'logits' (n x n_genes) becomes the
 * gradient of 'factor' times the sum of nll; so does 'zeros', the logits of extra zeros, which is
 * NULL for the plain negative binomial.
 */
void count_loss(const struct count_loss *l, struct pool *pool, real *logits, real *zeros,
		double factor, double *nll);

/* Logits of n rows become shares, in place. */
void softmax_rows(struct pool *pool, real *logits, size_t n, size_t width);

#endif
