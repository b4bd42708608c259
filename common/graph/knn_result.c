/* knn_result.c - what a search of knn.h gives. */
#include "base/util.h"

#include "base/mem.h"
#include "graph/knn_private.h"

struct knn *knn_new(size_t n_cells, size_t k)
{
	struct knn *knn = mem_zero(1, sizeof(*knn));

	knn->n_cells = n_cells;
	knn->k = k;
	knn->recall = 1;
	knn->neighbors = mem_alloc(mem_product(n_cells, k), sizeof(*knn->neighbors));
	knn->distances = mem_alloc(mem_product(n_cells, k), sizeof(*knn->distances));
	return knn;
}

void knn_free(struct knn *knn)
{
	if (!knn)
		return;
	free(knn->neighbors);
	free(knn->distances);
	free(knn);
}
