/* mtl_predict.h - a query through a multi-task mapper, a block of cells at a time.
 *
 * Two tables: one with columns per level (how many, the mode says), and, on request, the
 * predictions table of the last level (calls/calls.h), which vote, gate, ensemble and evaluate
 * read. Places after the encoder and coordinates are kept only when asked for; else memory is a
 * block's.
 *
 *	struct mtl_prediction p = {.model = m, .name = "m.mtl.h5", .data = &d, .pool = pool, ...};
 *	if (mtl_predict(&p, err)) ...
 *
 * Columns by mode, per level: minimal pred_LEVEL; standard also conf_, margin_, is_unknown_; full
 * also is_low_conf_, used_knn_, knn_vote_frac_, pred_LEVEL_raw and pred_LEVEL_knn. Where the path
 * has ended a field is empty.
 */
#ifndef MTL_MTL_PREDICT_H
#define MTL_MTL_PREDICT_H

#include "format/tsv.h"
#include "mtl/mtl_data.h"
#include "mtl/mtl_decide.h"

enum mtl_mode { MTL_MINIMAL, MTL_STANDARD, MTL_FULL };

struct mtl_prediction {
	struct mtl *model;
	const char *name; /* of the model, in the table of calls */
	struct mtl_data *data;
	struct pool *pool;
	enum mtl_mode mode;
	struct mtl_rules rules;
	size_t k;                         /* neighbours that vote, where 'rules' ask for votes */
	struct tsv_writer *table, *calls; /* 'calls' may be NULL */

	/* Kept for all cells, or NULL: cells x mtl_width, and per coordinate cells x its width. */
	float *latent, *coordinates[MTL_COORDINATES];

	void (*hear)(void *listener, size_t n_done);
	void *listener;

	/* What came of it, per level: cells that are Unknown. */
	size_t n_cells, n_unknown[MTL_LEVELS];
};

int mtl_predict(struct mtl_prediction *p, struct err *err) MUST_USE;

#endif
