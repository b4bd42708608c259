/* strokes.h - letters as a pen draws them: the lines of a text, in units of its size.
 *
 * For figures that need no font beside them, and are the same bytes on every machine. A letter is
 * a few lines and curves on a grid; curves are cut into short lines. What the pen's width is, and
 * where the text stands, is the caller's.
 *
 *	struct stroke_list list = {0};
 *	double wide = strokes_of("T cells", &list);       // in heights of a capital
 *	for (size_t i = 0; i < list.n; i++)
 *		draw(list.of[i].x[0], list.of[i].y[0], list.of[i].x[1], list.of[i].y[1]);
 *	free(list.of);
 *
 * x runs from 0 to the right, y up from the line that the text stands on; a capital is 1 high.
 * ASCII and a few Greek letters that names of cells have; any other letter is an empty box.
 */
#ifndef REPORT_FIGURES_STROKES_H
#define REPORT_FIGURES_STROKES_H

#include "base/util.h"

struct stroke {
	double x[2], y[2];
	size_t letter; /* of the text, from 0: strokes of one letter come together */
};

struct stroke_list {
	struct stroke *of; /* the caller frees */
	size_t n, cap;
};

/* Add the text's strokes to 'list', which may be NULL, and return how wide it is. UTF-8. */
double strokes_of(const char *text, struct stroke_list *list);

#endif
