/* neighbors.h - a neighbour graph in an h5ad, as scanpy keeps its own.
 *
 *	neighbors_write(w, knn, FUZZY_SEARCHED, "X_pca", 50, err);
 */
#ifndef GRAPH_NEIGHBORS_H
#define GRAPH_NEIGHBORS_H

#include "graph/fuzzy.h"
#include "h5ad/writer.h"

/*
 * obsp/distances, obsp/connectivities (weights of fuzzy.h) and uns/neighbors, which tells how they
 * came to be: from 'n_dims' coordinates in obsm 'coordinates'.
 */
int neighbors_write(struct writer *w, const struct knn *knn, enum fuzzy_widths widths,
		    const char *coordinates, size_t n_dims, struct err *err) MUST_USE;

#endif
