/* percentiles.h - what a distance means: its percentile among the atlas's own cells.
 *
 * At build every distance is also measured for cells of the atlas itself, each against the donors
 * (without donors: random fifths) it does not belong to; their quantiles are kept per label. A
 * query cell's percentile among those of its label means the same for every atlas: over 99, one
 * in a hundred of the atlas's own cells of that label is as far.
 *
 *	percentile_quantiles(values, n, quantiles);                 // REF_QUANTILES of them
 *	pct = percentile_of(quantiles, distance);           // 0 to 100
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

/*
 * Fill map_quantiles and knn_quantiles of all columns of labels. 'members' are of the clusters
 * (NULL: no map_quantiles). Labels of fewer than PERCENTILES_LEAST measured cells get the
 * quantiles of all. 'donors' may be NULL. Takes ref->knn_k neighbours by ref->knn_cosine; fails
 * when the folds leave too few cells.
 */
#define PERCENTILES_LEAST ((size_t)10)
#define PERCENTILES_CELLS ((size_t)1000) /* measured of a label, at most */
int percentiles_fill(struct reference *ref, const double *members, const struct batches *donors,
		     uint64_t seed, struct pool *pool, struct err *err) MUST_USE;

#endif
