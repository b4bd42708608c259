/* folds.c - see folds.h. */
#include "base/util.h"

#include <math.h>

#include "train/folds.h"

void folds_score_row(const struct lanes *lanes, size_t n_slots, const float *scores, size_t slot,
		     float *row)
{
	for (size_t band = 0; band < lanes->n_bands; band++)
		memcpy(row + lanes->start[band],
		       scores + n_slots * lanes->start[band] + slot * lanes->width[band],
		       lanes->width[band] * sizeof(*row));
}

size_t folds_call(const struct lanes *lanes, const float *row, const bool *there)
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

/* Take the scores of a fold's cells. */
static void keep_fold(struct folds *f, size_t fold, const struct lanes *lanes, const float *all,
		      const bool *there)
{
	float *row = mem_alloc(lanes->n, sizeof(*row));

	for (size_t slot = 0; slot < f->design->n_slots; slot++) {
		uint32_t cell = f->design->source[slot];

		if (cell == CELL_NONE || f->truth[slot] < 0 || f->cohort->fold[cell] != fold)
			continue;
		folds_score_row(lanes, f->design->n_slots, all, slot, row);
		f->calls[cell] = (uint32_t)folds_call(lanes, row, there);
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

int folds_run(struct folds *f, size_t first, size_t last, struct err *err)
{
	for (size_t fold = first; fold < last; fold++) {
		if (run_fold(f, fold, err))
			return -1;
	}
	return 0;
}

void folds_start(struct folds *f, bool keep_decisions)
{
	const struct cohort *c = f->cohort;
	struct fit shape = fit_new(1, c->n_classes, f->options->fit.loss);

	f->n_lanes = shape.lanes.n_used;
	fit_release(&shape);
	MEM_ZERO(f->calls, c->n);
	if (keep_decisions)
		MEM_ZERO(f->decisions, mem_product(c->n, f->n_lanes));
}

void folds_release(struct folds *f)
{
	free(f->calls);
	free(f->decisions);
}
