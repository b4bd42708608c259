/* training.h - from a labelled file to a trained model, and what that reaches on cells not seen.
 *
 *	struct training t = {.file = file, .pool = pool, .rules = &rules, .how = how};
 *	if (training_read(&t, err) || training_run(&t, err))
 *		die_err(err);
 *	use(&t.trained);
 *	training_release(&t);
 *
 * Which cells and folds (cohort.h), which matrix (expression/expression.h), packing (gather.h), the
 * penalty (penalty.h), cross-validation and held-out cells (validate.h), the fit (stages.h), what
 * goes with the model (annexes.h), in this order.
 */
#ifndef TRAIN_TRAINING_H
#define TRAIN_TRAINING_H

#include "model/model.h"
#include "train/annexes.h"
#include "train/gather.h"
#include "train/penalty.h"
#include "train/validate.h"

struct training_rules {
	struct cohort_rules cohort;
	struct input_rules input;
	const struct gene_panel *panel; /* or NULL: all genes */
	struct depths *depths;          /* that cells are trained on at */
	size_t memory;                  /* bytes of packed cells and solver together, about */
	bool choose_penalty;
	bool validates; /* the folds are to be judged by, not for the annexes alone */
	struct annex_rules annexes;
	const char *oof; /* file for out-of-fold decisions, or NULL */
};

struct training {
	struct h5ad *file; /* this and the pool are borrowed */
	struct pool *pool;
	const struct training_rules *rules;
	struct listener listener; /* hears of all news, those of 'how' included */
	struct train_options how; /* as asked for; training_run leaves the chosen penalty here */

	struct input *input;
	struct cohort cohort;
	struct gathered gathered;
	struct penalty_choice penalty;
	struct tally folds, held; /* out of fold, and on held-out cells */
	struct trained trained;
	struct annexes annexes;
};

/* Read and pack the cells. */
int training_read(struct training *t, struct err *err) MUST_USE;

/* Validate as the rules say, and fit. */
int training_run(struct training *t, struct err *err) MUST_USE;

/* What the card says of where a model comes from. */
struct training_source {
	const char *path; /* of the input, "-" for standard input */
	int argc;
	char **argv;
};

/* The model that was trained, with the account of it on its card; annexes go over to it. Free with
 * model_free. NULL when the source cannot be read again, for its hash. */
struct model *training_model(struct training *t, const struct model_card *card,
			     const struct training_source *source, struct err *err) MUST_USE;

void training_release(struct training *t);

#endif
