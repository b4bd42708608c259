/* draw_cells.c - the cells in the plane, and beside them what their colours mean. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/figures/figures_private.h"
#include "report/palette.h"

#define KEY 560      /* its width */
#define LEAST_ROW 20 /* of the key */
#define MOST_ROW 36
#define STRIP 420 /* length of the colours of a number */

/* ---- the cells ---- */

static uint32_t colour_of(const struct query_summary *q, const struct scatter *s, size_t layer,
			  size_t pixel, const size_t *rank)
{
	unsigned char value;

	if (s->label[pixel] == STRTAB_NONE)
		return s->is_ground && s->is_ground[pixel] ? PALETTE_GROUND : 0xffffff;
	if (layer == SCATTER_LAYERS)
		return palette_colour(q, rank[s->label[pixel]]);
	value = s->layer[layer][pixel];
	if (!value)
		return PALETTE_NONE;
	return layer == BY_BATCH || layer == BY_MODEL
		       ? palette_hue(value - 1u)
		       : palette_ramp((value - 1.0) / (SCATTER_LEVELS - 1));
}

static void put_cells(struct canvas *c, const struct query_summary *q, const struct scatter *s,
		      size_t layer)
{
	size_t *rank = mem_zero(q->label_names.n + 1, sizeof(*rank));

	for (size_t i = 0; i < q->n_called; i++)
		rank[q->by_count[i]] = i;
	for (size_t y = 0; y < s->side; y++) {
		for (size_t x = 0; x < s->side; x++) {
			uint32_t colour = colour_of(q, s, layer, y * s->side + x, rank);
			unsigned char *rgb =
				c->rgb + 3 * ((y + FIGURE_EDGE) * c->width + x + FIGURE_EDGE);

			rgb[0] = (unsigned char)(colour >> 16);
			rgb[1] = (unsigned char)(colour >> 8);
			rgb[2] = (unsigned char)colour;
		}
	}
	free(rank);
}

/* ---- the key ---- */

/* A name of the key: its colour and cells; SIZE_MAX cells are not said. */
struct key_row {
	const char *name;
	uint32_t colour;
	size_t cells;
};

static struct key_row label_row(const struct query_summary *q, size_t rank)
{
	uint32_t label = q->by_count[rank];

	return (struct key_row){strtab_str(&q->label_names, label), palette_colour(q, rank),
				q->labels[label].n};
}

static struct key_row key_row(const struct query_summary *q, const struct scatter *s, size_t layer,
			      size_t i)
{
	const struct strtab *names = layer == BY_BATCH ? &s->batches : &q->models;

	if (layer == SCATTER_LAYERS)
		return label_row(q, i);
	return (struct key_row){strtab_str(names, (uint32_t)i), palette_hue(i), SIZE_MAX};
}

static void put_row(struct canvas *c, double top, double height, const struct key_row *row)
{
	const struct lettering left = {.size = fmin(FIGURE_TEXT, .5 * height),
				       .colour = FIGURE_INK};
	struct lettering right = left;
	const double x = FIGURE_SIDE + 2 * FIGURE_EDGE, line = top + height / 2 + left.size / 2;
	double room = KEY - FIGURE_EDGE - height;
	char count[32];

	right.anchor = 1;
	canvas_disc(c, x + .35 * height, top + height / 2, .3 * height, row->colour, 1);
	if (row->cells != SIZE_MAX) {
		format_count(count, row->cells);
		canvas_text(c, x + KEY - FIGURE_EDGE, line, count, &right);
		room -= canvas_text_width(count, left.size) + left.size;
	}
	canvas_text_within(c, x + height, line, room, row->name, &left);
}

static void put_key(struct canvas *c, const struct query_summary *q, const struct scatter *s,
		    size_t layer)
{
	size_t n = layer == SCATTER_LAYERS ? q->n_called
		   : layer == BY_BATCH     ? s->batches.n
					   : q->models.n;
	const size_t most = FIGURE_SIDE / LEAST_ROW, shown = n > most ? most - 1 : n;
	const double height = fmin((double)FIGURE_SIDE / (double)MIN(n, most), MOST_ROW);

	for (size_t i = 0; i < shown; i++) {
		struct key_row row = key_row(q, s, layer, i);

		put_row(c, FIGURE_EDGE + height * (double)i, height, &row);
	}
	if (shown < n) {
		char *rest = mem_printf("and %zu more", n - shown);

		put_row(c, FIGURE_EDGE + height * (double)shown, height,
			&(struct key_row){rest, 0xffffff, SIZE_MAX});
		free(rest);
	}
}

/* The colours of a number, from 0 to the top, and of cells without one. */
static void put_strip(struct canvas *c, size_t layer)
{
	struct lettering how = {.size = FIGURE_TEXT, .colour = FIGURE_INK};
	const double x = FIGURE_SIDE + 2 * FIGURE_EDGE, y = FIGURE_EDGE + 60;

	canvas_text(c, x, FIGURE_EDGE + 24, scatter_layer_name(layer), &how);
	for (size_t i = 0; i < STRIP; i++)
		canvas_box(c, x + (double)i, y, 1, 28, palette_ramp((double)i / (STRIP - 1)), 1);
	canvas_text(c, x, y + 60, "0", &how);
	how.anchor = 1;
	canvas_text(c, x + STRIP, y + 60, layer == BY_NOVELTY ? "4 or more" : "1", &how);
	how.anchor = 0;
	canvas_disc(c, x + 10, y + 100, 10, PALETTE_NONE, 1);
	canvas_text(c, x + 32, y + 107, "not known", &how);
}

struct canvas *draw_cells(const struct query_summary *q, const struct scatter *s, size_t layer)
{
	struct canvas *c =
		canvas_new(FIGURE_SIDE + KEY + 2 * FIGURE_EDGE, FIGURE_SIDE + 2 * FIGURE_EDGE);
	char count[32], *words;

	put_cells(c, q, s, layer);
	if (layer == BY_CONFIDENCE || layer == BY_NOVELTY)
		put_strip(c, layer);
	else
		put_key(c, q, s, layer);
	words = mem_printf("%s cells, %s", format_count(count, s->n_cells), s->basis);
	canvas_text(c, FIGURE_EDGE, FIGURE_SIDE + 1.6 * FIGURE_EDGE, words,
		    &(struct lettering){.size = FIGURE_TEXT, .colour = PALETTE_NONE});
	free(words);
	return c;
}
