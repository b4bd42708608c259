/* class_levels.h - the path of every class through columns of coarser labels.
 *
 * An atlas has levels: a cell is lv1 "T cell", lv2 "CD4", lv3 "naive CD4". Its finest label is the
 * class; what is above it is what its cells have in the other columns. A class has one path and a
 * name one parent: where cells say otherwise, nothing is guessed. A cell whose finer columns are
 * empty is of a coarser label, and its path goes on with the last name it has.
 *
 *	struct class_levels l;
 *	if (class_levels_read(&l, &cohort, obs, columns, n, err))     // columns from coarse to fine
 *		die_err(err);
 *	class_levels_give(&l, model);                       // model->levels
 *	class_levels_release(&l);
 */
#ifndef TRAIN_CLASS_LEVELS_H
#define TRAIN_CLASS_LEVELS_H

#include "base/strtab.h"
#include "model/model.h"
#include "train/cohort/cohort.h"

struct class_levels {
	const char *const *columns; /* borrowed */
	size_t n, n_classes;
	uint32_t *of_class; /* classes x n: numbers of 'names' */
	struct strtab names;
};

/*
 * -1: a column is not there, a name holds "|" (which parts names in predictions), or the levels
 * contradict each other: err names the class or the name and both parents. Release in any case.
 */
int class_levels_read(struct class_levels *l, const struct cohort *c, struct frame *obs,
		      const char *const *columns, size_t n, struct err *err) MUST_USE;
void class_levels_give(const struct class_levels *l, struct model *m);
void class_levels_release(struct class_levels *l); /* zeroed is fine */

#endif
