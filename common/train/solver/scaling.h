/* scaling.h - mean and scale of every gene, and what standardising means for a stored value.
 *
 * As scikit-learn's StandardScaler and CellTypist: z = min((x - mean) / scale, clip), where scale
 * is the population standard deviation, or 1 for a gene that does not vary. A gene that a cell does
 * not have gives z0 = -mean / scale, so
 *
 *	z = z0 + min(x, cap) / scale     with cap = mean + clip * scale
 *
 * and only stored values cost work: the first part is a constant row. Without centring, mean is
 * taken as 0.
 *
 * Scaled by deviation alone, a gene that a handful of cells have weighs as much as one that tells
 * types apart. A soft scaling divides by the root of deviation times mean deviation instead: genes
 * that vary more count more.
 *
 *	struct scaling_rules rules = {.with_mean = true, .soft = true, .clip = 10};
 *	scaling_measure(&s, design, design->n_blocks, label, &rules, pool, err);
 */
#ifndef TRAIN_SOLVER_SCALING_H
#define TRAIN_SOLVER_SCALING_H

#include "train/solver/design.h"

struct scaling_rules {
	bool with_mean, soft;
	double clip; /* of standardised values, from above */
};

struct scaling {
	size_t n_genes;
	size_t n_counted; /* cells that mean and scale are of */
	bool with_mean;
	double clip;
	double *mean; /* of the values, also without centring */
	double *scale;
	double *spread; /* deviation of the standardised values: 1 unless the scaling is soft */
	bool *present;  /* has any of the counted cells the gene? Others have no part in a model. */
	double *inverse; /* 1 / scale, or 0 for a gene that is not present */
	double *z0;
	float *cap;
};

/*
 * Measure the cells of the first n_blocks blocks whose 'label' (per slot) is not negative. Blocks
 * are merged in order: the same numbers for any number of threads.
 */
int scaling_measure(struct scaling *s, struct design *d, size_t n_blocks, const int32_t *label,
		    const struct scaling_rules *rules, struct pool *pool, struct err *err) MUST_USE;

/* The scaling of some of the genes: gene_map as in design_narrow. */
struct scaling scaling_narrow(const struct scaling *s, const uint32_t *gene_map, size_t n_genes);

void scaling_release(struct scaling *s);

#endif
