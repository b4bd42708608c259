/* knn_cross.c - the two searches of knn.h, asked by other points; see knn_cross.h. */
#include "base/util.h"

#include "base/mem.h"
#include "graph/knn_cross.h"
#include "graph/knn_private.h"

static void search(struct knn_search s, struct knn_cross *found, size_t exact_cells,
		   struct pool *pool)
{
	struct groups groups;
	struct panels panels;

	found->recall = 1;
	if (s.points->n <= exact_cells) {
		panels = points_panels(s.points);
		s.panels = &panels;
		search_exactly(&s, pool);
		panels_release(&panels);
		return;
	}
	groups = groups_of(s.points, pool);
	s.groups = &groups;
	s.panels = &groups.panels;
	found->n_probes = s.n_probes = groups_choose_probes(&s, pool, &found->recall);
	search_groups(&s, pool);
	groups_release(&groups);
}

struct knn_cross *knn_cross_find(const double *queries, size_t n_queries, const double *points,
				 size_t n_points, size_t n_dims, size_t k, size_t exact_cells,
				 struct pool *pool, struct err *err)
{
	struct points reference = {.precise = points, .n = n_points, .dims = n_dims};
	struct points asking = {.precise = queries, .n = n_queries, .dims = n_dims};
	struct knn_search s = {.points = &reference,
			       .asking = &asking,
			       .n_queries = n_queries,
			       .wanted_recall = KNN_CROSS_RECALL + 0.002};
	struct knn_cross *found;

	if (k < 1 || k > n_points)
		return err_null(err, "%zu neighbours among %zu cells cannot be found", k, n_points);
	MEM_ZERO(found, 1);
	*found = (struct knn_cross){.n_queries = n_queries, .k = k};
	reference.scale = asking.scale = points_scale(&reference, &asking);
	s.knn = knn_new(n_queries, k);
	s.precise = found->distances =
		mem_alloc(mem_product(n_queries, k), sizeof(*found->distances));
	search(s, found, exact_cells, pool);
	found->neighbors = s.knn->neighbors;
	s.knn->neighbors = NULL;
	knn_free(s.knn);
	return found;
}

void knn_cross_free(struct knn_cross *found)
{
	if (!found)
		return;
	free(found->neighbors);
	free(found->distances);
	free(found);
}
