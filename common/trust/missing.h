/* missing.h - what a file lacks, expected from what it has.
 *
 * CellTypist counts a missing gene as an average one, and a model used on a panel loses whatever
 * its missing genes would have said. Genes vary together, though: with the factors of the training
 * cells (model/annex.h), z = L f + e, the missing values have an expectation given the present,
 *	E[z_m | z_p] = L_m (L_p' R^-1 L_p + I)^-1 L_p' R^-1 z_p      R: variances of e
 * which is linear, so it goes into the weights once per file:
 *	W'_p = W_p + R^-1 L_p (L_p' R^-1 L_p + I)^-1 L_m' W_m
 * and cells are scored as before, at the same speed. With no gene missing W' is W to the bit.
 *
 *	bool *present = ...;                              // per gene of the model
 *	struct expected *e = expected_weights(model, present, err);
 *	e->coef[row * n_genes + gene]; e->explained[row];
 *	expected_free(e);
 */
#ifndef TRUST_MISSING_H
#define TRUST_MISSING_H

#include "base/err.h"
#include "model/model.h"

struct expected {
	double *coef;       /* rows x genes, of the model; 0 where a gene is missing */
	double *explained;  /* per row: share of the score's variance, over the training cells, that
			     * the present genes tell; 1 when nothing is missing */
	double least, mean; /* of these */
	double untold; /* variance of a score that the present genes do not tell, the mean of the
			* rows; 0 when nothing is missing */
};

/* The model has factors. NULL only when they make no sense (err says so). Free with expected_free.
 */
struct expected *expected_weights(const struct model *m, const bool *present,
				  struct err *err) MUST_USE;
void expected_free(struct expected *e); /* NULL is fine */

#endif
