/* class_scores.h - proper scores of how likely every class was said to be, not only the one called.
 *
 * From a table of a column a class (lr-predict --probability): with p the numbers of a cell and y
 * the truth,
 *	nll     mean of -log p[y]
 *	brier   mean over cells of the sum over classes of (p[c] - (c is y))^2
 * as scikit-learn's log_loss and its Brier score of several classes. A cell whose true label has no
 * column could not have been right, and is counted apart.
 *
 *	struct class_scores s;
 *	if (class_scores_read(&s, "p.tsv", &judged, &err))
 *		die_err(&err);
 *
 * Numbers that are no shares (a negative one, a sum that is not 1: of one class against the rest)
 * are an error. Streams: one line is in memory at a time.
 */
#ifndef CALLS_CLASS_SCORES_H
#define CALLS_CLASS_SCORES_H

#include "calls/judged_cells.h"

struct class_scores {
	size_t n_cells;    /* scored */
	size_t n_beyond;   /* whose true label no column has */
	double nll, brier; /* NaN when none is scored */
};

/* Rows may be in any order, and more than there are cells; a cell without a row has no part. */
int class_scores_read(struct class_scores *s, const char *path, const struct judged_cells *cells,
		      struct err *err) MUST_USE;

#endif
