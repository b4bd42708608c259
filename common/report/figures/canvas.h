/* canvas.h - a figure in pixels: discs, boxes, lines and letters with smooth edges, on white.
 *
 * What a slide wants of a report, without a library for drawing: every shape is given by what part
 * of a pixel it covers, so its edges are smooth, and by sums and roots alone, so the same figure is
 * the same bytes on every machine.
 *
 *	struct canvas *c = canvas_new(1600, 900);
 *	canvas_disc(c, 100, 100, 40, 0x0077bb, 1);
 *	canvas_text(c, 160, 112, "T cells", &(struct lettering){.size = 24});
 *	if (canvas_write(c, "figure.png", &err))
 *		die_err(&err);
 *	canvas_free(c);
 *
 * Pixels are counted from the top left; a pixel's middle is at .5. Colours are 0xRRGGBB. What
 * lies outside is not drawn.
 */
#ifndef REPORT_FIGURES_CANVAS_H
#define REPORT_FIGURES_CANVAS_H

#include "base/err.h"

struct canvas {
	size_t width, height;
	unsigned char *rgb; /* rows from the top */
};

struct canvas *canvas_new(size_t width, size_t height); /* white */
void canvas_free(struct canvas *c);                     /* NULL is fine */

void canvas_disc(struct canvas *c, double x, double y, double r, uint32_t colour, double opacity);
void canvas_box(struct canvas *c, double x, double y, double width, double height, uint32_t colour,
		double opacity);

/* With round ends. */
void canvas_line(struct canvas *c, const double from[2], const double to[2], double width,
		 uint32_t colour);

struct lettering {
	double size;     /* height of a capital, in pixels */
	double anchor;   /* the part of the text left of (x, y): 0 begins there, 1 ends there */
	bool rising;     /* by 60 degrees, else level */
	bool upright;    /* by 90 degrees */
	uint32_t colour; /* black */
};

double canvas_text_width(const char *text, double size);

/* The text's line runs through (x, y). */
void canvas_text(struct canvas *c, double x, double y, const char *text,
		 const struct lettering *how);

/* The same, cut short with "..." where it would be wider than 'most'. */
void canvas_text_within(struct canvas *c, double x, double y, double most, const char *text,
			const struct lettering *how);

/* As a PNG file, whole or not at all. */
int canvas_write(const struct canvas *c, const char *path, struct err *err) MUST_USE;

#endif
