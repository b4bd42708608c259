/* percentiles.h - what a distance means: its percentile among the atlas's own cells.
 *
 * At build every distance is also measured for cells of the atlas itself, each against the donors
 * (without donors, and for a label that one fold of them alone has: random fifths) it does not belong
 * to; their quantiles are kept per label. Neighbours are those of the projected coordinates, also where
 * batches were taken out: a cell of a new study has had none taken out with the others. A
 * query cell's percentile among those of its label means the same for every atlas: over 99, one
 * in a hundred of the atlas's own cells of that label is as far.
 *
 *	percentile_quantiles(values, n, quantiles);                 // REF_QUANTILES of them
 *	pct = percentile_of(quantiles, distance);           // 0 to 100
 *
 * Cells of another study lie farther than all of the atlas's own, those that belong and those that do
 * not: quantiles alone call all of them 100. And a label whose cells in the atlas are few or much
 * alike looks tighter than it is elsewhere. So a scale is made of the quantiles: of each label half-way
 * (in proportion) between its own and those of all cells; and beyond nine tenths the share of cells
 * that is as far falls as a tenth / (1 + power * log(distance / the ninth tenth))^2, one power for all
 * labels: a hundredth where a power law of the atlas's own cells has it, and then more slowly. Between studies that told
 * what is unseen much better than the label's own quantiles.
 *
 *	struct percentile_scale s = percentile_scale_of(l->knn_quantiles, l->counts, l->n);
 *	pct = percentile_in(&s, label, distance);           // 0 to below 100
 *	percentile_scale_release(&s);
 */
#ifndef MAP_PERCENTILES_H
#define MAP_PERCENTILES_H

#include "base/pool.h"
#include "map/harmony/batches.h"
#include "map/reference.h"

/* Linear between values, as numpy's and R's default. 'values' (1 or more) are sorted in place. */
void percentile_quantiles(double *values, size_t n, double *quantiles);

/* NaN for NaN. */
double percentile_of(const double *quantiles, double value);

struct percentile_scale {
	size_t n;
	double *quantiles; /* labels x REF_QUANTILES */
	double power;      /* of the fall; 0: no label has distances that differ */
};

/* 'quantiles' of NULL make a scale that answers NaN. */
struct percentile_scale percentile_scale_of(const double *quantiles, const double *counts,
					    size_t n);
void percentile_scale_release(struct percentile_scale *s);

/* NaN for NaN, and for a label that is not below n. */
double percentile_in(const struct percentile_scale *s, size_t label, double value);

/*
 * Fill map_quantiles, knn_quantiles and sure of all columns of labels. 'members' are of the clusters
 * (NULL: no map_quantiles). Labels of fewer than PERCENTILES_LEAST measured cells get the
 * quantiles of all. 'donors' may be NULL. Takes ref->knn_k neighbours by ref->knn_cosine; fails
 * when the folds leave too few cells.
 */
#define PERCENTILES_LEAST ((size_t)10)
#define PERCENTILES_CELLS ((size_t)1000) /* measured of a label, at most */
int percentiles_fill(struct reference *ref, const double *members, const struct batches *donors,
		     uint64_t seed, struct pool *pool, struct err *err) MUST_USE;

#endif
