/* evaluation_groups.h - how right the calls are in each donor, batch or sample.
 *
 *	struct group_scores g;
 *	group_scores_of(&g, &cells, groups, &group_names);
 *	group_scores_put(&g, &writer);                    // accuracy_by, donor, value ...
 *	group_scores_release(&g);
 *
 * A mean over all cells hides the donor in whom nothing is right. Groups are in byte order.
 */
#ifndef CALLS_EVALUATION_GROUPS_H
#define CALLS_EVALUATION_GROUPS_H

#include "base/json.h"
#include "calls/evaluation.h"
#include "format/tsv.h"

struct group_cells {
	const uint32_t *truth, *predicted;
	const double *confidence; /* or NULL */
	size_t n;
	const struct strtab *names; /* of labels */
	uint32_t unknown;
};

struct group_score {
	const char *name; /* borrowed from the groups' names */
	size_t n_cells, n_unknown;
	double accuracy, known_accuracy, balanced_accuracy, calibration_error;
};

struct group_scores {
	struct group_score *groups;
	size_t n;
};

/* 'groups' is per cell; cells with STRTAB_NONE or an empty name are of no group. */
void group_scores_of(struct group_scores *g, const struct group_cells *cells,
		     const uint32_t *groups, const struct strtab *group_names);
void group_scores_release(struct group_scores *g);

/* Rows cells_by, unknown_by, accuracy_by, ...; and the same as an array "by" of an open object. */
void group_scores_put(const struct group_scores *g, struct tsv_writer *w);
void group_scores_json(const struct group_scores *g, struct json *out);

#endif
