/* graph_read.h - a neighbour graph of an h5ad, whole in memory and checked.
 *
 *	struct cells graph = {0};
 *	if (graph_read(in, "connectivities", &graph, pool, &err))
 *		die_err(&err);
 *	use(graph.genes[graph.starts[cell]]);     // cell's first neighbour
 *	cells_release(&graph);
 *
 * One block of all cells: row i holds the neighbours of cell i, rising. Symmetric, and no weight
 * is negative. Memory is 8 bytes an edge and end, 8 a cell.
 */
#ifndef GRAPH_GRAPH_READ_H
#define GRAPH_GRAPH_READ_H

#include "h5ad/h5ad.h"

/*
 * Fill 'graph', a zeroed block that the caller releases in any case. An error names the file, and
 * says which filter makes a graph when there is none of that name.
 */
int graph_read(struct h5ad *in, const char *name, struct cells *graph, struct pool *pool,
	       struct err *err) MUST_USE;

/* Symmetric, without negative weights? Else an error names two cells by number. */
int graph_check(const struct cells *graph, const char *path, struct err *err) MUST_USE;

#endif
