/* recipe.h - choices that go together, under one name.
 *
 * "celltypist" trains what CellTypist trains: every class against the rest, genes divided by their
 * deviation, all cells alike, classes of fifty cells or more, and weights alone. "robust" is what
 * held up best from one study to another (README, "Which recipe"): one softmax over all classes,
 * rare classes weighing as much as common ones, a soft scaling, a stronger penalty, classes of few
 * cells kept in small references, and beside the weights what makes answers trustworthy: factors,
 * calibration, landmarks (model/annex.h).
 *
 *	struct recipe_words words = {.solver = "lbfgs", .C = "auto", .min_cells = RECIPE_SAYS, ...};
 *	recipe_follow(&words);                                  // what is NULL, by the recipe
 *	if (recipe_check(&words, &others, &others_how, &err))
 *		die_usage("%s", err.text);
 *	struct training_rules rules = recipe_rules(&words, &others);
 *	struct train_options how = recipe_options(&words, &others_how);
 *
 * A recipe only gives defaults: a word that says otherwise is heard.
 */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "train/training.h"

extern const char *const recipe_names[]; /* ends in NULL; the first is the default */

#define RECIPE_SAYS SIZE_MAX

/* What was asked for, in words. NULL, and RECIPE_SAYS, are the recipe's to say. */
struct recipe_words {
	const char *recipe; /* NULL: the first, or CellTypist's for its descent */
	const char *solver; /* "lbfgs", "sgd" */
	const char *loss, *class_weight, *scaling;
	const char *C; /* a number, or "auto" */
	size_t min_cells, n_factors;
	size_t max_passes; /* 0: by the solver and loss */
	size_t seed;
	bool no_mean;
};

void recipe_follow(struct recipe_words *w);

/* Of words that have followed: is it descent? */
bool recipe_uses_sgd(const struct recipe_words *w);

/*
 * Do words that have followed, and the rest, go together? -1: the error says which do not, by the
 * names that lr-train's options have.
 */
int recipe_check(const struct recipe_words *w, const struct training_rules *rest,
		 const struct train_options *how, struct err *err) MUST_USE;

/* 'rest' with what the words say put in. */
struct training_rules recipe_rules(const struct recipe_words *w, const struct training_rules *rest);
struct train_options recipe_options(const struct recipe_words *w, const struct train_options *rest);

#endif
