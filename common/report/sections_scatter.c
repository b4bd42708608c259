/* sections_scatter.c - the section with the embedding. */
#include "base/util.h"

#include "report/palette.h"
#include "report/png.h"
#include "report/sections.h"

#define MAX_COLOURS 254 /* beside the clear one and the ground's */

/* Numbers of labels to places in the picture's colours; the rarest share the last. */
static unsigned char *colour_numbers(const struct query_summary *q)
{
	unsigned char *number = mem_zero(q->label_names.n + 1, 1);

	for (size_t i = 0; i < q->n_called; i++)
		number[q->by_count[i]] = (unsigned char)(MIN(i, MAX_COLOURS - 1) + 1);
	return number;
}

static void put_picture(struct page *p, const struct query_summary *q, const struct scatter *s)
{
	const size_t n = s->n_pixels;
	unsigned char *number = colour_numbers(q), *pixels = mem_zero(n, 1), *png;
	size_t n_colours = MIN(q->n_called, MAX_COLOURS), len;
	uint32_t colours[256] = {0};

	for (size_t i = 0; i < n_colours; i++)
		colours[i + 1] = palette_colour(q, i);
	for (size_t i = 0; i < n; i++)
		if (s->label[i] != STRTAB_NONE)
			pixels[i] = number[s->label[i]];
		else if (s->is_ground && s->is_ground[i])
			pixels[i] = (unsigned char)(n_colours + 1);
	if (s->is_ground)
		colours[++n_colours] = PALETTE_GROUND;
	png = png_indexed(pixels, s->side, s->side, colours, n_colours + 1, &len);
	page_raw(p, "<img width=\"%zu\" height=\"%zu\" alt=\"", s->side, s->side);
	page_count(p, s->n_cells);
	page_raw(p,
		 " cells by %s, coloured by label; the key lists the labels\" "
		 "src=\"data:image/png;base64,",
		 s->basis);
	page_base64(p, png, len);
	page_raw(p, "\">\n");
	free(png);
	free(pixels);
	free(number);
}

/* ---- what else the picture can be coloured by ------------------------------------------------ */

/* The names that a layer's numbers stand for, apart by a line's end; none for a layer of levels. */
static void put_names(struct page *p, const struct strtab *names)
{
	page_raw(p, " data-names=\"");
	for (uint32_t i = 0; i < MIN(names->n, 255); i++) {
		if (i)
			page_raw(p, "&#10;");
		page_text(p, strtab_str(names, i));
	}
	page_raw(p, "\"");
}

/* A grey picture whose grey is the value, for the script; without one it is not shown. */
static void put_layer(struct page *p, const struct query_summary *q, const struct scatter *s,
		      enum scatter_layer layer)
{
	uint32_t greys[256];
	unsigned char *png;
	size_t len;

	for (uint32_t i = 0; i < 256; i++)
		greys[i] = i * 0x010101;
	png = png_indexed(s->layer[layer], s->side, s->side, greys, 256, &len);
	page_raw(p, "<img hidden alt=\"\" data-layer=\"%s\"", scatter_layer_name(layer));
	if (layer == BY_BATCH)
		put_names(p, &s->batches);
	else if (layer == BY_MODEL)
		put_names(p, &q->models);
	else
		page_raw(p, " data-top=\"%g\"", layer == BY_NOVELTY ? SCATTER_NOVEL : 1);
	page_raw(p, " src=\"data:image/png;base64,");
	page_base64(p, png, len);
	page_raw(p, "\">\n");
	free(png);
}

static void put_key(struct page *p, const struct query_summary *q)
{
	page_raw(p, "<ul class=\"key\">\n");
	for (size_t i = 0; i < MIN(q->n_called, MAX_COLOURS); i++) {
		page_raw(p,
			 "<li><button type=\"button\" data-colour=\"%06x\" aria-pressed=\"false\">"
			 "<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><circle cx=\"5\" "
			 "cy=\"5\" r=\"5\" fill=\"#%06x\"/></svg>",
			 palette_colour(q, i), palette_colour(q, i));
		page_text(p, strtab_str(&q->label_names, q->by_count[i]));
		page_raw(p, "</button></li>\n");
	}
	page_raw(p, "</ul>\n");
}

void section_scatter(struct page *p, const struct query_summary *q, const struct scatter *s,
		     const char *heading)
{
	if (!s || !s->basis || !q->n_cells)
		return;
	page_section(p, 3, NULL, heading);
	page_raw(p, "<div class=\"scatter\">\n");
	put_picture(p, q, s);
	for (size_t i = 0; i < SCATTER_LAYERS; i++)
		if (scatter_has_layer(s, q, i))
			put_layer(p, q, s, i);
	put_key(p, q);
	page_raw(p, "</div>\n<p class=\"note\">%s%s%s", s->basis,
		 s->n_columns <= 2                ? ""
		 : s->ground && !s->ground->basis ? ", the two columns that vary most"
						  : ", its first two columns",
		 s->in_space ? ", to scale, y downwards" : "");
	if (s->ground && s->ground->basis) {
		page_raw(p, "; grey: ");
		page_count(p, s->ground->n);
		page_raw(p, " cells of the atlas");
	}
	page_raw(p, ". Choose labels in the key to see where they are. Where cells fall "
		    "on one another a point is one of them, drawn by lot. The labels' numbers are "
		    "in the "
		    "table below.</p>\n");
	page_section_end(p);
}
