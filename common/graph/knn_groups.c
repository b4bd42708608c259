/* knn_groups.c - an inverted file: cells grouped round centres, the nearest groups searched. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "graph/knn_inner.h"

#define SAMPLE ((size_t)1000) /* cells whose true neighbours measure the recall */
#define CENTRE_ROUNDS 8

/* ---- groups ---- */

static uint32_t nearest_centre(const struct groups *g, const float *products)
{
	uint32_t best = 0;

	for (uint32_t c = 1; c < g->n; c++)
		if (g->squares[c] - 2 * products[c] < g->squares[best] - 2 * products[best])
			best = c;
	return best;
}

static void assign_part(void *arg, size_t part)
{
	struct groups *g = arg;
	const struct points *p = g->points;
	size_t from = part * QUERIES_PER_PART, n = MIN(QUERIES_PER_PART, p->n - from);
	float *products = mem_alloc(n * g->n, sizeof(*products));

	points_multiply(p->at + from * p->dims, n, g->centres, g->n, p->dims, products);
	for (size_t i = 0; i < n; i++)
		g->of_point[from + i] = nearest_centre(g, products + i * g->n);
	free(products);
}

/* Centres become the means of their points; a group that is empty keeps its centre. */
static void move_centres(struct groups *g)
{
	const struct points *p = g->points;
	double *sums = mem_zero(mem_product(g->n, p->dims), sizeof(*sums));
	size_t *counts = mem_zero(g->n, sizeof(*counts));

	for (size_t i = 0; i < p->n; i++) {
		counts[g->of_point[i]]++;
		for (size_t d = 0; d < p->dims; d++)
			sums[g->of_point[i] * p->dims + d] += (double)p->at[i * p->dims + d];
	}
	for (size_t c = 0; c < g->n; c++) {
		for (size_t d = 0; d < p->dims && counts[c]; d++)
			g->centres[c * p->dims + d] =
				(float)(sums[c * p->dims + d] / (double)counts[c]);
		g->squares[c] = point_square(g->centres + c * p->dims, p->dims);
	}
	free(sums);
	free(counts);
}

static void list_members(struct groups *g)
{
	MEM_ZERO(g->starts, g->n + 2);
	MEM_ARRAY(g->members, g->points->n);
	for (size_t i = 0; i < g->points->n; i++)
		g->starts[g->of_point[i] + 2]++;
	for (size_t c = 2; c < g->n + 2; c++)
		g->starts[c] += g->starts[c - 1];
	for (size_t i = 0; i < g->points->n; i++)
		g->members[g->starts[g->of_point[i] + 1]++] = (uint32_t)i;
}

struct groups groups_of(const struct points *p, struct pool *pool)
{
	struct groups g = {.n = (size_t)sqrt((double)p->n) + 1, .points = p};
	struct rng rng = rng_seeded(42);

	g.centres = mem_alloc(mem_product(g.n, p->dims), sizeof(*g.centres));
	MEM_ARRAY(g.squares, g.n);
	MEM_ARRAY(g.of_point, p->n);
	for (size_t c = 0; c < g.n; c++) {
		const float *point = p->at + rng_below(&rng, p->n) * p->dims;

		memcpy(g.centres + c * p->dims, point, p->dims * sizeof(*point));
		g.squares[c] = point_square(point, p->dims);
	}
	for (int round = 0; round < CENTRE_ROUNDS; round++) {
		pool_run(pool, n_parts(p->n), assign_part, &g);
		if (round + 1 < CENTRE_ROUNDS)
			move_centres(&g);
	}
	list_members(&g);
	return g;
}

void groups_release(struct groups *g)
{
	free(g->centres);
	free(g->squares);
	free(g->starts);
	free(g->members);
	free(g->of_point);
}

/* The groups whose centres are nearest to a cell, by number. */
static size_t nearest_groups(const struct search *s, size_t cell, struct candidate *room)
{
	const struct groups *g = s->groups;
	const struct points *p = s->points;
	struct nearest h = {room, 0, s->n_probes};

	for (uint32_t c = 0; c < g->n; c++) {
		float product = 0;

		for (size_t d = 0; d < p->dims; d++)
			product += g->centres[c * p->dims + d] * p->at[cell * p->dims + d];
		nearest_offer(&h, (struct candidate){g->squares[c] - 2 * product, c});
	}
	return h.n;
}

static void probe_cell(const struct search *s, size_t i, struct candidate *groups,
		       struct candidate *heap)
{
	const struct points *p = s->points;
	size_t cell = query_cell(s, i), n = nearest_groups(s, cell, groups);
	struct nearest h = {heap, 0, s->knn->k + SPARE};

	for (size_t k = 0; k < n; k++) {
		const size_t *starts = s->groups->starts + groups[k].point;

		for (size_t m = starts[0]; m < starts[1]; m++) {
			uint32_t other = s->groups->members[m];
			float product = 0;

			for (size_t d = 0; d < p->dims; d++)
				product += p->at[other * p->dims + d] * p->at[cell * p->dims + d];
			nearest_offer(&h, (struct candidate){p->squares[cell] + p->squares[other] -
								     2 * product,
							     other});
		}
	}
	if (h.n < s->knn->k) /* too few in those groups: the rest is far away, take it in order */
		for (uint32_t other = 0; h.n < s->knn->k; other++)
			nearest_offer(&h, (struct candidate){INFINITY, other});
	knn_settle(p, cell, &h, s->knn->k, s->knn->neighbors + i * s->knn->k,
		   s->knn->distances + i * s->knn->k);
}

void knn_groups_part(void *arg, size_t part)
{
	const struct search *s = arg;
	size_t end = MIN(s->n_queries, (part + 1) * QUERIES_PER_PART);
	struct candidate *groups = mem_alloc(s->n_probes, sizeof(*groups));
	struct candidate *heap = mem_alloc(s->knn->k + SPARE, sizeof(*heap));

	for (size_t i = part * QUERIES_PER_PART; i < end; i++)
		probe_cell(s, i, groups, heap);
	free(groups);
	free(heap);
}

/* ---- how many groups ---- */

static double recall(const struct knn *found, const struct knn *truth)
{
	size_t hits = 0, k = truth->k;

	for (size_t i = 0; i < truth->n_cells; i++)
		for (size_t a = 1; a < k; a++)
			for (size_t b = 1; b < k; b++)
				hits += found->neighbors[i * k + a] == truth->neighbors[i * k + b];
	return (double)hits / (double)(truth->n_cells * (k - 1));
}

/* More groups until the sample's neighbours are found well enough. */
size_t groups_choose_probes(const struct search *s, struct pool *pool, double *measured)
{
	size_t n = MIN(SAMPLE, s->points->n), k = s->knn->k;
	uint32_t *sample = mem_alloc(n, sizeof(*sample));
	struct knn *truth = knn_new(n, k), *found = knn_new(n, k);
	struct search trial = *s;

	for (size_t i = 0; i < n; i++)
		sample[i] = (uint32_t)(i * s->points->n / n);
	trial.queries = sample;
	trial.n_queries = n;
	trial.knn = truth;
	pool_run(pool, n_parts(n), knn_exact_part, &trial);
	trial.knn = found;
	for (trial.n_probes = 4;; trial.n_probes = MIN(s->groups->n, trial.n_probes * 3 / 2)) {
		pool_run(pool, n_parts(n), knn_groups_part, &trial);
		*measured = recall(found, truth);
		if (*measured >= KNN_RECALL + 0.01 || trial.n_probes == s->groups->n)
			break;
	}
	free(sample);
	knn_free(truth);
	knn_free(found);
	return trial.n_probes;
}
