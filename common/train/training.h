/* training.h - from a labelled file to a trained model, and what that reaches on cells not seen.
 *
 *	struct training t = {.file = file, .pool = pool, .rules = &rules, .tell = tell};
 *	if (training_read(&t, &how, err) || training_run(&t, &how, err))
 *		die_err(err);
 *	use(&t.trained);
 *	training_release(&t);
 *
 * Which cells and folds (cohort.h), which matrix (input.h), packing (gather.h), the penalty
 * (penalty.h), cross-validation and held-out cells (validate.h), the fit (train.h), in this order.
 */
#ifndef MODEL_TRAINING_H
#define MODEL_TRAINING_H

#include "model/model.h"
#include "train/gather.h"
#include "train/penalty.h"
#include "train/validate.h"

struct training_rules {
	struct cohort_rules cohort;
	struct input_rules input;
	const struct gene_panel *panel; /* or NULL: all genes */
	size_t memory;                  /* bytes of packed cells and solver together, about */
	bool choose_penalty;
	const char *oof; /* file for out-of-fold decisions, or NULL */
};

enum training_news {
	TRAINING_COHORT,  /* who is trained on is known, but not yet read */
	TRAINING_GENES,   /* and which genes; reading begins */
	TRAINING_READ,    /* the cells are packed */
	TRAINING_PENALTY, /* chosen: 'penalty' */
	TRAINING_FOLDS,   /* cross-validated: 'folds' */
	TRAINING_FITTED,
	TRAINING_HELD, /* judged on the cells held out: 'held' */
};

struct training {
	struct h5ad *file; /* this and the pool are borrowed */
	struct pool *pool;
	const struct training_rules *rules;
	/* The three are told, in turn, of news, of cells read, and of every penalty tried. */
	void (*tell)(const struct training *t, enum training_news news);
	void (*tell_cells)(void *training, size_t cells);
	void (*tell_penalty)(double C, const struct tally *tally, size_t n_folds);

	struct input *input;
	struct cohort cohort;
	struct gathered gathered;
	struct penalty_choice penalty;
	struct tally folds, held; /* out of fold, and on held-out cells */
	struct trained trained;
};

/* Read and pack the cells. */
int training_read(struct training *t, const struct train_options *how, struct err *err) MUST_USE;

/* Validate as the rules say, and fit; a penalty that is chosen is left in 'how'. */
int training_run(struct training *t, struct train_options *how, struct err *err) MUST_USE;
/* What the card says of where a model comes from. */
struct training_source {
	const char *path; /* of the input, "-" for standard input */
	int argc;
	char **argv;
};

/* The model that was trained, with the account of it on its card. Free with model_free. */
struct model *training_model(const struct training *t, const struct train_options *how,
			     const struct model_card *card, const struct training_source *source);

void training_release(struct training *t);

#endif
