/* knn_exact.c - every point compared with every cell, by blocked products of matrices. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "graph/knn_private.h"
#include "linalg/gemm.h"

#define RUN ((size_t)32) /* distances looked at together */

float point_square(const float *x, size_t dims)
{
	float sum = 0;

	for (size_t d = 0; d < dims; d++)
		sum += x[d] * x[d];
	return sum;
}

static double exact_distance(const float *a, const float *b, size_t dims)
{
	double sum = 0;

	for (size_t d = 0; d < dims; d++)
		sum += ((double)a[d] - (double)b[d]) * ((double)a[d] - (double)b[d]);
	return sum;
}

void points_multiply(const float *queries, size_t n_queries, const float *points, size_t n_points,
		     size_t dims, float *products)
{
	const struct gemm shape = {.m = n_queries, .n = n_points, .k = dims, .b_turned = true};

	gemm_float(shape, queries, dims, points, dims, products, n_points);
}

/* ---- a cell's answer ---- */

struct exact {
	double distance;
	uint32_t point;
};

static int by_distance(const void *a, const void *b)
{
	const struct exact *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->point < y->point ? -1 : x->point > y->point;
}

static double precise_distance(const double *a, const double *b, size_t dims)
{
	double sum = 0;

	for (size_t d = 0; d < dims; d++)
		sum += (a[d] - b[d]) * (a[d] - b[d]);
	return sum;
}

static double square_between(const struct knn_search *s, size_t cell, size_t other)
{
	const struct points *p = s->points;

	if (p->precise)
		return precise_distance(s->asking->precise + cell * p->dims,
					p->precise + other * p->dims, p->dims);
	return exact_distance(s->asking->at + cell * p->dims, p->at + other * p->dims, p->dims);
}

void search_settle(const struct knn_search *s, size_t cell, size_t row, const struct nearest *h)
{
	struct exact *list = mem_alloc(h->n + 1, sizeof(*list));
	size_t n = 0, k = s->knn->k, own = searches_itself(s);
	uint32_t *neighbors = s->knn->neighbors + row * k;
	float *distances = s->knn->distances + row * k;

	for (size_t i = 0; i < h->n; i++) {
		uint32_t other = h->heap[i].point;

		if (!own || other != cell)
			list[n++] = (struct exact){square_between(s, cell, other), other};
	}
	qsort(list, n, sizeof(*list), by_distance);
	if (own) {
		neighbors[0] = (uint32_t)cell;
		distances[0] = 0;
	}
	for (size_t i = own; i < k; i++) {
		neighbors[i] = list[i - own].point;
		distances[i] =
			sqrtf((float)list[i - own].distance); /* rounded twice, as scanpy's */
		if (s->precise)
			s->precise[row * k + i] = sqrt(list[i - own].distance);
	}
	free(list);
}

/* ---- search ---- */

/* Distances, less the query's own square, and the least of every RUN of them. */
CLONES static void run_minima(const float *squares, const float *products, float *distances,
			      float *least)
{
	for (size_t r = 0; r < TILE / RUN; r++) {
		float low = INFINITY;

		for (size_t i = r * RUN; i < (r + 1) * RUN; i++) {
			distances[i] = squares[i] - 2 * products[i];
			low = distances[i] < low ? distances[i] : low;
		}
		least[r] = low;
	}
}

static void offer_run(const float *distances, const uint32_t *members, size_t first, size_t n,
		      struct nearest *h)
{
	for (size_t i = 0; i < n; i++)
		if (h->n < h->room || distances[i] <= h->heap[0].distance)
			nearest_offer(h, (struct near_candidate){distances[i],
								 members ? members[i]
									 : (uint32_t)(first + i)});
}

void search_offer(const struct points *p, const uint32_t *members, size_t first, size_t n,
		  const float *products, struct nearest *h)
{
	float distances[TILE], least[TILE / RUN];

	if (!members && n == TILE) {
		run_minima(p->squares + first, products, distances, least);
		for (size_t r = 0; r < TILE / RUN; r++)
			if (h->n < h->room || least[r] <= h->heap[0].distance)
				offer_run(distances + r * RUN, NULL, first + r * RUN, RUN, h);
		return;
	}
	for (size_t i = 0; i < n; i++)
		distances[i] = p->squares[members ? members[i] : first + i] - 2 * products[i];
	offer_run(distances, members, first, n, h);
}

void knn_exact_part(void *arg, size_t part)
{
	const struct knn_search *s = arg;
	const struct points *p = s->points;
	size_t from = part * QUERIES_PER_PART, n = MIN(QUERIES_PER_PART, s->n_queries - from);
	size_t room = s->knn->k + SPARE;
	struct near_candidate *heaps = mem_alloc(n * room, sizeof(*heaps));
	struct nearest *nearest = mem_alloc(n, sizeof(*nearest));
	float *products = mem_alloc(n * TILE, sizeof(*products));
	float *queries = mem_alloc(n * p->dims, sizeof(*queries));

	for (size_t q = 0; q < n; q++) {
		nearest[q] = (struct nearest){heaps + q * room, 0, room};
		memcpy(queries + q * p->dims, s->asking->at + query_cell(s, from + q) * p->dims,
		       p->dims * sizeof(*queries));
	}
	for (size_t first = 0; first < p->n; first += TILE) {
		size_t width = MIN(TILE, p->n - first);

		points_multiply(queries, n, p->at + first * p->dims, width, p->dims, products);
		for (size_t q = 0; q < n; q++)
			search_offer(p, NULL, first, width, products + q * width, &nearest[q]);
	}
	for (size_t q = 0; q < n; q++)
		search_settle(s, query_cell(s, from + q), from + q, &nearest[q]);
	free(heaps);
	free(nearest);
	free(products);
	free(queries);
}
