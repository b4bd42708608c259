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

/* Is C to be chosen by folds? */
static bool chooses(const struct recipe_words *w)
{
	return str_eq(w->C, "auto");
}

/* C, or, where it is chosen, 1, which leads on. False when it is no number. */
static bool penalty(const struct recipe_words *w, double *C)
{
	*C = 1;
	return chooses(w) || (parse_double(w->C, C) && isfinite(*C));
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

static int check_numbers(const struct recipe_words *w, const struct train_options *how,
			 struct err *err)
{
	const struct sgd_options *sgd = &how->sgd;
	double C;

	if (!penalty(w, &C))
		return err_set(err, "--C %s: a number or auto", w->C);
	if (!(C > 0) || !(sgd->alpha > 0) || !(how->fit.tolerance > 0))
		return err_set(err, "--C, --alpha and --tol are above 0");
	if (!sgd->batch_size || !sgd->batch_number || !sgd->epochs || !how->top_genes)
		return err_set(err, "--batch-size, --batch-number, --epochs and --top-genes are at "
				    "least 1");
	return 0;
}

int recipe_check(const struct recipe_words *w, const struct training_rules *rest,
		 const struct train_options *how, struct err *err)
{
	bool sgd = recipe_uses_sgd(w), folds = rest->cohort.folds || chooses(w);

	if (check_numbers(w, how, err))
		return -1;
	if (rest->cohort.folds == 1 || rest->cohort.folds > COHORT_FOLDS_MOST)
		return err_set(err, "--folds %zu: from 2 to %d", rest->cohort.folds,
			       COHORT_FOLDS_MOST);
	if (!sgd && (how->sgd.mini_batch || how->sgd.balance))
		return err_set(err, "--mini-batch and --balance are for --solver sgd (for the "
				    "optimum with classes of equal weight: --class-weight "
				    "balanced)");
	if (how->sgd.balance && !how->sgd.mini_batch)
		return err_set(err, "--balance is for --mini-batch");
	if (sgd && !str_eq(w->loss, "ovr-log"))
		return err_set(err, "--solver sgd has no %s loss", w->loss);
	if (sgd && chooses(w))
		return err_set(err, "--C auto is for --solver lbfgs");
	if (rest->oof && !folds)
		return err_set(err, "--oof is for --folds, and a row per cell: not with --depths");
	if (rest->cohort.by && !folds && !w->n_factors)
		return err_set(err, "--by is for --folds");
	return 0;
}

struct training_rules recipe_rules(const struct recipe_words *w, const struct training_rules *rest)
{
	struct training_rules rules = *rest;

	rules.cohort.seed = w->seed;
	rules.cohort.min_cells = w->min_cells;
	rules.annexes.n_factors = w->n_factors;
	rules.choose_penalty = chooses(w);
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

	if (!penalty(w, &how.fit.C))
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
