/* fit_private.h - one fit in the making: what the files behind fit.h share.
 *
 * fit.c starts and runs it, fit_pass.c is the mathematics of a pass, fit_lanes.c keeps the books
 * of the classes: what they weigh, what they have reached, and when they leave.
 */
#ifndef TRAIN_SOLVER_FIT_PRIVATE_H
#define TRAIN_SOLVER_FIT_PRIVATE_H

#include "train/solver/fit.h"
#include "train/solver/lbfgs.h"

/* What changes as classes leave. */
struct fitting {
	struct fit *fit;
	const struct fit_options *options;
	struct products products;
	struct loss loss;
	struct lanes lanes; /* classes still in it */
	struct lbfgs *lbfgs;
	size_t rows;
	double weight;                                /* sum of the cells' weights */
	double penalty;                               /* 1 / (C * weight) */
	double *coef, *gradient, *before, *direction; /* lane matrices */
	void *scores, *along; /* per slot: scores, and those of the direction, then residuals */
	double *step, *losses, *largest, *slope, *square, *cross; /* per lane */
	double *weight_in, *weight_out;                           /* per class */
	bool *done;
	struct err *err;
};

/* ---- fit_pass.c ---- */

/* Scores of the coefficients, residuals, gradient: where a fit begins. */
int fitting_begin(struct fitting *s) MUST_USE;

/* One pass: direction, forward product, exact step, residuals, backward product. */
int fitting_pass(struct fitting *s, bool first) MUST_USE;

/* Sums over rows, per lane, of a * b without the intercepts. */
void fitting_sums(const struct fitting *s, const double *a, const double *b, double *sums);

/* ---- fit_lanes.c ---- */

void fitting_allocate(struct fitting *s);
void fitting_release(struct fitting *s);

/*
 * Weights of the cells of each class and of all others. Balanced: both sides of a one-vs-rest
 * problem weigh half of the cells; all classes of softmax weigh the same.
 */
void fitting_weigh(struct fitting *s);

/* Write what every class has reached into the fit; how many are above the tolerance? */
size_t fitting_mark(struct fitting *s, size_t pass);

/* Let classes that are done leave, when the others need fewer lanes. */
void fitting_drop(struct fitting *s, size_t left);

#endif
