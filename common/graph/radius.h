/* radius.h - the graph of cells that lie near each other in a tissue.
 *
 * Two cells are joined when their positions are at most the largest radius apart; the edge's weight
 * is the largest of those whose radius still reaches: "20:2.5,80:1" joins cells in contact by 2.5
 * and others within 80 by 1, in the units of the positions.
 *
 *	struct radii radii;
 *	struct cells graph = {0};
 *	if (radii_parse(&radii, "20:2.5,80:1", &err) ||
 *	    radius_graph(&graph, &where, &radii, RADIUS_MOST_EDGES, pool, &err))
 *		die_err(&err);
 *	cells_release(&graph);
 *
 * Positions go into buckets as wide as the largest radius, so that a cell is compared with those of
 * its own and the adjoining buckets alone: time follows the number of edges. The graph is symmetric
 * to the bit, without loops; cells in the same place are neighbours. The same for any number of
 * threads. Memory is 8 bytes an edge, and each pair has two.
 */
#ifndef GRAPH_RADIUS_H
#define GRAPH_RADIUS_H

#include "base/err.h"
#include "base/pool.h"
#include "matrix/cells.h"

#define RADII_MOST ((size_t)8)
#define RADIUS_MOST_EDGES ((size_t)100000000)

struct radii {
	double radius[RADII_MOST], weight[RADII_MOST]; /* by rising radius */
	size_t n;
};

/* "R:W,R:W,..."; a radius without a weight has 1. Both are above 0. */
int radii_parse(struct radii *r, const char *text, struct err *err) MUST_USE;

struct positions {
	double *at; /* n x dims, finite */
	size_t n, dims;
};

/*
 * Fill 'graph', n x n. More than 'most' edges are refused with how many there would be: what is too
 * much to make is not made to be counted, but estimated from a sample. Fails when all cells are in
 * one place.
 */
int radius_graph(struct cells *graph, const struct positions *p, const struct radii *radii,
		 size_t most, struct pool *pool, struct err *err) MUST_USE;

#endif
