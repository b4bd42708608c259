/* knn_centres.c - an inverted file: cells grouped round centres, the means of their cells. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "graph/knn_private.h"

#define ROUNDS 8
#define LANES ((size_t)8)
#define LEARN ((size_t)64) /* points a group that its centre is learnt from, at most */

/* Eight at a time, which compilers make one; of equals the first. */
CLONES static uint32_t nearest_centre(const struct groups *g, const float *products,
				      float *distances)
{
	float least[LANES], low = INFINITY;
	size_t whole = g->n / LANES * LANES;
	uint32_t best = 0;

	for (size_t j = 0; j < LANES; j++)
		least[j] = INFINITY;
	for (size_t c = 0; c < whole; c += LANES)
		for (size_t j = 0; j < LANES; j++) {
			float d = g->squares[c + j] - 2 * products[c + j];

			distances[c + j] = d;
			least[j] = d < least[j] ? d : least[j];
		}
	for (size_t c = whole; c < g->n; c++) {
		distances[c] = g->squares[c] - 2 * products[c];
		low = distances[c] < low ? distances[c] : low;
	}
	for (size_t j = 0; j < LANES; j++)
		low = least[j] < low ? least[j] : low;
	while (best + 1 < g->n && distances[best] != low)
		best++;
	return best;
}

static void assign_part(void *arg, size_t part)
{
	struct groups *g = arg;
	const struct points *p = g->points;
	size_t from = part * QUERIES_PER_PART, n = MIN(QUERIES_PER_PART, p->n - from);
	float *products = mem_alloc((n + 1) * g->n, sizeof(*products));

	points_multiply(p->at + from * p->dims, n, g->centres, g->n, p->dims, products);
	for (size_t i = 0; i < n; i++)
		g->of_point[from + i] = nearest_centre(g, products + i * g->n, products + n * g->n);
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

/* Points evenly from all, a copy; all of them when they are few. */
static struct points choose_points(const struct points *p, const struct groups *g)
{
	struct points some = *p;
	float *at;

	if (p->n <= LEARN * g->n)
		return some;
	some.n = LEARN * g->n;
	at = mem_alloc(mem_product(some.n, p->dims), sizeof(*at));
	for (size_t i = 0; i < some.n; i++) {
		size_t from = (size_t)((double)i * (double)p->n / (double)some.n);

		memcpy(at + i * p->dims, p->at + from * p->dims, p->dims * sizeof(*at));
	}
	some.at = at;
	return some;
}

struct groups groups_of(const struct points *p, struct pool *pool)
{
	struct groups g = {.n = (size_t)sqrt((double)p->n) + 1, .points = p};
	struct rng rng = rng_seeded(42);
	struct points some;

	g.centres = mem_alloc(mem_product(g.n, p->dims), sizeof(*g.centres));
	MEM_ARRAY(g.squares, g.n);
	MEM_ARRAY(g.of_point, p->n);
	for (size_t c = 0; c < g.n; c++) {
		const float *point = p->at + rng_below(&rng, p->n) * p->dims;

		memcpy(g.centres + c * p->dims, point, p->dims * sizeof(*point));
		g.squares[c] = point_square(point, p->dims);
	}
	some = choose_points(p, &g);
	g.points = &some;
	for (int round = 1; round < ROUNDS; round++) {
		pool_run(pool, n_parts(some.n), assign_part, &g);
		move_centres(&g);
	}
	g.points = p;
	if (some.at != p->at)
		free((void *)some.at);
	pool_run(pool, n_parts(p->n), assign_part, &g);
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
