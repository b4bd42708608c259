/* soft.h - cells that belong to several clusters at once.
 *
 * A cell's membership of cluster k is softmax over k of -2 (1 - centroid_k . z) / sigma, for the
 * cell's unit vector z: Harmony's and Symphony's. Also sums over memberships, and the first
 * centroids (k-means on unit vectors).
 *
 *	unit_rows(points, n, dims, units, pool);
 *	soft_centroids(units, n, dims, K, seed, pool, centroids);
 *	soft_assign(units, n, dims, centroids, K, 0.1, pool, members);     // n x K
 *	soft_sums(members, points, n, dims, K, pool, weights, sums);
 *
 * Sums go over cells in their order whatever the threads: the same bytes.
 */
#ifndef MAP_HARMONY_SOFT_H
#define MAP_HARMONY_SOFT_H

#include "base/pool.h"

/* sigma is kept as a float by every program that wrote references: 0.1f. */
#define SOFT_SIGMA ((double)0.1f)

/* Rows divided by their length; a row of zeros stays. 'units' may be 'points'. */
void unit_rows(const double *points, size_t n, size_t dims, double *units, struct pool *pool);

void soft_assign(const double *units, size_t n, size_t dims, const double *centroids, size_t K,
		 double sigma, struct pool *pool, double *members);

/* weights[k] = sum of memberships; sums[k] = sum of membership times point. */
void soft_sums(const double *members, const double *points, size_t n, size_t dims, size_t K,
	       struct pool *pool, double *weights, double *sums);

/*
 * K unit centroids: drawn with probability to the squared distance from those there are, then ten
 * rounds of k-means. A cluster that is empty keeps its centroid. Of more than SOFT_LEARN cells a
 * centroid so many are looked at, evenly from all.
 */
#define SOFT_LEARN ((size_t)1000)
void soft_centroids(const double *units, size_t n, size_t dims, size_t K, uint64_t seed,
		    struct pool *pool, double *centroids);

#endif
