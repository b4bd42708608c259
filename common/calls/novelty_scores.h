/* novelty_scores.h - how well a number tells cells of no known type from those that belong.
 *
 *	struct novelty_scores s = novelty_scores_of(novelty, unseen, n_cells);
 *	printf("AUROC %g of %zu unseen cells\n", s.auroc, s.n_unseen);
 *
 * Higher is stranger. Equal numbers count half, as in scikit-learn's roc_auc_score; the area under
 * precision and recall is its average_precision_score.
 */
#ifndef CALLS_NOVELTY_SCORES_H
#define CALLS_NOVELTY_SCORES_H

#include "base/util.h"

struct novelty_scores {
	size_t n_unseen, n_seen; /* cells with a number */
	double auroc, aupr;      /* NaN unless there are cells of both kinds */
	double fpr95; /* share of the seen called strange where 95 of 100 unseen are found */
};

/* Cells whose number is NaN have no part. */
struct novelty_scores novelty_scores_of(const double *novelty, const bool *unseen, size_t n);

#endif
