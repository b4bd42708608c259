/* spread.h - how far cells are from where a reference's clusters lie.
 *
 * Every soft cluster has a weighted mean and covariance. A cell's distance is the mean of
 * Mahalanobis' distances to the clusters, weighted by its membership of each: Symphony's mapping
 * score, and as there more is worse.
 *
 *	struct ref_spread s;
 *	spread_of(members, points, n, dims, K, pool, &s);            // the reference's own cells
 *	spread_distances(&s, query_members, query_points, m, dims, K, pool, distances);
 *
 * The covariance is sum w (z - mean)(z - mean)' / (1 - sum w w), w the memberships divided by their
 * sum. One that is singular (fewer cells than dimensions) gets a millionth of its mean variance
 * added, and more until it is not. Memberships under 1e-12 are taken as none.
 */
#ifndef MAP_SPREAD_H
#define MAP_SPREAD_H

#include "base/pool.h"
#include "map/reference.h"

/* Fills means and factors, which the caller frees. */
void spread_of(const double *members, const double *points, size_t n, size_t dims, size_t K,
	       struct pool *pool, struct ref_spread *out);

void spread_distances(const struct ref_spread *s, const double *members, const double *points,
		      size_t n, size_t dims, size_t K, struct pool *pool, double *distances);

/*
 * Of groups of query cells: sqrt((g - c)' inverse(S) (g - c)), c and S the group's mean and
 * covariance and g the mean of the reference cluster nearest to it, by the largest dot product
 * with 'nearest_by' (K x dims). NaN for a group of fewer than 2 x dims cells, or a flat one.
 * 'group' is per cell, SIZE_MAX for none; 'scores' is per group.
 */
void spread_group_scores(const double *means, const double *nearest_by, size_t K,
			 const double *points, const size_t *group, size_t n, size_t n_groups,
			 size_t dims, double *scores);

#endif
