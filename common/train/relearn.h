/* relearn.h - annexes for a model that is there already: from lr-train before it had them, or from
 * CellTypist.
 *
 * Factors need cells, but no labels: they say how genes vary together, which is much the same from
 * study to study. Calibration needs labelled cells that the model was not trained on.
 *
 *	struct relearning r = {.model = m, .slot = "auto", .pool = pool};
 *	if (relearn_factors(&r, paths, n, 100, err))           // m->factors
 *		die_err(err);
 *	if (relearn_calibration(&r, "cells.h5ad", "cell_type", err))   // m->calibration
 *		die_err(err);
 *
 * What the model had of the kind is replaced, and with new factors landmarks go, which were places
 * along the old. On failure the model is as it was.
 */
#ifndef TRAIN_RELEARN_H
#define TRAIN_RELEARN_H

#include "base/err.h"
#include "base/pool.h"
#include "model/model.h"

struct relearning {
	struct model *model;
	const char *slot; /* "auto", or a slot's name */
	struct pool *pool;
	size_t n_cells, n_genes; /* afterwards: that were learnt from; genes of the model */
};

int relearn_factors(struct relearning *r, const char *const *paths, size_t n_paths,
		    size_t n_factors, struct err *err) MUST_USE;

/* Cells whose label is no class of the model have no part. */
int relearn_calibration(struct relearning *r, const char *path, const char *label,
			struct err *err) MUST_USE;

#endif
