/* figures.c - letters and shapes of figures: every letter is drawn within its room, shapes cover
 * what they should. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/figures/canvas.h"
#include "report/figures/strokes.h"
#include "tap.h"

static bool within(const struct stroke *s, double width)
{
	for (size_t end = 0; end < 2; end++)
		if (s->x[end] < -.01 || s->x[end] > width + .01 || s->y[end] < -.4 ||
		    s->y[end] > 1.2)
			return false;
	return true;
}

/* Every letter of ASCII has strokes of its own, within its width; a blank has none. */
static void letters(void)
{
	size_t odd = 0, boxes = 0, n_box;
	struct stroke_list box = {0};

	strokes_of("\xe7\xbb\x86", &box);
	n_box = box.n;
	for (char c = '!'; c < 0x7f; c++) {
		const char text[2] = {c, '\0'};
		struct stroke_list list = {0};
		double width = strokes_of(text, &list);

		for (size_t i = 0; i < list.n; i++)
			odd += !within(&list.of[i], width);
		odd += list.n == 0;
		boxes += list.n == n_box && memcmp(list.of, box.of, n_box * sizeof(*box.of)) == 0;
		free(list.of);
	}
	OK(odd == 0 && boxes == 0, "every letter of ASCII is drawn, within its width");
	OK(n_box == 4, "another letter is a box");
	OK(strokes_of(" ", NULL) > 0, "a blank has a width");
	OK(fabs(strokes_of("TT", NULL) - 2 * strokes_of("T", NULL) - 3 / 14.0) < 1e-12,
	   "letters stand apart");
	OK(strokes_of("\xff\xff", NULL) > 0, "bytes that are no UTF-8 are boxes");
	free(box.of);
}

/* Ink on a canvas of 64 x 64, in pixels. */
static double ink(const struct canvas *c)
{
	double sum = 0;

	for (size_t i = 0; i < 64 * 64; i++)
		sum += (255 - c->rgb[3 * i]) / 255.0;
	return sum;
}

static void shapes(void)
{
	struct canvas *disc = canvas_new(64, 64), *box = canvas_new(64, 64),
		      *line = canvas_new(64, 64), *out = canvas_new(64, 64);

	canvas_disc(disc, 32, 32, 20, 0, 1);
	OK(fabs(ink(disc) - 3.14159265 * 400) < 3, "a disc covers its area");
	canvas_box(box, 10.25, 20.5, 8.5, 4, 0, .5);
	OK(fabs(ink(box) - 17) < .2, "a box covers parts of pixels");
	canvas_line(line, (double[]){10, 10.5}, (double[]){50, 10.5}, 3, 0);
	OK(fabs(ink(line) - (120 + 3.14159265 * 2.25)) < 1, "a line has round ends");
	canvas_disc(out, -50, 32, 20, 0, 1);
	canvas_box(out, 70, 70, 10, 10, 0, 1);
	canvas_text(out, 500, -9, "far away", &(struct lettering){.size = 10});
	OK(ink(out) == 0, "what lies outside is not drawn");
	canvas_text(out, 60, 32, "over the edge", &(struct lettering){.size = 10, .anchor = 1});
	OK(ink(out) > 20, "nor what goes over the edge, beyond it");
	canvas_free(disc);
	canvas_free(box);
	canvas_free(line);
	canvas_free(out);
}

static void cut(void)
{
	struct canvas *whole = canvas_new(64, 64), *part = canvas_new(64, 64);
	const struct lettering how = {.size = 8};

	canvas_text(whole, 2, 40, "AAA...", &how);
	canvas_text_within(part, 2, 40, canvas_text_width("AAA...", 8) + .5, "AAAAAAAAAA", &how);
	OK(memcmp(whole->rgb, part->rgb, (size_t)3 * 64 * 64) == 0,
	   "a long text is cut and says so");
	canvas_free(whole);
	canvas_free(part);
}

int main(void)
{
	letters();
	shapes();
	cut();
	return done_testing();
}
