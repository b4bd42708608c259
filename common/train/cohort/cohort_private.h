/* cohort_private.h - what the files behind cohort.h share.
 *
 * cohort.c chooses classes and cells, cohort_holdout.c who is held out to judge by, and
 * cohort_folds.c deals cells into folds,
 * both by the groups of cohort_groups.c.
 */
#ifndef TRAIN_COHORT_COHORT_PRIVATE_H
#define TRAIN_COHORT_COHORT_PRIVATE_H

#include "train/cohort/cohort.h"

/* What is drawn for a cell (base/counter_rng.h). */
enum { DRAW_HELD_OUT = 1, DRAW_LEVEL = 3 };

/* A group of labelled cells to deal: a donor, a sample. */
struct dealt {
	const char *name;
	size_t group, n_cells;
	uint64_t order;
};

/* The groups of labelled cells, with a drawn order that follows from seed and name. */
struct dealt *cohort_groups(const struct column_groups *groups, const struct column_groups *label,
			    size_t n_rows, uint64_t seed);

/* Fill c->held and c->held_what, by rows of obs, as the rules say; nothing without --holdout. */
int cohort_hold_out(struct cohort *c, struct frame *obs, const struct column_groups *label,
		    const struct cohort_rules *rules, struct err *err) MUST_USE;

/* Fill c->fold and c->n_folds, by rows of obs; nothing without folds. */
int cohort_make_folds(struct cohort *c, struct frame *obs, const struct column_groups *label,
		      const struct cohort_rules *rules, struct err *err) MUST_USE;

#endif
