/* knn_cross.h - of one set of points, those nearest to each point of another.
 *
 * A query's cells look for cells of a reference. As knn.h, but the two sets differ, no cell is its
 * own neighbour, and the coordinates are double: single precision only shows which points cannot be
 * among the nearest (panels.h), so that the answer is the one that double alone would give.
 *
 *	struct knn_cross *found = knn_cross_find(query, n_query, atlas, n_atlas, 30, 15, 500000,
 *						 pool, &err);
 *	use(found->neighbors[cell * found->k], found->distances[cell * found->k]);
 *	knn_cross_free(found);
 *
 * Exact up to 'exact_cells' points; beyond that the points are grouped, and so many groups are
 * searched that KNN_CROSS_RECALL of the neighbours of a sample of the points are found. Equal
 * distances go by row number. The answer does not depend on the threads, nor on what other queries
 * there are.
 */
#ifndef GRAPH_KNN_CROSS_H
#define GRAPH_KNN_CROSS_H

#include "base/err.h"
#include "base/pool.h"

#define KNN_CROSS_RECALL 0.99

struct knn_cross {
	size_t n_queries, k;
	uint32_t *neighbors; /* n_queries x k, rows of the points, by rising distance */
	double *distances;   /* Euclidean */
	double recall;       /* 1 when exact */
	size_t n_probes;     /* groups searched per query; 0 when exact */
};

/* Both sets are n x n_dims and finite. Fails when there are fewer than k points. */
struct knn_cross *knn_cross_find(const double *queries, size_t n_queries, const double *points,
				 size_t n_points, size_t n_dims, size_t k, size_t exact_cells,
				 struct pool *pool, struct err *err) MUST_USE;
void knn_cross_free(struct knn_cross *found); /* NULL is fine */

#endif
