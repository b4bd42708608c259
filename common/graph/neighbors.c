/* neighbors.c - see neighbors.h. */
#include "base/util.h"

#include "graph/neighbors.h"

static int write_graph(struct writer *w, const struct knn *knn, enum fuzzy_widths widths,
		       struct err *err)
{
	struct cells distances = fuzzy_distances(knn);
	struct cells connectivities = fuzzy_connectivities(knn, widths);
	int ret = -1;

	if (writer_sparse(w, "obsp/distances", &distances, knn->n_cells, err) == 0 &&
	    writer_sparse(w, "obsp/connectivities", &connectivities, knn->n_cells, err) == 0)
		ret = 0;
	cells_release(&distances);
	cells_release(&connectivities);
	return ret;
}

int neighbors_write(struct writer *w, const struct knn *knn, enum fuzzy_widths widths,
		    const char *coordinates, size_t n_dims, struct err *err)
{
	if (write_graph(w, knn, widths, err) ||
	    writer_text(w, "uns/neighbors/connectivities_key", "connectivities", err) ||
	    writer_text(w, "uns/neighbors/distances_key", "distances", err) ||
	    writer_text(w, "uns/neighbors/params/method", "umap", err) ||
	    writer_text(w, "uns/neighbors/params/metric", "euclidean", err) ||
	    writer_text(w, "uns/neighbors/params/use_rep", coordinates, err) ||
	    writer_number(w, "uns/neighbors/params/random_state", 0, true, err) ||
	    writer_number(w, "uns/neighbors/params/n_pcs", (double)n_dims, true, err))
		return -1;
	return writer_number(w, "uns/neighbors/params/n_neighbors", (double)knn->k, true, err);
}
