/* knn_exact.c - every point compared with every cell. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "graph/knn_private.h"

#define TILE_BYTES ((size_t)1 << 17) /* of panels that all queries of a part go through */

void search_settle(const struct knn_search *s, struct party *p, size_t query, size_t row)
{
	size_t k = s->knn->k, n = party_rank(p, query), at = 0, cell = p->cells[query];
	uint32_t *neighbors = s->knn->neighbors + row * k;
	float *distances = s->knn->distances + row * k;

	if (searches_itself(s)) {
		neighbors[0] = (uint32_t)cell;
		distances[0] = 0;
		at = 1;
	}
	for (size_t i = 0; i < n && at < k; i++) {
		const struct party_found *r = &p->ranked[i];

		if (searches_itself(s) && r->one.row == cell)
			continue;
		neighbors[at] = r->one.row;
		distances[at] = sqrtf((float)r->distance); /* rounded twice, as scanpy's */
		if (s->precise)
			s->precise[row * k + at] = sqrt(r->distance);
		at++;
	}
}

static void search_part(void *arg, size_t part)
{
	const struct knn_search *s = arg;
	size_t from = part * QUERIES_PER_PART, n = MIN(QUERIES_PER_PART, s->n_queries - from);
	size_t bytes = (s->points->dims + 1) * PANEL * sizeof(float);
	size_t tile = MAX(TILE_BYTES / bytes, (size_t)1), n_panels = s->panels->n;
	struct party p = party_new(s->asking, s->points, n, s->knn->k);
	uint32_t who[QUERIES_PER_PART];

	for (size_t i = 0; i < n; i++) {
		who[i] = (uint32_t)i;
		party_put(&p, i, s->queries ? s->queries[from + i] : from + i);
	}
	for (size_t first = 0; first < n_panels; first += tile)
		for (size_t i = 0; i < n; i += ABREAST)
			party_search(&p, who + i, MIN(ABREAST, n - i), s->panels, first,
				     MIN(n_panels, first + tile));
	for (size_t i = 0; i < n; i++)
		search_settle(s, &p, i, from + i);
	party_release(&p);
}

void search_exactly(const struct knn_search *s, struct pool *pool)
{
	pool_run(pool, n_parts(s->n_queries, QUERIES_PER_PART), search_part, (void *)s);
}
