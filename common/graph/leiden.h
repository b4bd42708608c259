/* leiden.h - communities of a weighted graph, by igraph's Leiden algorithm.
 *
 * The only file that sees igraph, which is GPL: what links it is under the GPL. Modularity with a
 * resolution, two iterations, as CellTypist has scanpy run it: with its edges in its order and its
 * random numbers, so that the same graph and seed give the same communities.
 *
 *	size_t n = leiden(&graph, leiden_resolution(graph.n_cells), 0, community, &err);
 *	if (!n)
 *		die_err(&err);
 */
#ifndef GRAPH_LEIDEN_H
#define GRAPH_LEIDEN_H

#include "base/err.h"
#include "matrix/cells.h"

/*
 * 'graph' is cells x cells, symmetric, weights above 0 (graph_check in graph_read.h). Fills the
 * community of every cell; communities are numbered by falling size, then by their first cell.
 * Returns how many, or 0 with 'err' filled.
 */
size_t leiden(const struct cells *graph, double resolution, uint32_t seed, uint32_t *community,
	      struct err *err) MUST_USE;

/* CellTypist's resolution for over-clustering so many cells. */
double leiden_resolution(size_t n_cells);

#endif
