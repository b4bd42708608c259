#include "base/util.h"

#include <math.h>

#include "base/outfile.h"
#include "base/tsv.h"
#include "model/validate.h"

/* The scores of one slot, gathered from the bands. */
static void score_row(const struct lanes *lanes, size_t n_slots, const float *scores, size_t slot,
		      float *row)
{
	for (size_t band = 0; band < lanes->n_bands; band++)
		memcpy(row + lanes->start[band],
		       scores + n_slots * lanes->start[band] + slot * lanes->width[band],
		       lanes->width[band] * sizeof(*row));
}

size_t call_of(const struct lanes *lanes, const float *row, const bool *there)
{
	size_t best = SIZE_MAX;

	if (lanes->n_used == 1) /* two classes, the score is the second's */
		return row[0] > 0;
	for (size_t l = 0; l < lanes->n_used; l++)
		if ((!there || there[lanes->class_of[l]]) &&
		    (best == SIZE_MAX || row[l] > row[best]))
			best = l;
	return best == SIZE_MAX ? 0 : lanes->class_of[best];
}

int validate_held(struct tally *scores, const struct trained *t, struct design *d,
		  const int32_t *truth, const uint8_t *held, struct pool *pool, struct err *err)
{
	const struct lanes *lanes = &t->fit.lanes;
	float *all = mem_vectors(mem_product(d->n_slots, lanes->n), sizeof(*all));
	float *row = mem_alloc(lanes->n, sizeof(*row));
	int ret = fit_scores(&t->fit, d, &t->scaling, all, pool, err);

	*scores = tally_new(lanes->n_classes);
	for (size_t slot = 0; slot < d->n_slots && !ret; slot++) {
		if (!held[slot])
			continue;
		score_row(lanes, d->n_slots, all, slot, row);
		tally_add(scores, (size_t)truth[slot], call_of(lanes, row, NULL));
	}
	tally_finish(scores);
	free(all);
	free(row);
	return ret;
}

/* ---- cross-validation ---- */

struct folds {
	struct design *design;
	const struct cohort *cohort;
	const int32_t *truth;
	const struct train_options *options;
	struct pool *pool;
	float *decisions; /* per kept cell and lane; NULL when nobody wants them */
	uint32_t *calls;  /* per kept cell */
	size_t n_lanes;   /* lanes that have a class */
	struct tally *scores;
	struct fit *fits; /* per fold: a fit to go on from (or empty), then this one; or NULL */
};

/* Take the scores of a fold's cells. */
static void keep_fold(struct folds *f, size_t fold, const struct lanes *lanes, const float *all,
		      const bool *there)
{
	float *row = mem_alloc(lanes->n, sizeof(*row));

	for (size_t slot = 0; slot < f->design->n_slots; slot++) {
		uint32_t cell = f->design->source[slot];

		if (cell == CELL_NONE || f->truth[slot] < 0 || f->cohort->fold[cell] != fold)
			continue;
		score_row(lanes, f->design->n_slots, all, slot, row);
		f->calls[cell] = (uint32_t)call_of(lanes, row, there);
		tally_add(f->scores, (size_t)f->truth[slot], f->calls[cell]);
		for (size_t l = 0; f->decisions && l < lanes->n_used; l++)
			f->decisions[cell * f->n_lanes + l] =
				there[lanes->class_of[l]] ? row[l] : NAN;
	}
	free(row);
}

static int run_fold(struct folds *f, size_t fold, struct err *err)
{
	struct design *d = f->design;
	size_t n_classes = f->cohort->n_classes;
	int32_t *label = mem_alloc(d->n_slots, sizeof(*label));
	bool *there = mem_zero(n_classes, sizeof(*there));
	struct train_options options = *f->options;
	struct trained t = {0};
	float *all;
	int ret;

	if (f->fits && f->fits[fold].coef && !options.select)
		options.start = &f->fits[fold];
	for (size_t slot = 0; slot < d->n_slots; slot++) {
		uint32_t cell = d->source[slot];

		label[slot] =
			cell == CELL_NONE || f->cohort->fold[cell] == fold ? -1 : f->truth[slot];
		if (label[slot] >= 0)
			there[label[slot]] = true;
	}
	ret = train_run(&t, &d, false, label, n_classes, &options, f->pool, err);
	all = mem_vectors(mem_product(d->n_slots, t.fit.lanes.n), sizeof(*all));
	if (!ret)
		ret = fit_scores(&t.fit, d, &t.scaling, all, f->pool, err);
	if (!ret)
		keep_fold(f, fold, &t.fit.lanes, all, there);
	if (f->fits) {
		struct fit last = f->fits[fold];

		f->fits[fold] = t.fit;
		t.fit = last;
	}
	free(all);
	trained_release(&t);
	free(there);
	free(label);
	return ret;
}

static int write_oof(const struct folds *f, const char *path, char *const *cells, struct err *err)
{
	const struct cohort *c = f->cohort;
	struct outfile *out = outfile_open(path, err);
	struct tsv_writer w = {.path = path};
	size_t first = c->n_classes - f->n_lanes; /* two classes have one column, the second's */

	if (!out)
		return -1;
	w.file = outfile_stream(out);
	tsv_put(&w, "cell");
	tsv_put(&w, "label");
	tsv_put(&w, "call");
	tsv_put(&w, "fold");
	for (size_t l = 0; l < f->n_lanes; l++)
		tsv_put(&w, c->classes[first + l]);
	tsv_end_row(&w);
	for (size_t i = 0; i < c->n; i++) {
		if (c->held && c->held[i])
			continue;
		tsv_put(&w, cells[c->rows[i]]);
		tsv_put(&w, c->classes[c->class_of[i]]);
		tsv_put(&w, c->classes[f->calls[i]]);
		tsv_put_size(&w, c->fold[i] + (size_t)1);
		for (size_t l = 0; l < f->n_lanes; l++)
			tsv_put_float(&w, (double)f->decisions[i * f->n_lanes + l]);
		tsv_end_row(&w);
	}
	if (tsv_writer_close(&w, err)) {
		outfile_abort(out);
		return -1;
	}
	return outfile_commit(out, err);
}

/* Run all folds; f->n_lanes, calls and decisions are made here. */
static int run_folds(struct folds *f, const char *oof, char *const *cells, struct err *err)
{
	const struct cohort *c = f->cohort;
	struct fit shape = fit_new(1, c->n_classes, f->options->fit.loss);
	int ret = 0;

	f->n_lanes = shape.lanes.n_used;
	fit_release(&shape);
	*f->scores = tally_new(c->n_classes);
	MEM_ZERO(f->calls, c->n);
	if (oof)
		MEM_ZERO(f->decisions, mem_product(c->n, f->n_lanes));
	for (size_t fold = 0; fold < c->n_folds && !ret; fold++)
		ret = run_fold(f, fold, err);
	tally_finish(f->scores);
	if (!ret && oof)
		ret = write_oof(f, oof, cells, err);
	free(f->calls);
	free(f->decisions);
	return ret;
}

int validate_folds(struct tally *scores, struct design *d, const struct cohort *c,
		   const int32_t *truth, const struct train_options *options, const char *oof,
		   char *const *cells, struct pool *pool, struct err *err)
{
	struct folds f = {.design = d,
			  .cohort = c,
			  .truth = truth,
			  .options = options,
			  .pool = pool,
			  .scores = scores};

	return run_folds(&f, oof, cells, err);
}

/* Trials are fitted to a tolerance so many times larger: neighbours differ by more than that. */
#define TRIAL_SLACK 30
#define PATIENCE 2 /* trials without a better one before the path ends */

int validate_penalty(struct tally *tally, struct design *d, const struct cohort *c,
		     const int32_t *truth, struct train_options *options,
		     void (*tell)(double C, const struct tally *tally), struct pool *pool,
		     struct err *err)
{
	/* The easy ones first: each leads on to the next. */
	static const double candidates[] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};
	struct train_options trial = *options;
	struct tally result, best = {0};
	struct folds f = {.design = d,
			  .cohort = c,
			  .truth = truth,
			  .options = &trial,
			  .pool = pool,
			  .scores = &result,
			  .fits = mem_zero(c->n_folds, sizeof(struct fit))};
	size_t idle = 0;
	int ret = 0;

	trial.fit.tolerance *= TRIAL_SLACK;
	for (size_t i = 0; i < ARRAY_LEN(candidates) && idle < PATIENCE && !ret; i++) {
		trial.fit.C = candidates[i];
		ret = run_folds(&f, NULL, NULL, err);
		if (!ret)
			tell(trial.fit.C, &result);
		idle++;
		if (!ret && (i == 0 || result.macro_f1 >= best.macro_f1)) {
			struct tally worse = best;

			best = result;
			result = worse;
			options->fit.C = trial.fit.C;
			idle = 0;
		}
		tally_release(&result);
	}
	for (size_t fold = 0; fold < c->n_folds; fold++)
		fit_release(&f.fits[fold]);
	free(f.fits);
	*tally = best;
	return ret;
}
