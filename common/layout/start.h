/* start.h - where cells of a layout stand before they move.
 *
 * A layout keeps what its start says of the whole: so it starts from the two components that say
 * most, or from the two slowest waves of the graph itself, which is what its spectrum begins with.
 * Either way the cells fill a square of side 10, and no two stand in quite the same place.
 *
 *	float *at = start_from_points(pca, n_cells, n_dims, 0);
 *	float *at = start_from_graph(&graph, 0, pool);
 *
 * The caller frees. Same input and seed, same bytes, whatever the threads.
 */
#ifndef LAYOUT_START_H
#define LAYOUT_START_H

#include "base/pool.h"
#include "matrix/cells.h"

/* The first two of 'n_dims' coordinates, 2 or more. */
float *start_from_points(const double *points, size_t n_cells, size_t n_dims, uint64_t seed);

/*
 * Two vectors that the graph's random walk flattens least, found by so many steps of it
 * (START_STEPS), each kept free of the other and of the constant. 'graph' as in embed.h.
 */
#define START_STEPS 200
float *start_from_graph(const struct cells *graph, uint64_t seed, struct pool *pool);

#endif
