/* recipe.h - choices that go together, under one name.
 *
 * "celltypist" trains what CellTypist trains: every class against the rest, genes divided by their
 * deviation, all cells alike, classes of fifty cells or more, and weights alone. "robust" is what
 * held up best from one study to another (README, "Which recipe"): one softmax over all classes,
 * rare classes weighing as much as common ones, a soft scaling, a stronger penalty, classes of few
 * cells kept in small references, and beside the weights what makes answers trustworthy: factors,
 * calibration, landmarks (model/annex.h).
 *
 *	const struct recipe *r = recipe_named("robust");
 *	rules.cohort.min_cells = r->min_cells;
 *
 * A recipe only gives defaults: an option that says otherwise is heard.
 */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "base/util.h"

struct recipe {
	const char *name, *loss, *class_weight, *C, *scaling;
	size_t min_cells; /* COHORT_BY_SIZE: see cohort.h */
	size_t n_factors; /* 0: weights alone */
};

extern const char *const recipe_names[]; /* ends in NULL; the first is the default */

/* NULL for a name that is not there. */
const struct recipe *recipe_named(const char *name);

#endif
