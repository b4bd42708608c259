/* knn.c - every cell's nearest cells: exactly, or by groups when there are too many. */
#include "base/util.h"

#include "graph/knn.h"

#include "base/mem.h"
#include "graph/knn_private.h"
#include "linalg/gemm.h"

struct knn *knn_find(const float *points, size_t n_cells, size_t n_dims, size_t k,
		     size_t exact_cells, struct pool *pool, struct err *err)
{
	struct points p = {.at = points, .n = n_cells, .dims = n_dims};
	struct knn_search s = {.points = &p,
			       .asking = &p,
			       .n_queries = n_cells,
			       .wanted_recall = KNN_RECALL + 0.01};
	struct groups groups;

	if (k < 2 || k > n_cells)
		return err_null(err, "%zu neighbours of %zu cells cannot be found", k, n_cells);
	gemm_alone();
	MEM_ARRAY(p.squares, n_cells);
	for (size_t i = 0; i < n_cells; i++)
		p.squares[i] = point_square(points + i * n_dims, n_dims);
	s.knn = knn_new(n_cells, k);
	if (n_cells <= exact_cells) {
		pool_run(pool, n_parts(n_cells), knn_exact_part, &s);
	} else {
		groups = groups_of(&p, pool);
		s.groups = &groups;
		s.n_probes = groups_choose_probes(&s, pool, &s.knn->recall);
		s.knn->n_probes = s.n_probes;
		pool_run(pool, n_parts(n_cells), knn_groups_part, &s);
		groups_release(&groups);
	}
	free(p.squares);
	return s.knn;
}
