/* knn_centres.c - an inverted file: cells grouped round centres, the means of their cells. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "graph/knn_private.h"

#define ROUNDS 8

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
	for (int round = 0; round < ROUNDS; round++) {
		pool_run(pool, n_parts(p->n), assign_part, &g);
		if (round + 1 < ROUNDS)
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
