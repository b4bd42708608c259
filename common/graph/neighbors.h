/* neighbors.h - a neighbour graph in an h5ad, as scanpy keeps its own.
 *
 *	struct neighbors_sought sought = {points, n_cells, 50, 10, KNN_EXACT_CELLS};
 *	struct neighbors made = {.widths = FUZZY_SEARCHED, .from = "X_pca", .n_dims = 50};
 *	neighbors_leave_out_old(w, in, true);
 *	made.knn = neighbors_find(w, in, &sought, pool, err);
 *	neighbors_write(w, &made, err);
 *
 * obsp/distances and obsp/connectivities (weights of fuzzy.h), and uns/neighbors, which tells how
 * they came to be. With positions, connectivities are mixed with the graph of cells that lie near
 * (tissue.h), which is written as obsp/spatial_connectivities as well, squidpy's name for it.
 */
#ifndef GRAPH_NEIGHBORS_H
#define GRAPH_NEIGHBORS_H

#include "graph/fuzzy.h"
#include "h5ad/writer.h"

struct neighbors {
	const struct knn *knn;
	enum fuzzy_widths widths;
	const char *from; /* the coordinates in obsm */
	size_t n_dims;
	const struct cells *near; /* the graph of cells that lie near, or NULL */
	double mix;               /* its share */
};

/* What knn_find (graph/knn.h) is asked. */
struct neighbors_sought {
	const float *points;
	size_t n_cells, n_dims, k, exact_cells;
};

/*
 * The neighbours; and while they are looked for, the matrices of 'in', which take long to copy, are
 * carried into 'w'. The caller frees the result (knn_free). NULL with 'err'.
 */
struct knn *neighbors_find(struct writer *w, struct h5ad *in, const struct neighbors_sought *sought,
			   struct pool *pool, struct err *err) MUST_USE;

int neighbors_write(struct writer *w, const struct neighbors *made, struct err *err) MUST_USE;

/*
 * Do not carry what was made from another graph (layouts, clusters), or, where the components are
 * new, from others (varm/PCs, uns/pca). Returns the name of a layout that the file has and that is
 * left out, or NULL.
 */
const char *neighbors_leave_out_old(struct writer *w, const struct h5ad *in, bool new_components);

#endif
