/* held_out.h - what models that did not see a cell make of it: for calibration and novelty.
 *
 * Some training cells, evenly over the classes, are landmarks. Each is scored by a model trained on
 * the folds that it is not in (train/folds.h), to a looser tolerance than the model itself, and
 * placed by the factors. From these come the calibration (trust/calibration.h) and what is strange
 * (trust/novelty.h).
 *
 *	struct held_out h = {.cohort = c, .gathered = g, .trained = t, .options = o, .pool = pool};
 *	if (held_out_learn(&h, factors, err))
 *		die_err(err);
 *	use(h.calibration, h.landmarks);                  // either may be NULL: too few cells
 *
 * Memory: 4 bytes per cell and class or axis while it works.
 */
#ifndef TRAIN_HELD_OUT_H
#define TRAIN_HELD_OUT_H

#include "model/annex.h"
#include "train/blurred.h"
#include "train/gather.h"
#include "train/stages.h"

struct held_out {
	const struct cohort *cohort; /* with folds */
	const struct gathered *gathered;
	const struct trained *trained;
	const struct train_options *options;
	struct pool *pool;
	/* results, owned by the caller */
	struct model_calibration *calibration;
	struct model_landmarks *landmarks;
	struct blurred blurred;
};

/* 'factors' are over the genes of the fit. */
int held_out_learn(struct held_out *h, const struct model_factors *factors,
		   struct err *err) MUST_USE;

#endif
