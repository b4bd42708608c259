/* stages.h - from packed cells to a model: sampled start, choice of genes, final fit.
 *
 * The levels of the design (train/cohort/cohort.h) are fitted one after the other, each starting
 * where the one before ended, so that most passes are over a small sample. With 'select', a short
 * first fit chooses genes (those with the largest coefficients of every class, as CellTypist does),
 * and the final fit is on these, with the means and scales measured before.
 *
 *	struct trained t;
 *	if (train_run(&t, &design, true, label, n_classes, &options, pool, err))
 *		return -1;
 *	use(&t.fit, t.gene_of);
 *	trained_release(&t);
 */
#ifndef TRAIN_STAGES_H
#define TRAIN_STAGES_H

#include "train/solver/fit.h"
#include "train/solver/sgd.h"

struct train_options {
	struct fit_options fit;
	bool use_sgd;
	struct sgd_options sgd;
	struct scaling_rules scaling;
	bool select;
	size_t top_genes;
	const struct fit
		*start; /* a fit of the same shape to go on from, instead of a sample; or NULL */
	struct listener listener; /* hears of every step that begins */
};

struct trained {
	struct fit fit;
	struct scaling scaling; /* of the fit's genes */
	uint32_t *gene_of;      /* per gene of the fit: its number in the design that came in */
};

/*
 * Train on the slots whose label is not negative. With 'spend', a design whose genes were selected
 * replaces '*design' (its slots stay the same, its genes are those of the fit); without, the
 * genes that were not selected stay in the fit, without a part in it, and 'gene_of' lists all.
 */
int train_run(struct trained *t, struct design **design, bool spend, const int32_t *label,
	      size_t n_classes, const struct train_options *options, struct pool *pool,
	      struct err *err) MUST_USE;
void trained_release(struct trained *t);

#endif
