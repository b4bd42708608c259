/* fit_pass.c - the mathematics of a pass; see fit_private.h. */
#include "base/util.h"

#include <math.h>

#include "train/solver/fit_private.h"
#include "train/solver/line_search.h"

void fitting_sums(const struct fitting *s, const double *a, const double *b, double *sums)
{
	memset(sums, 0, s->lanes.n * sizeof(*sums));
	for (size_t band = 0; band < s->lanes.n_bands; band++) {
		size_t width = s->lanes.width[band], at = s->rows * s->lanes.start[band];
		double *to = sums + s->lanes.start[band];

		for (size_t row = 0; row + 1 < s->rows; row++)
			for (size_t l = 0; l < width; l++, at++)
				to[l] += a[at] * b[at];
	}
}

/* ---- the gradient ---- */

/* Residuals are in 's->along': the gradient of the objective, and its largest entry per lane. */
static int find_gradient(struct fitting *s)
{
	if (products_backward(&s->products, s->along, s->gradient, s->err))
		return -1;
	memset(s->largest, 0, s->lanes.n * sizeof(*s->largest));
	for (size_t band = 0; band < s->lanes.n_bands; band++) {
		size_t width = s->lanes.width[band], at = s->rows * s->lanes.start[band];
		double *largest = s->largest + s->lanes.start[band];

		for (size_t row = 0; row < s->rows; row++)
			for (size_t l = 0; l < width; l++, at++) {
				double g = s->gradient[at] / s->weight;

				if (row + 1 < s->rows)
					g += s->penalty * s->coef[at];
				s->gradient[at] = g;
				largest[l] = fmax(largest[l], fabs(g));
			}
	}
	return 0;
}

int fitting_begin(struct fitting *s)
{
	if (products_forward(&s->products, s->coef, s->scores, s->err))
		return -1;
	loss_step(&s->loss, s->scores, s->step, s->along, s->losses);
	return find_gradient(s);
}

/* ---- the exact step ---- */

static double lane_sum(const double *x, size_t n)
{
	double sum = 0;

	for (size_t l = 0; l < n; l++)
		sum += x[l];
	return sum;
}

/* Joint problems have one step: every lane gets the sum over lanes. */
static void join(const struct fitting *s, double *x)
{
	double sum = lane_sum(x, s->lanes.n);

	for (size_t l = 0; l < s->lanes.n; l++)
		x[l] = sum;
}

/* Find the steps along the direction; its scores are in 's->along'. */
static void find_steps(struct fitting *s, bool first)
{
	size_t n = s->lanes.n;
	struct line_search *search = mem_zero(n, sizeof(*search));
	double *slope = mem_zero(n, sizeof(*slope)), *curvature = mem_zero(n, sizeof(*curvature));
	bool open = true;

	fitting_sums(s, s->direction, s->direction, s->square);
	fitting_sums(s, s->direction, s->coef, s->cross);
	if (s->options->loss == LOSS_SOFTMAX) {
		join(s, s->slope);
		join(s, s->square);
		join(s, s->cross);
	}
	for (size_t l = 0; l < n; l++)
		search[l] = search_start(s->slope[l], first ? 0 : 1);
	while (open) {
		open = false;
		for (size_t l = 0; l < n; l++)
			s->step[l] = search[l].step;
		loss_slope(&s->loss, s->scores, s->step, s->along, slope, curvature);
		if (s->options->loss == LOSS_SOFTMAX) {
			join(s, slope);
			join(s, curvature);
		}
		for (size_t l = 0; l < n; l++)
			open |= search_next(
				&search[l],
				slope[l] / s->weight +
					s->penalty * (s->cross[l] + s->step[l] * s->square[l]),
				curvature[l] / s->weight + s->penalty * s->square[l]);
	}
	for (size_t l = 0; l < n; l++)
		s->step[l] = search[l].best;
	free(search);
	free(slope);
	free(curvature);
}

/* ---- a pass ---- */

int fitting_pass(struct fitting *s, bool first)
{
	double *swap;

	lbfgs_direction(s->lbfgs, s->gradient, s->direction, s->slope);
	if (products_forward(&s->products, s->direction, s->along, s->err))
		return -1;
	find_steps(s, first);
	for (size_t band = 0; band < s->lanes.n_bands; band++) {
		size_t width = s->lanes.width[band], start = s->lanes.start[band];
		size_t at = s->rows * start;

		for (size_t row = 0; row < s->rows; row++)
			for (size_t l = 0; l < width; l++, at++)
				s->coef[at] += s->step[start + l] * s->direction[at];
	}
	loss_step(&s->loss, s->scores, s->step, s->along, s->losses);
	swap = s->before;
	s->before = s->gradient;
	s->gradient = swap;
	if (find_gradient(s))
		return -1;
	lbfgs_push(s->lbfgs, s->step, s->direction, s->before, s->gradient);
	return 0;
}
