/* palette.h - a colour for each label of a query, told apart by people who see few colours.
 *
 * The labels with most cells get the twelve that differ most, the others the same ones lighter
 * and darker; each label's is its own, so that the page's script can tell which label a point
 * has. "No answer" is grey. Read on white and on black alike.
 *
 *	for (size_t rank = 0; rank < q->n_shown; rank++)
 *		draw_key(palette_colour(q, rank), q->by_count[rank]);
 */
#ifndef REPORT_PALETTE_H
#define REPORT_PALETTE_H

#include "report/query_summary.h"

/* The colour of the label at place 'rank' of q->by_count, 0xRRGGBB. */
uint32_t palette_colour(const struct query_summary *q, size_t rank);

/* The same colours for other names, by their number, over and over. */
uint32_t palette_hue(size_t number);

/* A number from 0 to 1, from dark blue to yellow, as the page's script has it. */
uint32_t palette_ramp(double share);

#define PALETTE_NONE 0x8a8f98 /* no answer, no value */
#define PALETTE_GROUND 0xc8c8c8

#endif
