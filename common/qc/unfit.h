/* unfit.h - which cells may not be fit to be typed, and why.
 *
 * Every cell has a set of reasons, most have none. Four come from being an outlier of its batch
 * (outliers.h) in a measure of quality (qc_metrics.h), at the low end, the high end or both; one,
 * being a doublet, is decided elsewhere (doublets.h) and noted here. Nothing is taken out: a reason
 * is for who reads the table.
 *
 *	struct unfit u;
 *	unfit_start(&u, n_cells);
 *	unfit_outliers(&u, metrics, rows, n_rows, 5);           // batch by batch
 *	unfit_say(&u, cell, UNFIT_DOUBLET);
 *	puts(unfit_text(&u, cell, &scratch));                   // "HIGH_MITO;DOUBLET"
 *	unfit_release(&u);
 *
 * Counts and genes are judged by their logarithms, as they are spread over orders of magnitude.
 */
#ifndef QC_UNFIT_H
#define QC_UNFIT_H

#include "base/text.h"
#include "qc/qc_metrics.h"

enum unfit_reason {
	UNFIT_LOW_COUNTS,
	UNFIT_HIGH_COUNTS,
	UNFIT_LOW_GENES,
	UNFIT_HIGH_GENES,
	UNFIT_LOW_COMPLEXITY,
	UNFIT_HIGH_MITO,
	UNFIT_DOUBLET,
	UNFIT_REASONS, /* how many there are */
};

extern const char *const unfit_reasons[UNFIT_REASONS]; /* as tables have them: "LOW_COUNTS" */

struct unfit {
	size_t n_cells;
	uint8_t *reasons;        /* per cell: a bit for each */
	size_t n[UNFIT_REASONS]; /* cells that have each */
};

void unfit_start(struct unfit *u, size_t n_cells);
void unfit_release(struct unfit *u); /* zeroed is fine */

/* The cell has this reason, which it had not. */
void unfit_say(struct unfit *u, size_t cell, enum unfit_reason reason);

/* Cells rows[0..n) of one batch that are more than so many deviations from their median. */
void unfit_outliers(struct unfit *u, const struct qc_metrics *metrics, const size_t *rows, size_t n,
		    double n_deviations);

/* Cells that have any reason. */
size_t unfit_n_cells(const struct unfit *u);

/* A cell's reasons with ";" between, "" for none: in 'scratch', until it is used again. */
const char *unfit_text(const struct unfit *u, size_t cell, struct text *scratch);

#endif
