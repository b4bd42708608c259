/* draw_calibration.c - how often labels are right, by their confidence. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "report/figures/figures_private.h"

#define SIDE 800.0
#define LEFT 110.0

static bool is_drawn(const struct eval_bin *b)
{
	return b->n && !isnan(b->confidence) && !isnan(b->accuracy);
}

static void put_axes(struct canvas *c)
{
	const double bottom = FIGURE_EDGE + SIDE;
	struct lettering across = {.size = FIGURE_TEXT, .colour = FIGURE_INK, .anchor = .5};
	struct lettering up = {.size = FIGURE_TEXT, .colour = FIGURE_INK, .anchor = 1};

	canvas_line(c, (double[]){LEFT, FIGURE_EDGE}, (double[]){LEFT, bottom}, 2, FIGURE_INK);
	canvas_line(c, (double[]){LEFT, bottom}, (double[]){LEFT + SIDE, bottom}, 2, FIGURE_INK);
	canvas_line(c, (double[]){LEFT, bottom}, (double[]){LEFT + SIDE, FIGURE_EDGE}, 2,
		    FIGURE_FAINT);
	for (int i = 0; i <= 5; i++) {
		char *word = mem_printf("%g", .2 * i);

		canvas_text(c, LEFT + SIDE * .2 * i, bottom + 32, word, &across);
		canvas_text(c, LEFT - 14, bottom - SIDE * .2 * i + FIGURE_TEXT / 2, word, &up);
		free(word);
	}
	canvas_text(c, LEFT + SIDE / 2, bottom + 72, "confidence", &across);
	across.upright = true;
	canvas_text(c, LEFT - 64, bottom - SIDE / 2, "share of right labels", &across);
}

struct canvas *draw_calibration(const struct eval *e)
{
	struct canvas *c = NULL;
	size_t most = 0;

	for (size_t i = 0; i < e->n_bins; i++)
		if (is_drawn(&e->bins[i]))
			most = MAX(most, e->bins[i].n);
	if (!most)
		return NULL;
	c = canvas_new((size_t)(LEFT + SIDE + FIGURE_EDGE),
		       (size_t)(FIGURE_EDGE + SIDE + 2 * FIGURE_EDGE));
	put_axes(c);
	for (size_t i = 0; i < e->n_bins; i++) {
		const struct eval_bin *b = &e->bins[i];

		if (is_drawn(b))
			canvas_disc(c, LEFT + SIDE * b->confidence,
				    FIGURE_EDGE + SIDE * (1 - b->accuracy),
				    8 + 20 * sqrt((double)b->n / (double)most), FIGURE_HUE, .8);
	}
	return c;
}
