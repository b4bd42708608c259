/* recipe.c - see recipe.h. */
#include "base/util.h"

#include <math.h>

#include "train/recipe.h"

#define ANNEX_FOLDS 3 /* of which the annexes are learnt where none are asked for */

const char *const recipe_names[] = {"robust", "celltypist", NULL};

struct recipe {
	const char *name, *loss, *class_weight, *C, *scaling;
	size_t min_cells; /* COHORT_BY_SIZE: see cohort.h */
	size_t n_factors; /* 0: weights alone */
};

static const struct recipe recipes[] = {
	{.name = "robust",
	 .loss = "softmax",
	 .class_weight = "balanced",
	 .C = "0.03",
	 .scaling = "soft",
	 .min_cells = COHORT_BY_SIZE,
	 .n_factors = 100},
	{.name = "celltypist",
	 .loss = "ovr-log",
	 .class_weight = "none",
	 .C = "1",
	 .scaling = "deviation",
	 .min_cells = 50},
};

static const struct recipe *recipe_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(recipes); i++)
		if (str_eq(recipes[i].name, name))
			return &recipes[i];
	return NULL;
}

/* ---- words ---- */

bool recipe_uses_sgd(const struct recipe_words *w)
{
	return str_eq(w->solver, "sgd");
}

bool recipe_chooses(const struct recipe_words *w)
{
	return str_eq(w->C, "auto");
}

bool recipe_penalty(const struct recipe_words *w, double *C)
{
	*C = 1;
	return recipe_chooses(w) || (parse_double(w->C, C) && isfinite(*C));
}

void recipe_follow(struct recipe_words *w)
{
	bool sgd = recipe_uses_sgd(w);
	const struct recipe *r;

	if (!w->recipe)
		w->recipe = sgd ? "celltypist" : recipe_names[0];
	r = recipe_named(w->recipe);
	w->loss = w->loss ? w->loss : sgd ? "ovr-log" : r->loss;
	w->class_weight = w->class_weight ? w->class_weight : r->class_weight;
	w->C = w->C ? w->C : r->C;
	w->scaling = w->scaling ? w->scaling : r->scaling;
	w->min_cells = w->min_cells == RECIPE_SAYS ? r->min_cells : w->min_cells;
	w->n_factors = w->n_factors == RECIPE_SAYS ? r->n_factors : w->n_factors;
}

struct training_rules recipe_rules(const struct recipe_words *w, const struct training_rules *rest)
{
	struct training_rules rules = *rest;

	rules.cohort.seed = w->seed;
	rules.cohort.min_cells = w->min_cells;
	rules.annexes.n_factors = w->n_factors;
	rules.choose_penalty = recipe_chooses(w);
	if (rules.choose_penalty && !rules.cohort.folds)
		rules.cohort.folds = 3;
	rules.validates = rules.cohort.folds > 0;
	if (!rules.cohort.folds && w->n_factors)
		rules.cohort.folds = ANNEX_FOLDS;
	return rules;
}

struct train_options recipe_options(const struct recipe_words *w, const struct train_options *rest)
{
	bool softmax = !str_eq(w->loss, "ovr-log"), balanced = str_eq(w->class_weight, "balanced");
	struct train_options how = *rest;

	if (!recipe_penalty(w, &how.fit.C))
		BUG("C is '%s'", w->C);
	how.fit.loss = softmax ? LOSS_SOFTMAX : LOSS_OVR_LOG;
	how.fit.balanced = how.sgd.balanced_weights = balanced;
	how.fit.max_passes = w->max_passes ? w->max_passes : softmax ? 300 : 60;
	how.sgd.max_epochs = w->max_passes ? w->max_passes : 1000;
	how.sgd.seed = w->seed;
	how.use_sgd = recipe_uses_sgd(w);
	how.scaling.with_mean = !w->no_mean;
	how.scaling.soft = str_eq(w->scaling, "soft");
	return how;
}
