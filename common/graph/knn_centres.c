/* knn_centres.c - an inverted file: cells grouped round centres, the means of their cells. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "graph/knn_private.h"

#define ROUNDS 8
#define LEARN ((size_t)64) /* points a group that its centre is learnt from, at most */

/* Which centre each point is nearest to; 'of' is freed by the caller. */
static uint32_t *assign(const struct groups *g, const struct points *p, struct pool *pool)
{
	struct panels panels = points_panels(&g->centres);
	struct knn *nearest = knn_new(p->n, 1);
	struct knn_search s = {.points = &g->centres,
			       .asking = p,
			       .panels = &panels,
			       .knn = nearest,
			       .n_queries = p->n};
	uint32_t *of = nearest->neighbors;

	search_exactly(&s, pool);
	nearest->neighbors = NULL;
	knn_free(nearest);
	panels_release(&panels);
	return of;
}

/* Centres become the means of their points; a group that is empty keeps its centre. */
static void move_centres(struct groups *g, const struct points *p, const uint32_t *of)
{
	size_t dims = p->dims;
	double *sums = mem_zero(mem_product(g->n, dims), sizeof(*sums));
	double *row = mem_alloc(dims + 1, sizeof(*row));
	size_t *counts = mem_zero(g->n, sizeof(*counts));

	for (size_t i = 0; i < p->n; i++) {
		points_row(p, i, row);
		counts[of[i]]++;
		for (size_t d = 0; d < dims; d++)
			sums[of[i] * dims + d] += row[d];
	}
	for (size_t c = 0; c < g->n; c++)
		for (size_t d = 0; d < dims && counts[c]; d++)
			g->at[c * dims + d] = sums[c * dims + d] / (double)counts[c] / p->scale;
	free(row);
	free(sums);
	free(counts);
}

static void list_members(struct groups *g, const struct points *p, const uint32_t *of)
{
	MEM_ZERO(g->starts, g->n + 2);
	MEM_ARRAY(g->members, p->n);
	for (size_t i = 0; i < p->n; i++)
		g->starts[of[i] + 2]++;
	for (size_t c = 2; c < g->n + 2; c++)
		g->starts[c] += g->starts[c - 1];
	for (size_t i = 0; i < p->n; i++)
		g->members[g->starts[of[i] + 1]++] = (uint32_t)i;
}

/* Every group begins a panel. */
static void lay_out(struct groups *g, const struct points *p)
{
	double *row = mem_alloc(p->dims + 1, sizeof(*row));

	MEM_ZERO(g->panel_starts, g->n + 1);
	for (size_t c = 0; c < g->n; c++)
		g->panel_starts[c + 1] =
			g->panel_starts[c] + (g->starts[c + 1] - g->starts[c] + PANEL - 1) / PANEL;
	g->panels = panels_new(g->panel_starts[g->n], p->dims);
	for (size_t c = 0; c < g->n; c++)
		for (size_t i = g->starts[c]; i < g->starts[c + 1]; i++) {
			points_row(p, g->members[i], row);
			panels_put(&g->panels, g->panel_starts[c] * PANEL + i - g->starts[c],
				   g->members[i], row);
		}
	free(row);
	g->centre_panels = points_panels(&g->centres);
}

/* Points evenly from all, a copy in double; all of them when they are few. */
static struct points choose_points(const struct points *p, size_t n_groups, double **copy)
{
	struct points some = *p;

	*copy = NULL;
	if (p->n <= LEARN * n_groups)
		return some;
	some.n = LEARN * n_groups;
	some.at = NULL;
	some.precise = *copy = mem_alloc(mem_product(some.n, p->dims), sizeof(**copy));
	for (size_t i = 0; i < some.n; i++) {
		size_t from = (size_t)((double)i * (double)p->n / (double)some.n);

		points_row(p, from, *copy + i * p->dims);
		for (size_t d = 0; d < p->dims; d++)
			(*copy)[i * p->dims + d] /= p->scale;
	}
	return some;
}

struct groups groups_of(const struct points *p, struct pool *pool)
{
	struct groups g = {.n = (size_t)sqrt((double)p->n) + 1};
	struct rng rng = rng_seeded(42);
	double *copy, *row = mem_alloc(p->dims + 1, sizeof(*row));
	struct points some = choose_points(p, g.n, &copy);
	uint32_t *of;

	g.at = mem_alloc(mem_product(g.n, p->dims), sizeof(*g.at));
	g.centres = (struct points){.precise = g.at, .n = g.n, .dims = p->dims, .scale = p->scale};
	for (size_t c = 0; c < g.n; c++) {
		points_row(p, rng_below(&rng, p->n), row);
		for (size_t d = 0; d < p->dims; d++)
			g.at[c * p->dims + d] = row[d] / p->scale;
	}
	for (int round = 1; round < ROUNDS; round++) {
		of = assign(&g, &some, pool);
		move_centres(&g, &some, of);
		free(of);
	}
	of = assign(&g, p, pool);
	list_members(&g, p, of);
	lay_out(&g, p);
	free(of);
	free(copy);
	free(row);
	return g;
}

void groups_release(struct groups *g)
{
	free(g->at);
	panels_release(&g->centre_panels);
	panels_release(&g->panels);
	free(g->panel_starts);
	free(g->starts);
	free(g->members);
}
