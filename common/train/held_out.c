/* held_out.c - see held_out.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "train/cohort/even_draw.h"
#include "train/folds.h"
#include "train/held_out.h"
#include "trust/calibration.h"
#include "trust/novelty.h"

#define MOST_LANDMARKS 4096
#define AXES 15
#define LOOSE 1e-4       /* tolerance of the folds' models */
#define FOLD_CELLS 8192u /* that such a model is trained on, at most */

/* The landmarks, in the order of the cohort. */
struct chosen {
	size_t n;
	uint32_t *cell; /* of the cohort */
	uint32_t *slot; /* of the design */
	uint32_t *class;
};

/* A drawn part of every class, whatever the order of cells. */
static void choose(struct chosen *x, const struct held_out *h)
{
	const struct cohort *c = h->cohort;
	const struct design *d = h->gathered->design;
	uint32_t *slot_of = mem_zero(c->n, sizeof(*slot_of));
	int32_t *class_of = mem_copy(c->class_of, c->n, sizeof(*class_of));
	uint8_t *drawn;

	for (size_t slot = 0; slot < d->n_slots; slot++)
		if (d->source[slot] != CELL_NONE)
			slot_of[d->source[slot]] = (uint32_t)slot;
	for (size_t cell = 0; cell < c->n && c->held; cell++)
		class_of[cell] = c->held[cell] ? -1 : class_of[cell];
	drawn = even_draw(&(struct even_draw){class_of, c->n, c->n_classes, MOST_LANDMARKS,
					      mix64(0x6c616e64u)});
	MEM_ARRAY(x->cell, c->n);
	MEM_ARRAY(x->slot, c->n);
	MEM_ARRAY(x->class, c->n);
	for (size_t cell = 0; cell < c->n; cell++) {
		if (!drawn[cell])
			continue;
		x->cell[x->n] = (uint32_t)cell;
		x->slot[x->n] = slot_of[cell];
		x->class[x->n++] = (uint32_t)c->class_of[cell];
	}
	free(slot_of);
	free(class_of);
	free(drawn);
}

static void chosen_release(struct chosen *x)
{
	free(x->cell);
	free(x->slot);
	free(x->class);
}

/* ---- decisions ---- */

/* A landmark's decisions, one per class; a class its fold never saw gets the least of all. */
static void spread_row(const float *row, size_t n_lanes, size_t n_classes, double *to)
{
	double least = INFINITY;

	if (n_lanes == 1) {
		to[1] = (double)row[0];
		to[0] = -to[1];
		return;
	}
	for (size_t k = 0; k < n_classes; k++)
		if (isfinite(row[k]))
			least = fmin(least, (double)row[k]);
	for (size_t k = 0; k < n_classes; k++)
		to[k] = isfinite(row[k]) ? (double)row[k] : least;
}

/* n x classes: what models say that have not seen the landmark. The caller frees. */
static double *decide(const struct held_out *h, const struct chosen *x, struct err *err)
{
	const struct cohort *c = h->cohort;
	struct train_options options = *h->options;
	struct tally tally = tally_new(c->n_classes);
	struct folds f = {.design = h->gathered->design,
			  .cohort = c,
			  .truth = h->gathered->label,
			  .options = &options,
			  .pool = h->pool,
			  .scores = &tally,
			  .most = FOLD_CELLS};
	uint8_t *wanted = mem_zero(f.design->n_slots, sizeof(*wanted));
	double *decisions = NULL;

	for (size_t i = 0; i < x->n; i++)
		wanted[x->slot[i]] = 1;
	f.wanted = x->n < c->n / 2 ? wanted : NULL;
	options.listener = (struct listener){0};
	options.start = NULL;
	options.select = false; /* the design has the chosen genes already */
	options.fit.tolerance = fmax(options.fit.tolerance, LOOSE);
	folds_start(&f, true);
	if (folds_run(&f, 0, c->n_folds, err) == 0) {
		decisions = mem_zero(mem_product(x->n, c->n_classes), sizeof(*decisions));
		for (size_t i = 0; i < x->n; i++)
			spread_row(f.decisions + x->cell[i] * f.n_lanes, f.n_lanes, c->n_classes,
				   decisions + i * c->n_classes);
	}
	folds_release(&f);
	tally_release(&tally);
	free(wanted);
	return decisions;
}

/* ---- places ---- */

/* Along the leading factors: the scores of a fit whose weights the axes are. */
static int place(const struct held_out *h, const struct chosen *x, const struct model_factors *f,
		 struct model_landmarks *l, struct err *err)
{
	const struct scaling *s = &h->trained->scaling;
	double *axes = novelty_axes(f, s->n_genes, s->present, l->n_axes);
	struct design *d = h->gathered->design;
	struct fit fit = fit_new(s->n_genes, MAX(l->n_axes, 2), LOSS_SOFTMAX);
	float *scores = mem_vectors(mem_product(d->n_slots, fit.lanes.n), sizeof(*scores));
	float *row = mem_alloc(fit.lanes.n, sizeof(*row));
	int ret;

	for (size_t a = 0; a < l->n_axes; a++)
		for (size_t g = 0; g < s->n_genes; g++)
			fit.coef[lanes_at(&fit.lanes, s->n_genes + 1, g, a)] =
				axes[a * s->n_genes + g];
	ret = fit_scores(&fit, d, s, scores, h->pool, err);
	for (size_t i = 0; i < x->n && !ret; i++) {
		folds_score_row(&fit.lanes, d->n_slots, scores, x->slot[i], row);
		memcpy(l->places + i * l->n_axes, row, l->n_axes * sizeof(*row));
	}
	free(row);
	free(scores);
	free(axes);
	fit_release(&fit);
	return ret;
}

/* ---- what follows ---- */

static size_t highest(const double *d, size_t n)
{
	size_t best = 0;

	for (size_t k = 1; k < n; k++)
		if (d[k] > d[best])
			best = k;
	return best;
}

static int learn_landmarks(struct held_out *h, const struct chosen *x,
			   const struct model_factors *f, const double *decisions, struct err *err)
{
	size_t n_classes = h->cohort->n_classes;
	uint32_t *called = mem_alloc(x->n, sizeof(*called));
	double *energies = mem_alloc(x->n, sizeof(*energies));
	struct model_landmarks *l;
	int ret;

	MEM_ZERO(l, 1);
	h->landmarks = l;
	l->n = x->n;
	l->n_axes = MIN(AXES, f->n);
	MEM_ZERO(l->places, mem_product(l->n, l->n_axes));
	ret = place(h, x, f, l, err);
	for (size_t i = 0; i < x->n; i++) {
		called[i] = (uint32_t)highest(decisions + i * n_classes, n_classes);
		energies[i] = novelty_energy(decisions + i * n_classes, n_classes);
	}
	h->blurred = blurred_count(&(struct blurred_calls){x->class, called, x->n, n_classes});
	novelty_learn(l, energies, x->n);
	l->limit = novelty_limit(l->n);
	free(called);
	free(energies);
	return ret;
}

/* Cells whose label says which class they are, to the front: of nested labels those of leaves. */
static size_t keep_exact(const struct held_out *h, struct chosen *x, double *decisions)
{
	const uint8_t *within = h->options->fit.within;
	size_t n = h->cohort->n_classes, kept = 0;

	for (size_t i = 0; i < x->n; i++) {
		size_t below = 0;

		for (size_t k = 0; within && k < n; k++)
			below += within[x->class[i] * n + k];
		if (below > 1)
			continue;
		memmove(decisions + kept * n, decisions + i * n, n * sizeof(*decisions));
		x->class[kept++] = x->class[i];
	}
	return kept;
}

int held_out_learn(struct held_out *h, const struct model_factors *factors, struct err *err)
{
	struct chosen x = {0};
	double *decisions;
	size_t n;
	int ret = -1;

	choose(&x, h);
	decisions = decide(h, &x, err);
	if (decisions) {
		bool joint = h->options->fit.loss == LOSS_SOFTMAX;

		ret = learn_landmarks(h, &x, factors, decisions, err);
		n = keep_exact(h, &x, decisions);
		h->calibration =
			n ? calibration_fit(&(struct calibration_cells){decisions, x.class, n,
									h->cohort->n_classes},
					    !joint)
			  : NULL;
		if (joint && h->calibration)
			calibration_damp(h->calibration, h->cohort->n_classes);
	}
	free(decisions);
	chosen_release(&x);
	return ret;
}
