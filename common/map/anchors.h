/* anchors.h - labels by pairs of cells that choose each other: Seurat's anchors.
 *
 * A cell of the reference and one of the query are an anchor when each is among the first five
 * neighbours of the other, in unit length. Its score is how many neighbours the two share. Every
 * query cell takes the labels of the anchors near it, by distance and score; how well it would
 * find back to its own neighbours through them is its mapping score.
 *
 *	struct anchor_sets sets = {reference, n_reference, query, n_query, dims, NULL, 0};
 *	struct anchors *a = anchors_find(&sets, pool, &err);
 *	anchors_weigh(a, &sets, 50, pool, &err);
 *	anchors_shares(a, label_of, n_labels, shares);
 *	anchors_map_score(a, &sets, pool, scores, &err);
 *	anchors_free(a);
 *
 * Anchors are in Seurat's order: by reference cell, then by its rank among the query cell's
 * neighbours, then the other way round. The order matters: weights stop after so many anchors.
 * Searches are exact, by blocked products; nothing of the size of anchors x genes is made.
 */
#ifndef MAP_ANCHORS_H
#define MAP_ANCHORS_H

#include "base/err.h"
#include "base/pool.h"

#define ANCHOR_CELLS ((size_t)31)     /* the fewest of either side */
#define ANCHOR_NEIGHBORS ((size_t)30) /* of either side, that are compared */
#define ANCHOR_WEIGHTS ((size_t)50)   /* anchors that vote on a cell */

/* Coordinates as projected, not of unit length. */
struct anchor_sets {
	const double *reference;
	size_t n_reference;
	const double *query;
	size_t n_query, dims;
	const uint32_t *neighbors; /* of the reference's cells in unit length, or NULL */
	size_t n_neighbors;        /* itself first; used when 30 or more */
};

struct anchors {
	size_t n;
	uint32_t *reference, *query; /* cells */
	uint32_t *shared;            /* neighbours */
	double *scores;              /* 0 to 1 */
	size_t n_anchored;           /* query cells in an anchor */
	double *distances;     /* n_query x ANCHOR_NEIGHBORS: to the reference, unit lengths */
	size_t n_query, width; /* of the weights: anchors per query cell */
	uint32_t *of;          /* n_query x width: anchors; UINT32_MAX behind the last */
	double *weights;       /* sum to 1, or all 0 */
};

/* NULL on failure: fewer than 31 cells on either side, no anchors. */
struct anchors *anchors_find(const struct anchor_sets *sets, struct pool *pool,
			     struct err *err) MUST_USE;
void anchors_free(struct anchors *a); /* NULL is fine */

/* Fill of and weights from 'k' anchored cells, or as many as there are. Returns how many. */
size_t anchors_weigh(struct anchors *a, const struct anchor_sets *sets, size_t k, struct pool *pool,
		     struct err *err) MUST_USE; /* 0 on failure */

/* n_query x n_labels: weights by the label of the anchor's reference cell (-1: none). */
void anchors_shares(const struct anchors *a, const int32_t *label_of, size_t n_labels,
		    double *shares);

/* Per query cell, 0 to 1: more is better. */
int anchors_map_score(const struct anchors *a, const struct anchor_sets *sets, struct pool *pool,
		      double *scores, struct err *err) MUST_USE;

#endif
