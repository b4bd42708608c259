/* knn_exact.c - every point compared with every cell, by blocked products of matrices. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "graph/knn_private.h"
#include "linalg/gemm.h"

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

void knn_settle(const struct points *p, size_t cell, const struct nearest *h, size_t k,
		uint32_t *neighbors, float *distances)
{
	struct exact *list = mem_alloc(h->n + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		uint32_t other = h->heap[i].point;

		if (other != cell)
			list[n++] = (struct exact){exact_distance(p->at + cell * p->dims,
								  p->at + other * p->dims, p->dims),
						   other};
	}
	qsort(list, n, sizeof(*list), by_distance);
	neighbors[0] = (uint32_t)cell;
	distances[0] = 0;
	for (size_t i = 1; i < k; i++) {
		neighbors[i] = list[i - 1].point;
		distances[i] = sqrtf((float)list[i - 1].distance); /* rounded twice, as scanpy's */
	}
	free(list);
}

/* ---- search ---- */

static void offer_tile(const struct points *p, size_t cell, const float *products, size_t first,
		       size_t n, struct nearest *h)
{
	for (size_t i = 0; i < n; i++) {
		float d = p->squares[cell] + p->squares[first + i] - 2 * products[i];

		if (h->n < h->room || d <= h->heap[0].distance)
			nearest_offer(h, (struct near_candidate){d, (uint32_t)(first + i)});
	}
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
		memcpy(queries + q * p->dims, p->at + query_cell(s, from + q) * p->dims,
		       p->dims * sizeof(*queries));
	}
	for (size_t first = 0; first < p->n; first += TILE) {
		size_t width = MIN(TILE, p->n - first);

		points_multiply(queries, n, p->at + first * p->dims, width, p->dims, products);
		for (size_t q = 0; q < n; q++)
			offer_tile(p, query_cell(s, from + q), products + q * width, first, width,
				   &nearest[q]);
	}
	for (size_t q = 0; q < n; q++)
		knn_settle(p, query_cell(s, from + q), &nearest[q], s->knn->k,
			   s->knn->neighbors + (from + q) * s->knn->k,
			   s->knn->distances + (from + q) * s->knn->k);
	free(heaps);
	free(nearest);
	free(products);
	free(queries);
}
