/* knn_private.h - what the two searches of knn.h share, for their files alone.
 *
 * A search answers for some cells or all of them, a part of QUERIES_PER_PART at a time: exactly
 * (knn_exact.c), or among the groups whose centres are near (knn_groups.c).
 */
#ifndef GRAPH_KNN_PRIVATE_H
#define GRAPH_KNN_PRIVATE_H

#include "graph/knn.h"
#include "graph/nearest.h"

#define QUERIES_PER_PART ((size_t)256)
#define TILE ((size_t)1024) /* points compared with a part's cells at a time */
#define SPARE ((size_t)16)  /* candidates kept beyond k, for what single precision confuses */

struct points {
	const float *at; /* n x dims */
	float *squares;  /* of their lengths */
	size_t n, dims;
	const double *precise; /* the same in full, for knn_cross.h; NULL: 'at' is all there is */
};

/* Points by the centre they are nearest to. */
struct groups {
	size_t n;
	float *centres, *squares; /* n x dims; lengths */
	size_t *starts;           /* members of group g: members[starts[g]..starts[g + 1]) */
	uint32_t *members, *of_point;
	const struct points *points;
};

struct knn_search {
	const struct points *points;
	const struct points *asking; /* whose neighbours; 'points' itself for knn_find */
	struct knn *knn;
	double *precise;         /* where knn_cross wants its distances; else NULL */
	const uint32_t *queries; /* of 'asking' those to look for, NULL for all */
	size_t n_queries;
	double wanted_recall;        /* when the groups are chosen */
	const struct groups *groups; /* NULL: exact */
	size_t n_probes;
};

static inline size_t query_cell(const struct knn_search *s, size_t i)
{
	return s->queries ? s->queries[i] : i;
}

static inline size_t n_parts(size_t n_queries)
{
	return (n_queries + QUERIES_PER_PART - 1) / QUERIES_PER_PART;
}

struct knn *knn_new(size_t n_cells, size_t k);

float point_square(const float *x, size_t dims);

/* products[q][p] of queries and points */
void points_multiply(const float *queries, size_t n_queries, const float *points, size_t n_points,
		     size_t dims, float *products);

/* Among themselves the points leave each its own first neighbour. */
static inline bool searches_itself(const struct knn_search *s)
{
	return s->asking == s->points;
}

/* Measure the candidates again, in double, and keep the k nearest in row 'row' of the answer. */
void search_settle(const struct knn_search *s, size_t cell, size_t row, const struct nearest *h);

/* Offer n points from 'first' on (or the members listed), given their products with the query. */
void search_offer(const struct points *p, const uint32_t *members, size_t first, size_t n,
		  const float *products, struct nearest *h);

/* For pool_run: 'arg' is a struct knn_search. */
void knn_exact_part(void *arg, size_t part);
void knn_groups_part(void *arg, size_t part);

struct groups groups_of(const struct points *p, struct pool *pool);
void groups_release(struct groups *g);

/* How many groups to search, tried out on a sample; 'recall' is what was found of its neighbours.
 */
size_t groups_choose_probes(const struct knn_search *s, struct pool *pool, double *recall);

#endif
