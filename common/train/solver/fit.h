/* fit.h - the optimum of L2-penalised logistic regression for all classes at once.
 *
 * Minimises, per class (one-vs-rest) or jointly (softmax),
 *	mean loss + |coef|^2 / (2 C n)
 * over the standardised cells, where n is the sum of the cells' weights; intercepts are not
 * penalised. That is scikit-learn's objective divided by C n. Every pass is one forward and one
 * backward product for all classes: the direction is quasi-Newton, the step along it exact, found
 * on scores kept from the products. A class is done when the largest entry of its gradient is at
 * most the tolerance; classes that are done leave when the rest fits into fewer lanes.
 *
 * Products run in float while the tolerance allows, else in double.
 */
#ifndef TRAIN_SOLVER_FIT_H
#define TRAIN_SOLVER_FIT_H

#include "train/solver/loss.h"
#include "train/solver/products.h"
#include "train/solver/training_news.h"

struct fit_options {
	enum model_loss loss;
	double C;
	double tolerance;
	size_t max_passes;
	const uint8_t *within; /* nested classes (loss.h), or NULL; softmax only */
	bool balanced; /* classes weigh the same: as scikit-learn's class_weight="balanced" */
	struct listener listener; /* hears of every pass */
};

/* What was fitted: the caller keeps scaling and design alive only while fitting. */
struct fit {
	struct lanes lanes; /* of the rows: all classes, or the second of two */
	size_t n_genes;
	double *coef;         /* lane matrix, n_genes + 1 rows, of standardised genes */
	size_t passes;        /* of the longest class */
	size_t *class_passes; /* per lane: when it met the tolerance, or the last */
	double *objective;    /* per lane: the mean loss plus the penalty */
	double *gradient;     /* per lane: the largest entry reached */
	size_t n_short;       /* lanes that did not meet the tolerance */
	bool wide;            /* double was used */
};

/*
 * A fit to start with: coefficients 0. Two classes have one lane, the second's, unless softmax.
 */
struct fit fit_new(size_t n_genes, size_t n_classes, enum model_loss loss);
void fit_release(struct fit *fit);

/* The fit's coefficients for fewer genes (gene_map as in design_narrow), to go on from. */
struct fit fit_narrow(const struct fit *fit, const uint32_t *gene_map, size_t n_genes);

/*
 * Go on from fit->coef to the optimum for the cells of the first n_blocks blocks whose label (a
 * class per slot) is not negative.
 */
int fit_run(struct fit *fit, struct design *design, size_t n_blocks, const struct scaling *scaling,
	    const int32_t *label, const struct fit_options *options, struct pool *pool,
	    struct err *err) MUST_USE;

/* Scores of all slots under the fit: float, a row of fit->lanes.n per slot. */
int fit_scores(const struct fit *fit, struct design *design, const struct scaling *scaling,
	       float *scores, struct pool *pool, struct err *err) MUST_USE;

/* Bytes that fit_run needs beside the design. */
size_t fit_memory(size_t n_genes, size_t n_classes, size_t n_cells, double tolerance);

#endif
