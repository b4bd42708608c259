/* heights.h - columns of a cell's coarser answers: levels, and what is above its label.
 *
 *	struct heights h;
 *	if (heights_open(&h, model, &rules, &err))
 *		die_err(&err);
 *	heights_put_header(&h, &writer);
 *	heights_put(&h, probabilities, called, &writer);   // each cell, from any thread
 *	heights_close(&h);
 *
 * The sums are trust/lineage.h's. What was not asked for has no columns.
 */
#ifndef MODEL_PREDICT_HEIGHTS_H
#define MODEL_PREDICT_HEIGHTS_H

#include "format/tsv.h"
#include "model/predict/predict.h"
#include "trust/lineage.h"

struct heights {
	const struct model *model; /* borrowed */
	struct lineage *lineage;   /* NULL: no column "above" */
	struct level *levels;      /* those of the model, then the slim one */
	size_t n_levels, n_nested; /* of the model: each is answered within the one above */
};

/* -1: the model lacks what is asked for, and err says which. Close in any case. */
int heights_open(struct heights *h, const struct model *m, const struct predictor_rules *rules,
		 struct err *err) MUST_USE;
void heights_close(struct heights *h); /* zeroed is fine */

void heights_put_header(const struct heights *h, struct tsv_writer *w);
void heights_put(const struct heights *h, const double *probabilities, size_t called,
		 struct tsv_writer *w);

#endif
