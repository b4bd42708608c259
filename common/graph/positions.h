/* positions.h - where cells are: rows of obsm, or two columns of obs, looked over before use.
 *
 *	struct positions p;
 *	if (positions_read(&p, in, "spatial", &err))        // or "obs:x,y"
 *		die_err(&err);
 *	radius_graph(&graph, &p, ...);
 *	free(p.at);
 *
 * What a distance cannot be taken of is an error that names the cell's row: NaN (a missing value in
 * obs is one), infinities, numbers whose squares a float could not hold.
 */
#ifndef GRAPH_POSITIONS_H
#define GRAPH_POSITIONS_H

#include "graph/radius.h"
#include "h5ad/h5ad.h"

/* A row of obsm 'name' per cell, as floats; the caller frees. */
int coordinates_read(float **points, size_t *n_dims, struct h5ad *in, const char *name,
		     struct err *err) MUST_USE;

/* 'key' is the name of an array of obsm with two or three columns, or "obs:COLUMN,COLUMN[,COLUMN]".
 */
int positions_read(struct positions *p, struct h5ad *in, const char *key, struct err *err) MUST_USE;

#endif
