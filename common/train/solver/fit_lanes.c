/* fit_lanes.c - the books of the classes in a fit; see fit_private.h. */
#include "base/util.h"

#include <math.h>

#include "train/solver/fit_private.h"

void fitting_allocate(struct fitting *s)
{
	size_t n = s->lanes.n, numbers = mem_product(s->rows, n);
	size_t size = s->products.wide ? sizeof(double) : sizeof(float);
	size_t slots = s->products.n_blocks * BLOCK_CELLS;

	s->coef = mem_vectors(numbers, sizeof(double));
	s->gradient = mem_vectors(numbers, sizeof(double));
	s->before = mem_vectors(numbers, sizeof(double));
	s->direction = mem_vectors(numbers, sizeof(double));
	s->scores = mem_vectors(mem_product(slots, n), size);
	s->along = mem_vectors(mem_product(slots, n), size);
	MEM_ZERO(s->step, n);
	MEM_ZERO(s->losses, n);
	MEM_ZERO(s->largest, n);
	MEM_ZERO(s->slope, n);
	MEM_ZERO(s->square, n);
	MEM_ZERO(s->cross, n);
	MEM_ZERO(s->done, n);
	s->products.lanes = &s->lanes;
	s->loss.lanes = &s->lanes;
}

void fitting_release(struct fitting *s)
{
	free(s->coef);
	free(s->gradient);
	free(s->before);
	free(s->direction);
	free(s->scores);
	free(s->along);
	free(s->step);
	free(s->losses);
	free(s->largest);
	free(s->slope);
	free(s->square);
	free(s->cross);
	free(s->done);
}

void fitting_weigh(struct fitting *s)
{
	size_t n_classes = s->lanes.n_classes, n = 0, n_there = 0;
	size_t *count = mem_zero(n_classes, sizeof(*count));

	for (size_t slot = 0; slot < s->loss.n_blocks * BLOCK_CELLS; slot++)
		if (s->loss.label[slot] >= 0)
			count[s->loss.label[slot]]++;
	for (size_t c = 0; c < n_classes; c++) {
		n += count[c];
		n_there += count[c] > 0;
	}
	s->weight = (double)n;
	s->penalty = 1 / (s->options->C * s->weight);
	MEM_ARRAY(s->weight_in, n_classes);
	MEM_ARRAY(s->weight_out, n_classes);
	for (size_t c = 0; c < n_classes; c++) {
		bool balance = s->options->balanced && count[c] > 0 && count[c] < n;
		double groups = s->options->loss == LOSS_SOFTMAX ? (double)n_there : 2;

		s->weight_in[c] = balance ? s->weight / (groups * (double)count[c]) : 1;
		s->weight_out[c] = balance ? s->weight / (2 * (double)(n - count[c])) : 1;
	}
	s->loss.weight_in = s->weight_in;
	s->loss.weight_out = s->weight_out;
	free(count);
}

/* ---- classes that are done ---- */

/* Write what a class has reached into the fit. */
static void record(struct fitting *s, size_t lane, size_t pass)
{
	struct fit *fit = s->fit;
	uint32_t class = s->lanes.class_of[lane];
	size_t to = fit->lanes.lane_of[class];

	fit->objective[to] = s->losses[lane] / s->weight + s->penalty / 2 * s->square[lane];
	fit->gradient[to] = s->largest[lane];
	if (!s->done[lane] && pass)
		fit->class_passes[to] = pass;
}

size_t fitting_mark(struct fitting *s, size_t pass)
{
	size_t left = 0;
	double most = 0;

	fitting_sums(s, s->coef, s->coef, s->square);
	for (size_t l = 0; l < s->lanes.n_used; l++)
		most = fmax(most, s->largest[l]);
	for (size_t l = 0; l < s->lanes.n_used; l++) {
		double reached = s->options->loss == LOSS_SOFTMAX ? most : s->largest[l];

		record(s, l, pass);
		s->done[l] |= reached <= s->options->tolerance;
		left += reached > s->options->tolerance;
	}
	return left;
}

void fitting_drop(struct fitting *s, size_t left)
{
	uint32_t *classes;
	struct fitting old = *s;
	size_t size = s->products.wide ? sizeof(double) : sizeof(float), n = 0;
	size_t slots = s->products.n_blocks * BLOCK_CELLS;

	if (s->options->loss == LOSS_SOFTMAX || lanes_needed(left) >= s->lanes.n)
		return;
	MEM_ARRAY(classes, left);
	for (size_t l = 0; l < s->lanes.n_used; l++)
		if (s->largest[l] > s->options->tolerance)
			classes[n++] = s->lanes.class_of[l];
	lanes_copy(s->fit->coef, &s->fit->lanes, s->coef, &s->lanes, s->rows, sizeof(double));
	s->lanes = lanes_for(classes, n, s->lanes.n_classes);
	fitting_allocate(s);
	lanes_copy(s->coef, &s->lanes, old.coef, &old.lanes, s->rows, sizeof(double));
	lanes_copy(s->gradient, &s->lanes, old.gradient, &old.lanes, s->rows, sizeof(double));
	lanes_copy(s->scores, &s->lanes, old.scores, &old.lanes, slots, size);
	lanes_copy(s->losses, &s->lanes, old.losses, &old.lanes, 1, sizeof(double));
	lanes_copy(s->largest, &s->lanes, old.largest, &old.lanes, 1, sizeof(double));
	lbfgs_keep(s->lbfgs, &old.lanes, &s->lanes);
	fitting_release(&old);
	lanes_release(&old.lanes);
	free(classes);
}
