/* folds.c - see folds.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "train/cohort/even_draw.h"
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

		if (cell == CELL_NONE || f->truth[slot] < 0 || f->cohort->fold[cell] != fold ||
		    (f->wanted && !f->wanted[slot]))
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

/* The labels of the cells that a fold's model is trained on; how many. */
static size_t label_others(const struct folds *f, size_t fold, int32_t *label)
{
	const struct design *d = f->design;
	size_t n = 0;

	for (size_t slot = 0; slot < d->n_slots; slot++) {
		uint32_t cell = d->source[slot];

		label[slot] =
			cell == CELL_NONE || f->cohort->fold[cell] == fold ? -1 : f->truth[slot];
		n += label[slot] >= 0;
	}
	return n;
}

/*
 * Where not all of them are needed: draw some, and pack these by themselves, so that nothing else
 * is walked over. The penalty stays what it is to a cell.
 */
static struct design *pick_others(const struct folds *f, size_t n, int32_t *label,
				  struct train_options *options, struct err *err)
{
	size_t kept = 0, n_slots = f->design->n_slots;
	uint8_t *drawn = even_draw(&(struct even_draw){label, n_slots, f->cohort->n_classes,
						       f->most, mix64(0x666f6c64u)});
	struct design *picked;

	for (size_t slot = 0; slot < n_slots; slot++) {
		label[slot] = drawn[slot] ? label[slot] : -1;
		kept += drawn[slot];
	}
	options->fit.C *= (double)n / (double)MAX(kept, 1);
	picked = design_pick(f->design, drawn, f->pool, err);
	free(drawn);
	return picked;
}

/* Train on 'd', which has the labelled cells, and score the fold's in 'asked', which has those. */
static int fit_fold(struct folds *f, size_t fold, struct design *d, struct design *asked,
		    const int32_t *label, const struct train_options *options, struct err *err)
{
	size_t n_classes = f->cohort->n_classes, n_slots = f->design->n_slots;
	bool *there = mem_zero(n_classes, sizeof(*there));
	struct trained t = {0};
	float *all;
	int ret;

	for (size_t slot = 0; slot < n_slots; slot++)
		if (label[slot] >= 0)
			there[label[slot]] = true;
	ret = train_run(&t, &d, false, label, n_classes, options, f->pool, err);
	all = mem_vectors(mem_product(n_slots, t.fit.lanes.n), sizeof(*all));
	if (!ret)
		ret = fit_scores(&t.fit, asked, &t.scaling, all, f->pool, err);
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
	return ret;
}

static int run_fold(struct folds *f, size_t fold, struct design *asked, struct err *err)
{
	int32_t *label = mem_alloc(f->design->n_slots, sizeof(*label));
	size_t n = label_others(f, fold, label);
	struct train_options options = *f->options;
	struct design *picked = NULL;
	int ret = -1;

	if (f->fits && f->fits[fold].coef && !options.select)
		options.start = &f->fits[fold];
	if (f->most)
		picked = pick_others(f, n, label, &options, err);
	if (picked || !f->most)
		ret = fit_fold(f, fold, picked ? picked : f->design, asked, label, &options, err);
	design_free(picked);
	free(label);
	return ret;
}

int folds_run(struct folds *f, size_t first, size_t last, struct err *err)
{
	struct design *asked = f->wanted ? design_pick(f->design, f->wanted, f->pool, err) : NULL;
	int ret = f->wanted && !asked ? -1 : 0;

	for (size_t fold = first; fold < last && !ret; fold++)
		ret = run_fold(f, fold, asked ? asked : f->design, err);
	design_free(asked);
	return ret;
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
