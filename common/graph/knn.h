/* knn.h - the nearest neighbours of every cell.
 *
 * Euclidean distances between rows of coordinates. Up to KNN_EXACT_CELLS cells by blocked matrix
 * products, exactly; beyond, or when asked, through an inverted file (cells grouped round centres,
 * only the nearest groups searched), whose recall is measured on a sample and raised until it is
 * enough. The same for any number of threads. Equal distances go by row number.
 *
 *	struct knn *knn = knn_find(points, n, n_dims, 15, KNN_EXACT_CELLS, pool, &err);
 *	use(knn->neighbors + cell * knn->k, knn->distances + cell * knn->k);
 *	knn_free(knn);
 */
#ifndef GRAPH_KNN_H
#define GRAPH_KNN_H

#include "base/err.h"
#include "base/pool.h"

#define KNN_EXACT_CELLS ((size_t)150000)
#define KNN_RECALL 0.95

struct knn {
	size_t n_cells, k;   /* k counts the cell itself, which is always its first neighbour */
	uint32_t *neighbors; /* n_cells x k, by rising distance */
	float *distances;
	double recall;   /* 1 when exact */
	size_t n_probes; /* groups searched per cell; 0 when exact */
};

/* 'points' is n_cells x n_dims and finite. 'exact_cells' is where the inverted file begins. */
struct knn *knn_find(const float *points, size_t n_cells, size_t n_dims, size_t k,
		     size_t exact_cells, struct pool *pool, struct err *err) MUST_USE;
void knn_free(struct knn *knn);

#endif
