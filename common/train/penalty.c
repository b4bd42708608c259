/* penalty.c - see penalty.h. */
#include "base/util.h"

#include "train/penalty.h"

/* Trials are fitted to a tolerance so many times larger: neighbours differ by more than that. */
#define TRIAL_SLACK 30
#define PATIENCE 2      /* trials without a better one before the path ends */
#define PATH_CELLS 4000 /* that tell penalties apart */

/* The easy ones first: each leads on to the next. */
static const double candidates[] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};

struct path {
	struct folds folds;
	struct train_options trial;
	size_t n_folds;   /* of those that walk it */
	struct fit *best; /* per fold: the fit with the C that is best so far */
	struct penalty_choice *choice;
};

/* The first folds, until they have cells enough. */
static size_t folds_of_path(const struct cohort *c)
{
	size_t n = 0, held = 0;

	while (n < c->n_folds && held < PATH_CELLS) {
		for (size_t cell = 0; cell < c->n; cell++)
			held += c->fold[cell] == n;
		n++;
	}
	return n;
}

static struct fit copy_of(const struct fit *fit, enum model_loss loss)
{
	size_t rows = fit->n_genes + 1;
	struct fit copy = fit_new(fit->n_genes, fit->lanes.n_classes, loss);

	memcpy(copy.coef, fit->coef, rows * fit->lanes.n * sizeof(*copy.coef));
	return copy;
}

static void tell(const struct path *p, const struct tally *t, size_t n_folds)
{
	listener_tell(&p->trial.listener, (struct training_news){.event = TRAINING_TRIAL,
								 .C = p->trial.fit.C,
								 .tally = t,
								 .n_folds = n_folds});
}

/* Keep what is the best so far; what it replaces goes to 'result'. */
static void keep_best(struct path *p, struct tally *result)
{
	struct tally worse = p->choice->tally;

	p->choice->C = p->trial.fit.C;
	p->choice->tally = *result;
	*result = worse;
	for (size_t fold = 0; fold < p->n_folds; fold++) {
		fit_release(&p->best[fold]);
		p->best[fold] = copy_of(&p->folds.fits[fold], p->trial.fit.loss);
	}
}

static int walk(struct path *p, struct err *err)
{
	size_t idle = 0;
	int ret = 0;

	for (size_t i = 0; i < ARRAY_LEN(candidates) && idle < PATIENCE && !ret; i++) {
		struct tally result = tally_new(p->folds.cohort->n_classes);

		p->folds.scores = &result;
		p->trial.fit.C = candidates[i];
		ret = folds_run(&p->folds, 0, p->n_folds, err);
		tally_finish(&result);
		idle++;
		if (!ret)
			tell(p, &result, p->n_folds);
		if (!ret && (i == 0 || result.macro_f1 >= p->choice->tally.macro_f1)) {
			keep_best(p, &result);
			idle = 0;
		}
		tally_release(&result);
	}
	return ret;
}

/* The folds that did not walk the path, with the C it led to. */
static int finish_folds(struct path *p, struct err *err)
{
	size_t n_folds = p->folds.cohort->n_folds;

	if (p->n_folds == n_folds)
		return 0;
	p->folds.scores = &p->choice->tally;
	p->trial.fit.C = p->choice->C;
	if (folds_run(&p->folds, p->n_folds, n_folds, err))
		return -1;
	for (size_t fold = p->n_folds; fold < n_folds; fold++)
		p->best[fold] = copy_of(&p->folds.fits[fold], p->trial.fit.loss);
	tally_finish(&p->choice->tally);
	tell(p, &p->choice->tally, n_folds);
	return 0;
}

/* Between the folds' fits is a good place to begin. */
static struct fit mean_of(const struct fit *fits, size_t n, enum model_loss loss)
{
	struct fit mean = copy_of(&fits[0], loss);
	size_t numbers = (mean.n_genes + 1) * mean.lanes.n;

	for (size_t i = 0; i < numbers; i++) {
		for (size_t fold = 1; fold < n; fold++)
			mean.coef[i] += fits[fold].coef[i];
		mean.coef[i] /= (double)n;
	}
	return mean;
}

int penalty_choose(struct penalty_choice *choice, struct design *d, const struct cohort *c,
		   const int32_t *truth, const struct train_options *options, struct pool *pool,
		   struct err *err)
{
	struct path p = {.trial = *options, .choice = choice};
	int ret;

	*choice = (struct penalty_choice){0};
	p.n_folds = folds_of_path(c);
	p.trial.fit.tolerance *= TRIAL_SLACK;
	p.folds = (struct folds){.design = d,
				 .cohort = c,
				 .truth = truth,
				 .options = &p.trial,
				 .pool = pool,
				 .fits = mem_zero(c->n_folds, sizeof(struct fit))};
	MEM_ZERO(p.best, c->n_folds);
	folds_start(&p.folds, false);
	ret = walk(&p, err) || finish_folds(&p, err) ? -1 : 0;
	if (!ret && !options->select)
		choice->start = mean_of(p.best, c->n_folds, options->fit.loss);
	for (size_t fold = 0; fold < c->n_folds; fold++) {
		fit_release(&p.folds.fits[fold]);
		fit_release(&p.best[fold]);
	}
	free(p.folds.fits);
	free(p.best);
	folds_release(&p.folds);
	return ret;
}

void penalty_release(struct penalty_choice *choice)
{
	tally_release(&choice->tally);
	fit_release(&choice->start);
	*choice = (struct penalty_choice){0};
}
