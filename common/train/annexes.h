/* annexes.h - what a trained model is given beside its weights (model/annex.h).
 *
 *	struct annexes a = {0};
 *	if (annexes_learn(&a, &task, &rules, err))
 *		die_err(err);
 *	annexes_give(&a, &trained, model);             // the model owns them from here on
 *	annexes_release(&a);
 *
 * Learnt from the packed cells that the fit was made of, after it.
 */
#ifndef TRAIN_ANNEXES_H
#define TRAIN_ANNEXES_H

#include "model/model.h"
#include "train/blurred.h"
#include "train/gather.h"
#include "train/stages.h"

struct annex_rules {
	size_t n_factors; /* at most; 0: no annexes at all */
};

/* Over the genes of the fit, those without a part in it included. */
struct annexes {
	struct model_factors *factors;
	struct model_calibration *calibration;
	struct model_landmarks *landmarks;
	struct blurred blurred; /* for people: the model has no part in it */
};

/* What was trained, from what and how: all borrowed. */
struct annex_task {
	const struct trained *trained;
	const struct gathered *gathered;
	const struct cohort *cohort; /* without folds there is no calibration and no landmarks */
	const struct train_options *options;
	struct pool *pool;
};

int annexes_learn(struct annexes *a, const struct annex_task *task, const struct annex_rules *rules,
		  struct err *err) MUST_USE;

/* Hand over to a model made of 't' (assemble.h), whose genes are those that are present. */
void annexes_give(struct annexes *a, const struct trained *t, struct model *m);

void annexes_release(struct annexes *a); /* zeroed is fine */

#endif
