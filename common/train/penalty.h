/* penalty.h - the penalty that calls unseen cells best.
 *
 *	struct penalty_choice choice;
 *	penalty_choose(&choice, design, cohort, truth, &options, pool, &err);
 *	options.fit.C = choice.C;
 *	options.start = choice.start.coef ? &choice.start : NULL;
 *	penalty_release(&choice);
 *
 * Cross-validates with C = 0.001, 0.003, 0.01 and on to 1, each fold going on from its last fit,
 * until two in a row were no better; trials are fitted to a looser tolerance. The path is walked by
 * as many folds as hold a few thousand cells, the others are called with the C that is chosen:
 * the one with the highest macro-F1, of equals the largest.
 */
#ifndef TRAIN_PENALTY_H
#define TRAIN_PENALTY_H

#include "train/folds.h"

struct penalty_choice {
	double C;
	struct tally tally; /* of all folds, with this C */
	struct fit
		start; /* the mean of the folds' fits, to go on from; empty when genes are chosen */
};

/* The options' listener hears each result, and how many folds it is of. */
int penalty_choose(struct penalty_choice *choice, struct design *d, const struct cohort *c,
		   const int32_t *truth, const struct train_options *options, struct pool *pool,
		   struct err *err) MUST_USE;
void penalty_release(struct penalty_choice *choice);

#endif
