/* evals.h - what evaluate --json wrote, for the page.
 *
 *	struct eval *e = eval_read("scores/colon.json", &err);
 *	if (e)
 *		printf("%.3f of %.0f cells\n", e->accuracy, e->cells);
 *	eval_free(e);
 *
 * Classes, pairs and bins are in the file's order; labels are numbers of 'names'. A figure that is
 * not in the file is NaN, so that a page can leave it out.
 */
#ifndef REPORT_EVALS_H
#define REPORT_EVALS_H

#include "base/err.h"
#include "base/strtab.h"

struct eval_class {
	uint32_t name;
	size_t support, predicted;
	double precision, recall, f1;
};

struct eval_pair {
	uint32_t truth, predicted;
	size_t n;
};

struct eval_bin {
	size_t n;
	double confidence, accuracy; /* NaN when empty */
};

struct eval {
	char *name;  /* of the file, without folder and .json */
	char *label; /* the column that was scored, "" when it is not said */
	double cells, accuracy, balanced_accuracy, macro_f1, lenient_accuracy, hierarchical_f,
		calibration_error, without_truth, before_gate_accuracy, after_gate_unknown,
		after_gate_known_accuracy, common_accuracy, nll, brier, unseen, novelty_auroc,
		novelty_fpr95; /* NaN where not given */
	bool common;           /* classes, pairs and bins are in the true labels' words */
	struct strtab names;
	struct eval_class *classes;
	struct eval_pair *pairs;
	struct eval_bin *bins;
	size_t n_classes, n_pairs, n_bins;
};

/* NULL when it is not such a file, or larger than 256 MB. */
struct eval *eval_read(const char *path, struct err *err) MUST_USE;
void eval_free(struct eval *e); /* NULL is fine */

#endif
