/* tissue.h - what a cell's surroundings do to its coordinates and to its neighbours.
 *
 * Two steps after radius.h: coordinates are smoothed over the tissue, and the graph of cells that
 * are alike is mixed with that of cells that are near, for domains of a tissue (overcluster).
 *
 *	tissue_diffuse(points, n_dims, &near, 0.6, 2, pool);       // half each cell's own, twice
 *	struct cells mixed = tissue_mix(&near, &alike, 0.5);
 *	cells_release(&mixed);
 *
 * Graphs are symmetric, cells x cells, rows rising. Same cells, same bytes, for any number of
 * threads. Nothing here fails.
 */
#ifndef GRAPH_TISSUE_H
#define GRAPH_TISSUE_H

#include "base/pool.h"
#include "matrix/cells.h"

/* "0.6:2": a share above 0, at most 1, and 1 to 1000 steps. False when it is something else. */
bool tissue_parse_diffuse(const char *text, double *share, size_t *steps);

/*
 * 'steps' times: a cell's coordinates become (1 - share) of their own and 'share' of the mean over
 * the cell, with weight 1, and its neighbours, with theirs. 'points' is cells x dims.
 */
void tissue_diffuse(float *points, size_t n_dims, const struct cells *near, double share,
		    size_t steps, struct pool *pool);

/*
 * Each graph's rows are scaled to sum to 1, added as 'share' of 'near' and 1 - share of 'alike',
 * and scaled to 1 again, so that a cell with neighbours in one graph only has all its weight there;
 * an edge's weight is then the mean of its two directions. The caller releases the result.
 */
struct cells tissue_mix(const struct cells *near, const struct cells *alike, double share);

/* Cells that no edge leads to. */
size_t tissue_alone(const struct cells *graph);

#endif
