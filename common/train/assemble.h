/* assemble.h - a trained fit as a model: names put to numbers, and the card's account of it.
 *
 *	struct model *m = assemble_model(&trained, genes, classes, n, &how, &card, &account);
 *	if (model_write(m, path, err) || assemble_report(tsv, &trained, &cohort, 3e-6, err))
 *		return -1;
 *	model_free(m);
 */
#ifndef TRAIN_ASSEMBLE_H
#define TRAIN_ASSEMBLE_H

#include "calls/tally.h"
#include "model/model.h"
#include "train/cohort/cohort.h"
#include "train/stages.h"

/*
 * The model of a fit: the genes that have a part in it, in their order, and all classes. 'genes'
 * are the names of the design that training began with; texts of 'card' may be NULL. Its account
 * of the training is added to the card. Free with model_free.
 */
struct account;
struct model *assemble_model(const struct trained *t, char *const *genes, char *const *classes,
			     size_t n_classes, const struct train_options *options,
			     const struct model_card *card, const struct account *account);

/* What the card says of how a model came to be. */
struct account {
	int argc;
	char **argv;      /* options without a part in the result (threads, outputs) are left out */
	const char *path; /* of the input, "-" for standard input; its last component is kept */
	const char *sha256; /* of that file, or NULL */
	const char *input;  /* which matrix, and why */
	uint64_t seed;
	const struct cohort *cohort;
	const struct trained *trained;
	const struct tally *held, *folds; /* or NULL */
};

/* What every class reached: label, cells, passes, objective, gradient, converged; as TSV. */
int assemble_report(const char *path, const struct trained *t, const struct cohort *c,
		    double tolerance, struct err *err) MUST_USE;

#endif
