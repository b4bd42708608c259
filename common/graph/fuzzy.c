/* fuzzy.c - see fuzzy.h. */
#include "base/util.h"

#include <math.h>

#include "graph/fuzzy.h"

#define ROUNDS 64
#define CLOSE_ENOUGH 1e-5
#define MIN_WIDTH 1e-3 /* of the mean distance: cells with many twins get a width all the same */

struct edge {
	uint32_t to;
	float weight;
};

static int by_target(const void *a, const void *b)
{
	uint32_t x = ((const struct edge *)a)->to, y = ((const struct edge *)b)->to;

	return x < y ? -1 : x > y;
}

/* ---- memberships ---- */

static double mean_of(const float *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i];
	return sum / (double)n;
}

/* The distance to the nearest cell that is not in the same place, 0 when there is none. */
static float nearest_other(const float *distances, size_t k)
{
	for (size_t i = 0; i < k; i++)
		if (distances[i] > 0)
			return distances[i];
	return 0;
}

static float membership(float distance, float nearest, float width)
{
	float beyond = distance - nearest;

	return beyond > 0 ? expf(-(beyond / width)) : 1;
}

/*
 * By halving: the width at which a cell's memberships sum to log2(k). In single precision, step by
 * step as umap-learn does it, because a weight's last bit can move a cluster.
 */
static float find_width(const float *distances, size_t k, float nearest, enum fuzzy_widths widths)
{
	float low = 0, high = INFINITY, width = 1;
	double wanted = log2((double)k);

	for (int round = 0; round < ROUNDS; round++) {
		float sum = 0;

		for (size_t i = 1; i < k; i++)
			sum += membership(distances[i], nearest, width);
		if (fabs((double)sum - wanted) < CLOSE_ENOUGH)
			break;
		if ((double)sum > wanted)
			high = width;
		else if (widths == FUZZY_UNBOUNDED && isinf(high))
			return INFINITY;
		else
			low = width;
		width = isinf(high) ? width * 2 : (low + high) / 2;
	}
	return width;
}

/* Cell by cell, k - 1 edges each, by target. */
static struct edge *memberships(const struct knn *knn, enum fuzzy_widths widths)
{
	size_t k = knn->k;
	struct edge *edges = mem_alloc(mem_product(knn->n_cells, k - 1), sizeof(*edges));
	double mean_all = mean_of(knn->distances, knn->n_cells * k);

	for (size_t cell = 0; cell < knn->n_cells; cell++) {
		const float *distances = knn->distances + cell * k;
		struct edge *mine = edges + cell * (k - 1);
		float nearest = nearest_other(distances, k);
		double floor = MIN_WIDTH * (nearest > 0 ? mean_of(distances, k) : mean_all);
		float width = fmaxf(find_width(distances, k, nearest, widths), (float)floor);

		for (size_t i = 1; i < k; i++)
			mine[i - 1] = (struct edge){knn->neighbors[cell * k + i],
						    membership(distances[i], nearest, width)};
		qsort(mine, k - 1, sizeof(*mine), by_target);
	}
	return edges;
}

/* ---- graphs as matrices ---- */

static struct cells square_matrix(size_t n_cells, size_t n_stored)
{
	struct cells m = {0};

	cells_reserve(&m, n_cells, n_stored);
	m.n_cells = m.n_genes = n_cells;
	m.starts[0] = 0;
	return m;
}

struct cells fuzzy_distances(const struct knn *knn)
{
	size_t k = knn->k;
	struct cells m = square_matrix(knn->n_cells, knn->n_cells * (k - 1));
	struct edge *edges = mem_alloc(k, sizeof(*edges));

	for (size_t cell = 0; cell < knn->n_cells; cell++) {
		size_t at = m.starts[cell];

		for (size_t i = 1; i < k; i++)
			edges[i - 1] = (struct edge){knn->neighbors[cell * k + i],
						     knn->distances[cell * k + i]};
		qsort(edges, k - 1, sizeof(*edges), by_target);
		for (size_t i = 0; i + 1 < k; i++, at++) {
			m.genes[at] = edges[i].to;
			m.values[at] = edges[i].weight;
		}
		m.starts[cell + 1] = at;
	}
	free(edges);
	return m;
}

/* The same edges seen from their targets: row starts, and by row the sources in rising order. */
static struct edge *turn_round(const struct edge *edges, size_t n_cells, size_t per_cell,
			       size_t **starts)
{
	size_t n = n_cells * per_cell;
	struct edge *turned = mem_alloc(n, sizeof(*turned));

	MEM_ZERO(*starts, n_cells + 2);
	for (size_t i = 0; i < n; i++)
		(*starts)[edges[i].to + 2]++;
	for (size_t cell = 2; cell < n_cells + 2; cell++)
		(*starts)[cell] += (*starts)[cell - 1];
	for (size_t i = 0; i < n; i++)
		turned[(*starts)[edges[i].to + 1]++] =
			(struct edge){(uint32_t)(i / per_cell), edges[i].weight};
	return turned;
}

static void put(struct cells *m, size_t *at, uint32_t to, float weight)
{
	if (weight == 0)
		return; /* a membership too small for a float: no edge */
	m->genes[*at] = to;
	m->values[(*at)++] = weight;
}

/* Merge what a cell sees with what sees it, both by rising cell. */
static void join_row(struct cells *m, size_t *at, const struct edge *mine, size_t n,
		     const struct edge *theirs, size_t n_theirs)
{
	size_t i = 0, j = 0;

	while (i < n || j < n_theirs) {
		if (j == n_theirs || (i < n && mine[i].to < theirs[j].to)) {
			put(m, at, mine[i].to, mine[i].weight);
			i++;
		} else if (i == n || theirs[j].to < mine[i].to) {
			put(m, at, theirs[j].to, theirs[j].weight);
			j++;
		} else {
			float a = mine[i].weight, b = theirs[j].weight;

			put(m, at, mine[i].to, a + b - a * b);
			i++, j++;
		}
	}
}

struct cells fuzzy_connectivities(const struct knn *knn, enum fuzzy_widths widths)
{
	size_t per_cell = knn->k - 1, at = 0;
	struct cells m = square_matrix(knn->n_cells, 2 * knn->n_cells * per_cell);
	struct edge *edges = memberships(knn, widths);
	size_t *starts;
	struct edge *turned = turn_round(edges, knn->n_cells, per_cell, &starts);

	for (size_t cell = 0; cell < knn->n_cells; cell++) {
		join_row(&m, &at, edges + cell * per_cell, per_cell, turned + starts[cell],
			 starts[cell + 1] - starts[cell]);
		m.starts[cell + 1] = at;
	}
	free(edges);
	free(turned);
	free(starts);
	return m;
}
