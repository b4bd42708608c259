/* voters.c - see voters.h. */
#include "base/util.h"

#include "map/voters.h"

#define ANCHORS_UP_TO ((size_t)300000) /* cells of the atlas, unless they are asked for */

static int check_cells(const struct atlas *a, struct err *err)
{
	return a->n ? 0
		    : err_refuse(err, "the reference has no cells (it was made with --no-cells): "
				      "--by profiles");
}

const char *voters_road(const struct atlas *a, size_t n, const char *by, bool for_cells,
			bool *too_few)
{
	bool by_itself = str_eq(by, "auto");

	*too_few = false;
	if (by_itself && !a->n)
		return "profiles";
	if (by_itself && (for_cells || a->n > ANCHORS_UP_TO || a->n < ANCHOR_CELLS))
		return "cells";
	if ((!by_itself && !str_eq(by, "anchors")) || n >= ANCHOR_CELLS)
		return by_itself ? "anchors" : by;
	*too_few = true;
	return "cells";
}

int voters_by_cells(struct voters *v, const struct atlas *a, const struct vote_query *q,
		    struct pool *pool, struct err *err)
{
	if (check_cells(a, err))
		return -1;
	if (a->n < q->k)
		return err_refuse(err, "the reference's %zu cells are fewer than --neighbors %zu",
				  a->n, q->k);
	v->found = knn_cross_find(q->points, q->n, a->points, a->n, a->dims, q->k, q->exact_cells,
				  pool, err);
	return v->found ? 0 : -1;
}

int voters_by_anchors(struct voters *v, const struct atlas *a, const struct vote_query *q,
		      struct pool *pool, struct err *err)
{
	const struct reference *ref = q->projected ? a->ref : NULL;
	struct anchor_sets sets = {a->points, a->n, q->points, q->n, a->dims, NULL, 0};

	if (check_cells(a, err))
		return -1;
	if (ref)
		sets.reference = ref->pca;
	if (ref && ref->pca == ref->corrected) {
		sets.neighbors = ref->neighbors;
		sets.n_neighbors = ref->n_neighbors;
	}
	v->anchors = anchors_find(&sets, pool, err);
	v->n_weighed = v->anchors ? anchors_weigh(v->anchors, &sets, ANCHOR_WEIGHTS, pool, err) : 0;
	if (!v->n_weighed)
		return -1;
	MEM_ARRAY(v->map_scores, q->n + 1);
	return anchors_map_score(v->anchors, &sets, pool, v->map_scores, err);
}

void voters_release(struct voters *v)
{
	knn_cross_free(v->found);
	anchors_free(v->anchors);
	free(v->map_scores);
	*v = (struct voters){0};
}
