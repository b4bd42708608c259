/* canvas.c - see canvas.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/outfile.h"
#include "base/text.h"
#include "report/figures/canvas.h"
#include "report/figures/strokes.h"
#include "report/png.h"

#define PEN 0.11 /* the width of letters' lines, in heights of a capital */

struct canvas *canvas_new(size_t width, size_t height)
{
	struct canvas *c = mem_zero(1, sizeof(*c));

	c->width = width;
	c->height = height;
	c->rgb = mem_alloc(mem_product(3 * width, height), 1);
	memset(c->rgb, 0xff, 3 * width * height);
	return c;
}

void canvas_free(struct canvas *c)
{
	if (c)
		free(c->rgb);
	free(c);
}

/* 'part' of the pixel takes the colour. */
static void blend(struct canvas *c, size_t x, size_t y, uint32_t colour, double part)
{
	unsigned char *rgb = c->rgb + 3 * (y * c->width + x);

	for (int k = 0; k < 3; k++) {
		double to = colour >> (16 - 8 * k) & 255;

		rgb[k] = (unsigned char)(rgb[k] + part * (to - rgb[k]) + .5);
	}
}

/* Pixels that a shape may touch. */
struct pixels {
	size_t left, right, top, bottom; /* the right and bottom ones not */
};

static size_t within(double at, size_t most)
{
	return at <= 0 ? 0 : at >= (double)most ? most : (size_t)at;
}

static struct pixels pixels_of(const struct canvas *c, const double x[2], const double y[2],
			       double margin)
{
	return (struct pixels){within(fmin(x[0], x[1]) - margin, c->width),
			       within(fmax(x[0], x[1]) + margin + 1, c->width),
			       within(fmin(y[0], y[1]) - margin, c->height),
			       within(fmax(y[0], y[1]) + margin + 1, c->height)};
}

/* Of a pixel whose middle is so far outside an edge (inside: below 0) the part that is inside. */
static double covered(double outside)
{
	return fmin(fmax(.5 - outside, 0), 1);
}

void canvas_disc(struct canvas *c, double x, double y, double r, uint32_t colour, double opacity)
{
	struct pixels p = pixels_of(c, (double[]){x, x}, (double[]){y, y}, r + 1);

	for (size_t j = p.top; j < p.bottom; j++) {
		for (size_t i = p.left; i < p.right; i++) {
			double dx = (double)i + .5 - x, dy = (double)j + .5 - y;
			double part = covered(sqrt(dx * dx + dy * dy) - r);

			if (part > 0)
				blend(c, i, j, colour, part * opacity);
		}
	}
}

/* How much of the pixel from 'at' to at + 1 lies from 'low' to 'high'. */
static double overlap(size_t at, double low, double high)
{
	return fmax(fmin((double)at + 1, high) - fmax((double)at, low), 0);
}

void canvas_box(struct canvas *c, double x, double y, double width, double height, uint32_t colour,
		double opacity)
{
	struct pixels p = pixels_of(c, (double[]){x, x + width}, (double[]){y, y + height}, 0);

	for (size_t j = p.top; j < p.bottom; j++)
		for (size_t i = p.left; i < p.right; i++)
			blend(c, i, j, colour,
			      opacity * overlap(i, x, x + width) * overlap(j, y, y + height));
}

static double square_to(const struct stroke *s, double x, double y)
{
	double dx = s->x[1] - s->x[0], dy = s->y[1] - s->y[0], length = dx * dx + dy * dy;
	double along = length > 0 ? ((x - s->x[0]) * dx + (y - s->y[0]) * dy) / length : 0;

	along = fmin(fmax(along, 0), 1);
	dx = s->x[0] + along * dx - x;
	dy = s->y[0] + along * dy - y;
	return dx * dx + dy * dy;
}

/* Strokes of one pen: where they meet nothing is drawn twice. */
static void draw_strokes(struct canvas *c, const struct stroke *of, size_t n, double width,
			 uint32_t colour)
{
	double x[2] = {INFINITY, -INFINITY}, y[2] = {INFINITY, -INFINITY};
	struct pixels p;

	for (size_t i = 0; i < n; i++) {
		for (size_t end = 0; end < 2; end++) {
			x[0] = fmin(x[0], of[i].x[end]);
			x[1] = fmax(x[1], of[i].x[end]);
			y[0] = fmin(y[0], of[i].y[end]);
			y[1] = fmax(y[1], of[i].y[end]);
		}
	}
	p = pixels_of(c, x, y, width / 2 + 1);
	for (size_t j = p.top; j < p.bottom; j++) {
		for (size_t i = p.left; i < p.right; i++) {
			double nearest = INFINITY, part;

			for (size_t k = 0; k < n; k++)
				nearest = fmin(nearest,
					       square_to(&of[k], (double)i + .5, (double)j + .5));
			part = covered(sqrt(nearest) - width / 2);
			if (part > 0)
				blend(c, i, j, colour, part);
		}
	}
}

void canvas_line(struct canvas *c, const double from[2], const double to[2], double width,
		 uint32_t colour)
{
	struct stroke s = {.x = {from[0], to[0]}, .y = {from[1], to[1]}};

	draw_strokes(c, &s, 1, width, colour);
}

double canvas_text_width(const char *text, double size)
{
	return size * strokes_of(text, NULL);
}

void canvas_text(struct canvas *c, double x, double y, const char *text,
		 const struct lettering *how)
{
	struct stroke_list list = {0};
	double before = how->anchor * strokes_of(text, &list);
	const double along[2] = {how->upright  ? 0
				 : how->rising ? .5
					       : 1,
				 how->upright  ? -1
				 : how->rising ? -.8660254037844386
					       : 0};
	size_t end;

	for (size_t i = 0; i < list.n; i++) {
		struct stroke *s = &list.of[i];

		for (size_t k = 0; k < 2; k++) {
			double right = how->size * (s->x[k] - before), up = how->size * s->y[k];

			s->x[k] = x + right * along[0] + up * along[1];
			s->y[k] = y + right * along[1] - up * along[0];
		}
	}
	for (size_t i = 0; i < list.n; i = end) {
		for (end = i; end < list.n && list.of[end].letter == list.of[i].letter;)
			end++;
		draw_strokes(c, list.of + i, end - i, fmax(PEN * how->size, 1), how->colour);
	}
	free(list.of);
}

void canvas_text_within(struct canvas *c, double x, double y, double most, const char *text,
			const struct lettering *how)
{
	struct text cut = TEXT_INIT;
	size_t n = strlen(text);

	text_add(&cut, "%s", text);
	while (n > 0 && canvas_text_width(cut.s, how->size) > most) {
		do
			n--;
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80);
		text_clear(&cut);
		text_add_bytes(&cut, text, n);
		text_add(&cut, "...");
	}
	canvas_text(c, x, y, cut.s, how);
	text_release(&cut);
}

int canvas_write(const struct canvas *c, const char *path, struct err *err)
{
	struct outfile *out = outfile_open(path, err);
	unsigned char *png;
	size_t len;
	bool ok;

	if (!out)
		return -1;
	png = png_rgb(c->rgb, c->width, c->height, &len);
	ok = fwrite(png, 1, len, outfile_stream(out)) == len;
	if (!ok)
		err_errno(err, "%s", path);
	free(png);
	if (ok)
		return outfile_commit(out, err);
	outfile_abort(out);
	return -1;
}
