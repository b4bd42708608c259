/* draw_composition.c - each label's share: of the cells, or over the samples with their interval. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "report/figures/figures_private.h"
#include "report/palette.h"
#include "report/shares.h"

#define STEP 36.0    /* a row */
#define BARS 800.0   /* as wide as the largest share */
#define NAMES 460.0  /* room for names, at most */
#define NUMBERS 90.0 /* room for the share */
#define MOST_LABELS 60

/* Of one sample: the share, and no more. */
static struct label_shares share_of_cells(const struct query_summary *q, uint32_t label)
{
	double share = (double)q->labels[label].n / (double)MAX(q->n_cells, 1);

	return (struct label_shares){share, share, share, share, share};
}

static void put_bar(struct canvas *c, double x, double y, const struct label_shares *s,
		    double scale, uint32_t colour)
{
	if (s->least == s->most) {
		canvas_box(c, x, y - 10, fmax(scale * s->mean, 1), 20, colour, 1);
		return;
	}
	canvas_box(c, x + scale * s->least, y - 1, scale * (s->most - s->least), 2, colour, 1);
	canvas_box(c, x + scale * s->low, y - 8, scale * (s->high - s->low), 16, colour, .35);
	canvas_box(c, x + scale * s->mean - 2, y - 11, 4, 22, colour, 1);
}

static void put_row(struct canvas *c, const struct query_summary *q, size_t rank, double left,
		    const struct label_shares *s, double scale)
{
	const double y = FIGURE_EDGE + STEP * ((double)rank + .5);
	const struct lettering how = {.size = FIGURE_TEXT, .colour = FIGURE_INK, .anchor = 1};
	char *share = mem_printf("%.1f %%", 100 * s->mean);

	canvas_text_within(c, left - 16, y + FIGURE_TEXT / 2, NAMES,
			   strtab_str(&q->label_names, q->by_count[rank]), &how);
	canvas_text(c, left + NUMBERS, y + FIGURE_TEXT / 2, share, &how);
	put_bar(c, left + NUMBERS + 24, y, s, scale, palette_colour(q, rank));
	free(share);
}

static void put_note(struct canvas *c, const struct query_summary *q, double left, double y)
{
	char *words = q->batches.n > 1
			      ? mem_printf("Mean over %zu samples, its 95 %% interval, and their "
					   "range",
					   q->batches.n)
			      : mem_printf("Share of %zu cells", q->n_cells);

	canvas_text(c, left, y, words,
		    &(struct lettering){.size = FIGURE_TEXT - 2, .colour = PALETTE_NONE});
	free(words);
}

struct canvas *draw_composition(const struct query_summary *q)
{
	const size_t n = MIN(q->n_called, MOST_LABELS);
	size_t *sizes = q->batches.n > 1 ? shares_sizes(q) : NULL;
	struct label_shares *shares = mem_alloc(n + 1, sizeof(*shares));
	double top = .001, widest = 0, left;
	struct canvas *c = NULL;

	for (size_t i = 0; i < n; i++) {
		uint32_t label = q->by_count[i];

		shares[i] = sizes ? shares_of(q, sizes, label) : share_of_cells(q, label);
		top = fmax(top, shares[i].most);
		widest = fmax(widest,
			      canvas_text_width(strtab_str(&q->label_names, label), FIGURE_TEXT));
	}
	left = FIGURE_EDGE + fmin(widest, NAMES) + 16;
	if (n)
		c = canvas_new((size_t)(left + NUMBERS + 24 + BARS + FIGURE_EDGE),
			       (size_t)(2 * FIGURE_EDGE + STEP * (double)n + 40));
	for (size_t i = 0; i < n; i++)
		put_row(c, q, i, left, &shares[i], BARS / top);
	if (n)
		put_note(c, q, left + NUMBERS + 24, FIGURE_EDGE + STEP * (double)n + 40);
	free(shares);
	free(sizes);
	return c;
}
