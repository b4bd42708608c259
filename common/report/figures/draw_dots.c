/* draw_dots.c - the dot plot: the genes that mark each label, in every label. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "report/figures/figures_private.h"

#define STEP 34.0    /* a column's and a row's width */
#define LARGEST 15.0 /* radius of a dot of all cells */
#define LABELS 420.0 /* room for the labels' names, at most */
#define GENES 150.0  /* room above, for the genes' */
#define LEGEND 110.0 /* below */

static double widest_label(const struct dots *d)
{
	double widest = 0;

	for (uint32_t i = 0; i < d->labels.n; i++)
		widest = fmax(widest, canvas_text_width(strtab_str(&d->labels, i), FIGURE_TEXT));
	return fmin(widest, LABELS);
}

static void put_dots(struct canvas *c, const struct dots *d, double left)
{
	for (size_t g = 0; g < d->genes.n; g++) {
		double most = dots_largest_mean(d, g), x = left + STEP * ((double)g + .5);

		for (size_t i = 0; i < d->labels.n; i++) {
			const struct dot *dot = &d->of[i * d->genes.n + g];
			double mean = most > 0 ? fmax((double)dot->mean, 0) / most : 0;

			if (dot->share > 0)
				canvas_disc(c, x, GENES + FIGURE_EDGE + STEP * ((double)i + .5),
					    LARGEST * sqrt((double)dot->share), FIGURE_HUE,
					    .12 + .88 * mean);
		}
	}
}

/* What a dot's size and colour mean, from x on. */
static void put_legend(struct canvas *c, double x, double y)
{
	static const struct {
		double share;
		const char *word;
	} sizes[] = {{.1, "10 %"}, {.5, "50 %"}, {1, "100 % of the cells"}};
	const struct lettering how = {.size = FIGURE_TEXT - 2, .colour = FIGURE_INK};
	double at = x;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		canvas_disc(c, at + LARGEST, y, LARGEST * sqrt(sizes[i].share), FIGURE_HUE, 1);
		canvas_text(c, at + 2.6 * LARGEST, y + how.size / 2, sizes[i].word, &how);
		at += 4.6 * LARGEST + canvas_text_width(sizes[i].word, how.size);
	}
	for (size_t i = 0; i < 5; i++)
		canvas_disc(c, x + LARGEST + 24 * (double)i, y + STEP + 4, .6 * LARGEST, FIGURE_HUE,
			    .12 + .22 * (double)i);
	canvas_text(c, x + 2.6 * LARGEST + 24 * 4, y + STEP + 4 + how.size / 2,
		    "mean, to the highest of the gene", &how);
}

struct canvas *draw_dots(const struct dots *d)
{
	struct lettering how = {.size = FIGURE_TEXT, .colour = FIGURE_INK, .anchor = 1};
	const size_t n_labels = d->labels.n, n_genes = d->genes.n;
	double left, width, bottom;
	struct canvas *c;

	if (!n_labels || !n_genes)
		return NULL;
	left = FIGURE_EDGE + widest_label(d) + 16;
	width = fmax(left + STEP * (double)n_genes + GENES / 2, left + 620) + FIGURE_EDGE;
	bottom = FIGURE_EDGE + GENES + STEP * (double)n_labels;
	c = canvas_new((size_t)width, (size_t)(bottom + LEGEND + FIGURE_EDGE));
	for (uint32_t i = 0; i < n_labels; i++)
		canvas_text_within(c, left - 12,
				   FIGURE_EDGE + GENES + STEP * (i + .5) + FIGURE_TEXT / 2, LABELS,
				   strtab_str(&d->labels, i), &how);
	how.anchor = 0;
	how.rising = true;
	for (uint32_t g = 0; g < n_genes; g++)
		canvas_text_within(c, left + STEP * (g + .5) + FIGURE_TEXT / 2,
				   FIGURE_EDGE + GENES - 10, GENES * 1.1, strtab_str(&d->genes, g),
				   &how);
	put_dots(c, d, left);
	put_legend(c, left, bottom + 36);
	return c;
}
