/* folds.h - training on all folds but one, and calling that one.
 *
 *	struct folds f = {.design = d, .cohort = c, .truth = truth, .options = o, .pool = pool};
 *	struct tally scores = tally_new(c->n_classes);
 *
 *	f.scores = &scores;
 *	folds_start(&f, true);
 *	folds_run(&f, 0, c->n_folds, &err);
 *	tally_finish(&scores);
 *	folds_release(&f);
 *
 * What validate.h and penalty.h are made of.
 */
#ifndef TRAIN_FOLDS_H
#define TRAIN_FOLDS_H

#include "calls/tally.h"
#include "train/cohort/cohort.h"
#include "train/stages.h"

struct folds {
	struct design *design;
	const struct cohort *cohort;
	const int32_t *truth; /* a class per slot, -1: not used */
	const struct train_options *options;
	struct pool *pool;
	struct tally *scores;  /* calls are added to it */
	float *decisions;      /* per kept cell and lane; NULL when nobody wants them */
	uint32_t *calls;       /* per kept cell */
	size_t n_lanes;        /* lanes that have a class */
	size_t most;           /* cells that a fold's model is trained on, drawn evenly over the
			       * classes, with the same penalty a cell as all would have; 0: all */
	const uint8_t *wanted; /* per slot, 1 or 0: is it to be called? NULL: all are */
	struct fit *fits; /* per fold: a fit to go on from (or empty), then this one; or NULL */
};

void folds_start(struct folds *f, bool keep_decisions);
int folds_run(struct folds *f, size_t first, size_t last, struct err *err) MUST_USE;
void folds_release(struct folds *f); /* calls and decisions */

/* The scores of one slot, gathered from the bands that fit_scores writes. */
void folds_score_row(const struct lanes *lanes, size_t n_slots, const float *scores, size_t slot,
		     float *row);

/* The class with the highest score in a row of lane scores, the first of equals. */
size_t folds_call(const struct lanes *lanes, const float *row, const bool *there);

#endif
