/* fuzzy.h - neighbours as a weighted graph, the way UMAP weighs them.
 *
 * Each cell's distances become memberships exp(-(d - nearest) / width), the width chosen so that
 * they sum to log2(k); two cells' views of each other, a and b, are joined as a + b - ab. The graph
 * is symmetric.
 *
 *	struct cells graph = fuzzy_connectivities(knn, FUZZY_SEARCHED);
 *	use(&graph);
 *	cells_release(&graph);
 */
#ifndef GRAPH_FUZZY_H
#define GRAPH_FUZZY_H

#include "graph/knn.h"
#include "matrix/cells.h"

/* The distances to the k - 1 neighbours, without the cell itself: cells x cells by row. */
struct cells fuzzy_distances(const struct knn *knn);

/* What becomes of a cell whose width would be above 1: its neighbours are not near each other. */
enum fuzzy_widths {
	FUZZY_SEARCHED,  /* the width, as UMAP's authors describe it */
	FUZZY_UNBOUNDED, /* an infinite one, so that its memberships are 1: see knn-graph(1) */
};

/* The joined memberships, cells x cells by row. */
struct cells fuzzy_connectivities(const struct knn *knn, enum fuzzy_widths widths);

#endif
