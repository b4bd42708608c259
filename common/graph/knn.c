/* knn.c - every cell's nearest cells: exactly, or by groups when there are too many. */
#include "base/util.h"

#include "graph/knn.h"

#include "base/mem.h"
#include "graph/knn_private.h"

struct knn *knn_find(const float *points, size_t n_cells, size_t n_dims, size_t k,
		     size_t exact_cells, struct pool *pool, struct err *err)
{
	struct points p = {.at = points, .n = n_cells, .dims = n_dims};
	struct knn_search s = {.points = &p,
			       .asking = &p,
			       .n_queries = n_cells,
			       .wanted_recall = KNN_RECALL + 0.01};
	struct groups groups;
	struct panels panels;

	if (k < 2 || k > n_cells)
		return err_null(err, "%zu neighbours of %zu cells cannot be found", k, n_cells);
	p.scale = points_scale(&p, NULL);
	s.knn = knn_new(n_cells, k);
	if (n_cells <= exact_cells) {
		panels = points_panels(&p);
		s.panels = &panels;
		search_exactly(&s, pool);
		panels_release(&panels);
	} else {
		groups = groups_of(&p, pool);
		s.groups = &groups;
		s.panels = &groups.panels;
		s.knn->n_probes = s.n_probes = groups_choose_probes(&s, pool, &s.knn->recall);
		search_groups(&s, pool);
		groups_release(&groups);
	}
	return s.knn;
}
