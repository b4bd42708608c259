/* knn_cross.c - the two searches of knn.h, asked by other points; see knn_cross.h. */
#include "base/util.h"

#include "base/mem.h"
#include "graph/knn_cross.h"
#include "graph/knn_private.h"
#include "linalg/gemm.h"

static void narrow(struct points *p, const double *at, size_t n, size_t dims)
{
	float *single = mem_alloc(mem_product(n, dims), sizeof(*single));

	for (size_t i = 0; i < n * dims; i++)
		single[i] = (float)at[i];
	*p = (struct points){.at = single, .n = n, .dims = dims, .precise = at};
	MEM_ARRAY(p->squares, n);
	for (size_t i = 0; i < n; i++)
		p->squares[i] = point_square(single + i * dims, dims);
}

static void widen_release(struct points *p)
{
	free((void *)p->at);
	free(p->squares);
}

static void search(struct knn_search s, struct knn_cross *found, size_t exact_cells,
		   struct pool *pool)
{
	struct groups groups;

	found->recall = 1;
	if (s.points->n <= exact_cells) {
		pool_run(pool, n_parts(s.n_queries), knn_exact_part, &s);
		return;
	}
	groups = groups_of(s.points, pool);
	s.groups = &groups;
	found->n_probes = s.n_probes = groups_choose_probes(&s, pool, &found->recall);
	pool_run(pool, n_parts(s.n_queries), knn_groups_part, &s);
	groups_release(&groups);
}

struct knn_cross *knn_cross_find(const double *queries, size_t n_queries, const double *points,
				 size_t n_points, size_t n_dims, size_t k, size_t exact_cells,
				 struct pool *pool, struct err *err)
{
	struct points reference, asking;
	struct knn_search s = {.points = &reference,
			       .asking = &asking,
			       .n_queries = n_queries,
			       .wanted_recall = KNN_CROSS_RECALL + 0.002};
	struct knn_cross *found;

	if (k < 1 || k > n_points)
		return err_null(err, "%zu neighbours among %zu cells cannot be found", k, n_points);
	gemm_alone();
	MEM_ZERO(found, 1);
	*found = (struct knn_cross){.n_queries = n_queries, .k = k};
	narrow(&reference, points, n_points, n_dims);
	narrow(&asking, queries, n_queries, n_dims);
	s.knn = knn_new(n_queries, k);
	s.precise = found->distances =
		mem_alloc(mem_product(n_queries, k), sizeof(*found->distances));
	search(s, found, exact_cells, pool);
	found->neighbors = s.knn->neighbors;
	s.knn->neighbors = NULL;
	knn_free(s.knn);
	widen_release(&reference);
	widen_release(&asking);
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
