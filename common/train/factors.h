/* factors.h - how the genes of the training cells vary together.
 *
 * The leading directions of the standardised cells Z, found without forming their covariance: a
 * block of vectors is multiplied by Z and Z' again and again (train/solver/products.h), first for a
 * sample of the cells and then for all, until it spans the directions that matter. With values
 * lambda and vectors v of Z'Z / n,
 *	loadings = v sqrt(lambda)
 *	rest = max(variance - sum of squared loadings, a twentieth of it)
 *
 *	struct model_factors *f = factors_learn(&cells, 100, err);
 *	model->factors = f;
 *
 * The same cells give the same factors for any number of threads. Memory: 4 bytes per cell and
 * factor; of more than about 160,000 cells a sample of an eighth is used.
 */
#ifndef TRAIN_FACTORS_H
#define TRAIN_FACTORS_H

#include "model/annex.h"
#include "train/solver/scaling.h"

struct factor_cells {
	struct design *design;
	const struct scaling *scaling;
	const int32_t *label; /* per slot: cells below 0 have no part */
	struct pool *pool;
};

/* Genes are those of the scaling. NULL on failure (a scratch file that cannot be read). */
struct model_factors *factors_learn(const struct factor_cells *cells, size_t wanted,
				    struct err *err) MUST_USE;

#endif
