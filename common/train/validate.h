/* validate.h - judging training on cells it did not see: held-out cells, and cross-validation.
 *
 * Folds share the packed cells of one design; each has its own means, scales, chosen genes and
 * optimum, from the cells outside it alone. A class that has no training cell in a fold is not
 * called there.
 *
 *	struct tally scores;
 *	if (validate_folds(&scores, design, &cohort, truth, &options, NULL, names, pool, &err))
 *		die_err(&err);
 */
#ifndef TRAIN_VALIDATE_H
#define TRAIN_VALIDATE_H

#include "calls/tally.h"
#include "train/cohort/cohort.h"
#include "train/stages.h"

/* Score the slots where 'held' is set: truth (a class per slot) against calls. */
int validate_held(struct tally *scores, const struct trained *t, struct design *d,
		  const int32_t *truth, const uint8_t *held, struct pool *pool,
		  struct err *err) MUST_USE;

/*
 * Cross-validate: c->fold tells each cell's fold, truth the class of each slot (-1: not used).
 * 'oof' is a file for the out-of-fold decisions of every cell, in their order in the input:
 *	cell  label  call  fold  then one column per class
 * (tab-separated; .gz is compressed), or NULL. 'cells' are the names of all cells of the input.
 */
int validate_folds(struct tally *scores, struct design *d, const struct cohort *c,
		   const int32_t *truth, const struct train_options *options, const char *oof,
		   char *const *cells, struct pool *pool, struct err *err) MUST_USE;

#endif
