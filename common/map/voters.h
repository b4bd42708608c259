/* voters.h - who of an atlas votes on a query's cells: each cell's neighbours, or its anchors.
 *
 *	const char *by = voters_road(atlas, n, "auto", false, &too_few);      // "anchors"
 *	struct voters v = {0};
 *	struct vote_query q = {points, n, ref-map's, 15, 500000};
 *	if (voters_by_cells(&v, atlas, &q, pool, &err))         // fills v.found
 *		die_err(&err);
 *	if (voters_by_anchors(&v, atlas, &q, pool, &err))       // fills v.anchors and the rest
 *		die_err(&err);
 *	voters_release(&v);
 *
 * The same voters serve every column of labels.
 */
#ifndef MAP_VOTERS_H
#define MAP_VOTERS_H

#include "graph/knn_cross.h"
#include "map/anchors.h"
#include "map/atlas.h"

struct vote_query {
	const double *points; /* n x the atlas's dims */
	size_t n;
	bool projected;        /* as ref-map projects: anchors are sought before any correction */
	size_t k, exact_cells; /* of the neighbours: see graph/knn_cross.h */
};

struct voters {
	struct knn_cross *found;
	struct anchors *anchors;
	double *map_scores; /* per cell of the query, with anchors */
	size_t n_weighed;   /* anchored cells that vote on a cell; below ANCHOR_WEIGHTS: few */
};

/*
 * Who is to be asked on 'n' cells: "cells", "anchors", or "profiles" where the atlas has no cells.
 * With 'by' "auto" anchors where they can be found in good time and nothing is 'for_cells' (options
 * that only neighbours hear); else what 'by' says. Anchors take ANCHOR_CELLS cells: of fewer, cells
 * are asked, and 'too_few' tells where that was not what was wanted.
 */
const char *voters_road(const struct atlas *a, size_t n, const char *by, bool for_cells,
			bool *too_few);

/* Refuse an atlas without cells, or with fewer than vote. -1 on failure. */
int voters_by_cells(struct voters *v, const struct atlas *a, const struct vote_query *q,
		    struct pool *pool, struct err *err) MUST_USE;
int voters_by_anchors(struct voters *v, const struct atlas *a, const struct vote_query *q,
		      struct pool *pool, struct err *err) MUST_USE;
void voters_release(struct voters *v);

#endif
