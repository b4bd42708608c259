/* knn_groups.c - the groups whose centres are near are searched, not all cells. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "graph/knn_private.h"

#define SAMPLE ((size_t)1000) /* cells whose true neighbours measure the recall */

/* ---- search: a part's cells together, group by group ---- */

/* Cell number 'query' of a part looks into a group. */
struct visit {
	uint32_t group, query;
};

struct part {
	const struct knn_search *s;
	size_t from, n;
	float *queries, *visitors,
		*members; /* coordinates of the cells, of some, of a tile of a group */
	float *products;
	struct visit *visits;
	struct nearest *nearest; /* per cell */
};

/* In the order of the groups, so that a part's cells look into the same ones. */
static size_t part_cell(const struct part *w, size_t query)
{
	size_t i = w->from + query;

	if (w->s->queries)
		return w->s->queries[i];
	return searches_itself(w->s) ? w->s->groups->members[i] : i;
}

static void offer_groups(const struct groups *g, const float *products, struct nearest *h)
{
	for (uint32_t c = 0; c < g->n; c++) {
		float d = g->squares[c] - 2 * products[c];

		if (h->n < h->room || d <= h->heap[0].distance)
			nearest_offer(h, (struct near_candidate){d, c});
	}
}

static int by_group(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->query < y->query ? -1 : x->query > y->query;
}

/* Who visits which groups: those whose centres are nearest. */
static void plan_visits(struct part *w)
{
	const struct groups *g = w->s->groups;
	size_t n_probes = w->s->n_probes;
	struct near_candidate *room = mem_alloc(n_probes, sizeof(*room));

	points_multiply(w->queries, w->n, g->centres, g->n, w->s->points->dims, w->products);
	for (size_t q = 0; q < w->n; q++) {
		struct nearest h = {room, 0, n_probes};

		offer_groups(g, w->products + q * g->n, &h);
		for (size_t k = 0; k < n_probes; k++)
			w->visits[q * n_probes + k] = (struct visit){room[k].point, (uint32_t)q};
	}
	qsort(w->visits, w->n * n_probes, sizeof(*w->visits), by_group);
	free(room);
}

static void offer_members(const struct part *w, size_t query, const uint32_t *members, size_t n,
			  const float *products)
{
	search_offer(w->s->points, members, 0, n, products, &w->nearest[query]);
}

/* One group, with all who visit it. */
static void visit_group(struct part *w, const struct visit *visits, size_t n_visits)
{
	const struct points *p = w->s->points;
	const struct groups *g = w->s->groups;
	size_t bytes = p->dims * sizeof(float);
	size_t end = g->starts[visits->group + 1];

	for (size_t v = 0; v < n_visits; v++)
		memcpy(w->visitors + v * p->dims, w->queries + visits[v].query * p->dims, bytes);
	for (size_t at = g->starts[visits->group]; at < end; at += TILE) {
		size_t n = MIN(TILE, end - at);

		for (size_t i = 0; i < n; i++)
			memcpy(w->members + i * p->dims, p->at + g->members[at + i] * p->dims,
			       bytes);
		points_multiply(w->visitors, n_visits, w->members, n, p->dims, w->products);
		for (size_t v = 0; v < n_visits; v++)
			offer_members(w, visits[v].query, g->members + at, n, w->products + v * n);
	}
}

static void settle_query(const struct part *w, size_t query)
{
	const struct knn_search *s = w->s;
	struct nearest *h = &w->nearest[query];
	size_t cell = part_cell(w, query), row = s->queries ? w->from + query : cell;

	/* Too few in those groups: the rest is far away, take it in order. */
	for (uint32_t other = 0; h->n < s->knn->k; other++)
		nearest_offer(h, (struct near_candidate){INFINITY, other});
	search_settle(s, cell, row, h);
}

static void search_part(struct part *w)
{
	size_t dims = w->s->points->dims, n_visits = w->n * w->s->n_probes;

	for (size_t q = 0; q < w->n; q++)
		memcpy(w->queries + q * dims, w->s->asking->at + part_cell(w, q) * dims,
		       dims * sizeof(*w->queries));
	plan_visits(w);
	for (size_t from = 0, to; from < n_visits; from = to) {
		for (to = from + 1; to < n_visits && w->visits[to].group == w->visits[from].group;)
			to++;
		visit_group(w, w->visits + from, to - from);
	}
	for (size_t q = 0; q < w->n; q++)
		settle_query(w, q);
}

void knn_groups_part(void *arg, size_t part)
{
	const struct knn_search *s = arg;
	size_t dims = s->points->dims, room = s->knn->k + SPARE;
	struct part w = {.s = s, .from = part * QUERIES_PER_PART};

	w.n = MIN(QUERIES_PER_PART, s->n_queries - w.from);
	MEM_ARRAY(w.queries, mem_product(w.n, dims));
	MEM_ARRAY(w.visitors, mem_product(w.n, dims));
	MEM_ARRAY(w.members, mem_product(TILE, dims));
	MEM_ARRAY(w.products, mem_product(w.n, MAX(TILE, s->groups->n)));
	MEM_ARRAY(w.visits, mem_product(w.n, s->n_probes));
	MEM_ARRAY(w.nearest, w.n);
	struct near_candidate *heaps = mem_alloc(mem_product(w.n, room), sizeof(*heaps));

	for (size_t q = 0; q < w.n; q++)
		w.nearest[q] = (struct nearest){heaps + q * room, 0, room};
	search_part(&w);
	free(heaps);
	free(w.nearest);
	free(w.visits);
	free(w.products);
	free(w.members);
	free(w.visitors);
	free(w.queries);
}

/* ---- how many groups ---- */

/* The first neighbour is the cell itself and does not count. */
static double recall(const struct knn *found, const struct knn *truth)
{
	size_t hits = 0, k = truth->k;

	for (size_t i = 0; i < truth->n_cells; i++)
		for (size_t a = 1; a < k; a++)
			for (size_t b = 1; b < k; b++)
				hits += found->neighbors[i * k + a] == truth->neighbors[i * k + b];
	return (double)hits / (double)(truth->n_cells * (k - 1));
}

/* More groups until the neighbours of a sample of the points are found well enough. */
size_t groups_choose_probes(const struct knn_search *s, struct pool *pool, double *measured)
{
	size_t n = MIN(SAMPLE, s->points->n),
	       k = MIN(s->knn->k + !searches_itself(s), s->points->n);
	uint32_t *sample = mem_alloc(n, sizeof(*sample));
	struct knn *truth = knn_new(n, k), *found = knn_new(n, k);
	struct knn_search trial = *s;

	for (size_t i = 0; i < n; i++)
		sample[i] = (uint32_t)(i * s->points->n / n);
	trial.asking = s->points;
	trial.precise = NULL;
	trial.queries = sample;
	trial.n_queries = n;
	trial.knn = truth;
	pool_run(pool, n_parts(n), knn_exact_part, &trial);
	trial.knn = found;
	for (trial.n_probes = 4;; trial.n_probes = MIN(s->groups->n, trial.n_probes * 3 / 2)) {
		pool_run(pool, n_parts(n), knn_groups_part, &trial);
		*measured = recall(found, truth);
		if (*measured >= s->wanted_recall || trial.n_probes == s->groups->n)
			break;
	}
	free(sample);
	knn_free(truth);
	knn_free(found);
	return trial.n_probes;
}
