/* cohort.h - who is trained on: labelled cells, their classes, and who is left out to judge by.
 *
 * Made from obs: cells without a label, or with one that names no type (calls/placeholders.h), and
 * classes with too few training cells are dropped; some cells may be held out; all may be dealt
 * into folds. Whole donors (or samples, or batches) stay together where a column of them is given.
 * Choices are drawn from the seed and do not depend on the order of classes or groups.
 *
 *	struct cohort_rules rules = {.label = "cell_type", .min_cells = COHORT_BY_SIZE, .folds = 5};
 *	struct cohort c;
 *	if (cohort_gather(&c, h5ad_obs(in), &rules, &err))
 *		refuse(&err);
 *	use(c.rows[0], c.classes[c.class_of[0]], c.fold[0]);
 *	cohort_release(&c);
 */
#ifndef TRAIN_COHORT_COHORT_H
#define TRAIN_COHORT_COHORT_H

#include "calls/placeholders.h"
#include "h5ad/frame/frame.h"

/* As min_cells: 5 in small cohorts, more in large ones, 50 at most. */
#define COHORT_BY_SIZE SIZE_MAX

#define COHORT_FOLDS_MOST 1000

struct cohort_rules {
	const char *label; /* column of obs */
	size_t min_cells;  /* training cells that a class needs */
	bool allow_loss;   /* train even if that costs much (see cohort_gather) */
	const struct placeholders *placeholders; /* labels that are no types, or NULL */
	const char *holdout;                     /* NULL, a fraction, a column, or COLUMN=VALUE */
	size_t folds;   /* 0 for none, else from 2 to COHORT_FOLDS_MOST: the caller sees to it */
	const char *by; /* column whose groups stay in one fold; NULL: stratified by class */
	uint64_t seed;
};

struct dropped_class {
	char *name;
	size_t n_cells;
};

struct cohort {
	size_t n;          /* cells kept */
	size_t *rows;      /* their rows in the file, rising */
	int32_t *class_of; /* per kept cell */
	uint8_t *held;     /* per kept cell: held out; NULL when nobody is */
	uint16_t *fold;    /* per kept cell; NULL without folds */
	size_t n_held;
	size_t n_copies; /* of every cell, next to each other (train/depths.h); 1 without */
	size_t n_folds;
	char **classes; /* sorted by bytes */
	size_t *count;  /* training cells per class, without those held out */
	size_t n_classes;
	size_t n_unlabelled;
	size_t min_cells;              /* that a class needed */
	struct dropped_class *dropped; /* too few cells */
	size_t n_dropped;
	struct dropped_class *no_types; /* of the placeholders */
	size_t n_no_types;
	char *held_what; /* "donor: d3, d7" or "0.2 of the cells of every class"; NULL */
	struct arena arena;
};

/*
 * Refused, unless the rules allow it: that more than a tenth of the labelled cells or a third of
 * the types are left out for want of cells. The model would call all of them something else.
 */
int cohort_gather(struct cohort *c, struct frame *obs, const struct cohort_rules *rules,
		  struct err *err) MUST_USE;
void cohort_release(struct cohort *c);

/* From now on every cell is there so many times: with its row, class and fold. */
void cohort_copy(struct cohort *c, size_t n_copies);

/*
 * A level per kept cell for warm starts (solver/design.h): a fit on level 0, about an eighth of
 * every class but at least 40 cells of it, is a good start for the fit on all. Large cohorts get
 * two sample levels. The caller frees.
 */
uint8_t *cohort_levels(const struct cohort *c, uint64_t seed);

#endif
