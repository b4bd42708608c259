/* neighbors.c - see neighbors.h. */
#include "base/util.h"

#include "graph/neighbors.h"
#include "graph/tissue.h"

struct finding {
	const struct neighbors_sought *sought;
	struct pool *pool;
	struct knn *found;
	struct err err;
};

static void find(void *arg, size_t part UNUSED)
{
	struct finding *f = arg;
	const struct neighbors_sought *s = f->sought;

	f->found =
		knn_find(s->points, s->n_cells, s->n_dims, s->k, s->exact_cells, f->pool, &f->err);
}

struct knn *neighbors_find(struct writer *w, struct h5ad *in, const struct neighbors_sought *sought,
			   struct pool *pool, struct err *err)
{
	struct finding f = {.sought = sought, .pool = pool, .err = ERR_INIT};
	struct pool_job *job = pool_start(pool, 1, find, &f);
	int failed = writer_carry(w, in, "X", err) || writer_carry(w, in, "raw/X", err) ||
		     writer_carry(w, in, "layers", err);

	pool_wait(pool, job);
	if (!failed && f.found)
		return f.found;
	if (!failed)
		*err = f.err;
	knn_free(f.found);
	return NULL;
}

/* The weights that clusters are made of: alike, or alike and near. */
static int write_weights(struct writer *w, const struct neighbors *made, struct err *err)
{
	struct cells alike = fuzzy_connectivities(made->knn, made->widths), mixed = {0};
	int ret;

	if (made->near)
		mixed = tissue_mix(made->near, &alike, made->mix);
	ret = writer_sparse(w, "obsp/connectivities", made->near ? &mixed : &alike,
			    made->knn->n_cells, err);
	cells_release(&alike);
	cells_release(&mixed);
	return ret;
}

static int write_graphs(struct writer *w, const struct neighbors *made, struct err *err)
{
	struct cells distances = fuzzy_distances(made->knn);
	int ret = writer_sparse(w, "obsp/distances", &distances, made->knn->n_cells, err);

	cells_release(&distances);
	if (ret || write_weights(w, made, err))
		return -1;
	return made->near ? writer_sparse(w, "obsp/spatial_connectivities", made->near,
					  made->knn->n_cells, err)
			  : 0;
}

int neighbors_write(struct writer *w, const struct neighbors *made, struct err *err)
{
	if (write_graphs(w, made, err) ||
	    writer_text(w, "uns/neighbors/connectivities_key", "connectivities", err) ||
	    writer_text(w, "uns/neighbors/distances_key", "distances", err) ||
	    writer_text(w, "uns/neighbors/params/method", "umap", err) ||
	    writer_text(w, "uns/neighbors/params/metric", "euclidean", err) ||
	    writer_text(w, "uns/neighbors/params/use_rep", made->from, err) ||
	    writer_number(w, "uns/neighbors/params/random_state", 0, true, err) ||
	    writer_number(w, "uns/neighbors/params/n_pcs", (double)made->n_dims, true, err))
		return -1;
	if (made->near &&
	    writer_number(w, "uns/neighbors/params/spatial_mix", made->mix, false, err))
		return -1;
	return writer_number(w, "uns/neighbors/params/n_neighbors", (double)made->knn->k, true,
			     err);
}

const char *neighbors_leave_out_old(struct writer *w, const struct h5ad *in, bool new_components)
{
	static const char *const of_graph[] = {"obsm/X_umap", "obsm/X_tsne", "uns/umap",
					       "uns/tsne",    "uns/leiden",  "uns/louvain"};
	static const char *const of_components[] = {"varm/PCs", "uns/pca"};
	const char *layout = NULL;

	for (size_t i = 0; i < ARRAY_LEN(of_graph); i++)
		writer_leave_out(w, of_graph[i]);
	for (size_t i = 0; new_components && i < ARRAY_LEN(of_components); i++)
		writer_leave_out(w, of_components[i]);
	for (size_t i = 0; i < h5ad_n_members(in, "obsm"); i++) {
		const char *name = h5ad_member(in, "obsm", i);

		if (str_eq(name, "X_umap") || str_eq(name, "X_tsne"))
			layout = name;
	}
	return layout;
}
