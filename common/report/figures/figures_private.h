/* figures_private.h - each figure drawn: what figures.c writes, and what its fellows draw.
 *
 * A function draws one figure on a canvas of its own and gives it back; NULL when there is nothing to
 * show. The caller frees.
 *
 *	struct canvas *c = draw_dots(&dots);
 *	if (c && canvas_write(c, "blood.genes.png", &err))
 *		...
 *	canvas_free(c);
 */
#ifndef REPORT_FIGURES_FIGURES_PRIVATE_H
#define REPORT_FIGURES_FIGURES_PRIVATE_H

#include "report/evals.h"
#include "report/evidence_tables.h"
#include "report/figures/canvas.h"
#include "report/query_summary.h"
#include "report/scatter.h"

#define FIGURE_SIDE 1280 /* pixels of a picture of cells */
#define FIGURE_EDGE 48   /* white around */
#define FIGURE_TEXT 15.0 /* capitals, pixels */
#define FIGURE_INK 0x222222
#define FIGURE_FAINT 0xb8bcc2
#define FIGURE_HUE 0x0077bb

/* SCATTER_LAYERS as 'layer' is by label. */
struct canvas *draw_cells(const struct query_summary *q, const struct scatter *s, size_t layer);
struct canvas *draw_dots(const struct dots *d);
struct canvas *draw_calibration(const struct eval *e);
struct canvas *draw_composition(const struct query_summary *q);

#endif
