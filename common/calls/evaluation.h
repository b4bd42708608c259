/* evaluation.h - predicted labels against true ones.
 *
 * Numbers are scikit-learn's: classes are the labels of truth or prediction in byte order; a class
 * nobody predicts has precision 0. Cells called Unknown are wrong, and what the coverage counts.
 *
 *	struct evaluation *e = evaluation_new(truth, predicted, confidence, n, &names, unknown);
 *	printf("%g\n", e->accuracy);
 *	evaluation_free(e);
 */
#ifndef CALLS_EVALUATION_H
#define CALLS_EVALUATION_H

#include "base/strtab.h"
#include "calls/tally.h"

struct class_score {
	uint32_t label;
	size_t support, predicted, right; /* cells truly of it, called it, both */
	struct class_figures figures;
};

struct confusion_cell {
	uint32_t truth, predicted;
	size_t n;
};

/* Cells by falling confidence, down to a threshold. */
struct coverage_point {
	double threshold, coverage, accuracy; /* accuracy of those covered */
};

#define CALIBRATION_BINS 10

struct calibration_bin {
	size_t n;
	double confidence, accuracy; /* means; NaN when empty */
};

/* The surest cells, so many of them; of equally sure ones all or none. */
struct kept_point {
	double share, threshold, accuracy; /* the share there is; NaN when no cell is left */
};

#define N_KEPT 20 /* shares 1, 0.95 ... 0.05 */

struct evaluation {
	size_t n_cells, n_unknown;
	double accuracy;          /* Unknown is wrong */
	double known_accuracy;    /* of the cells that have a label */
	double balanced_accuracy; /* mean recall of the true classes */
	double macro_f1, weighted_f1;
	double calibration_error; /* expected, over ten bins; NaN without confidence */
	double nll, brier; /* of "the label is right" under the confidence; NaN unless that is a
			    * share in every cell */
	struct class_score *classes; /* in byte order; Unknown is not one of them */
	size_t n_classes;
	struct confusion_cell *confusion; /* by truth, then prediction, in byte order */
	size_t n_confusion;
	struct coverage_point coverage[21]; /* at the thresholds 0, 0.05, ... 1 */
	struct calibration_bin calibration[CALIBRATION_BINS];
	struct kept_point kept[N_KEPT];
	bool has_confidence;
};

/*
 * 'truth' and 'predicted' are label numbers of 'names', one per cell. 'confidence' may be NULL.
 * 'unknown' is the number of the label that means no answer, or STRTAB_NONE.
 */
struct evaluation *evaluation_new(const uint32_t *truth, const uint32_t *predicted,
				  const double *confidence, size_t n_cells,
				  const struct strtab *names, uint32_t unknown);
void evaluation_free(struct evaluation *e);

#endif
