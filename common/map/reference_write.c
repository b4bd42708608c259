/* reference_write.c - writing a *.ref.h5; see reference_private.h for what is where. */
#include "base/util.h"

#include <math.h>

#include "h5ad/hdf5/own_file.h"
#include "h5ad/put.h"
#include "map/reference_private.h"

void reference_arrays(struct reference *ref, struct ref_array list[REF_N_ARRAYS])
{
	struct ref_genes *g = &ref->genes;
	struct ref_clusters *c = &ref->clusters;
	size_t d = ref->n_dims, triangle = d * (d + 1) / 2, n = ref->n_cells, k = c->n;
	const struct ref_array all[REF_N_ARRAYS] = {
		{"mean", &g->mean, g->n, 0, false, false},
		{"sd", &g->deviation, g->n, 0, false, false},
		{"loadings", &g->loadings, g->n, d, false, false},
		{"variance", &ref->variance, d, 0, false, false},
		{"residuals/intercept", &g->residuals.intercept, g->n, 0, false, true},
		{"residuals/slope", &g->residuals.slope, g->n, 0, false, true},
		{"residuals/dispersion", &g->residuals.dispersion, g->n, 0, false, true},
		{"coords/pca", &ref->pca, n, d, true, true},
		{"coords/harmony", &ref->corrected, n, d, true, true},
		{"coords/umap", &ref->layout, n, 2, true, true},
		{"clusters/centroids", &c->centroids, k, d, false, k == 0},
		{"clusters/Nr", &c->weights, k, 0, false, k == 0},
		{"clusters/C", &c->sums, k, d, false, k == 0},
		{"clusters/mean_pca", &c->pca.means, k, d, false, true},
		{"clusters/chol_pca", &c->pca.factors, k, triangle, false, true},
		{"clusters/mean_harmony", &c->corrected.means, k, d, false, true},
		{"clusters/chol_harmony", &c->corrected.factors, k, triangle, false, true},
	};

	memcpy(list, all, sizeof(all));
}

void reference_label_arrays(const struct reference *ref, struct ref_labels *l,
			    struct ref_array list[REF_N_LABEL_ARRAYS])
{
	const struct ref_array all[REF_N_LABEL_ARRAYS] = {
		{"labels/%s/counts", &l->counts, l->n, 0, false, false},
		{"labels/%s/profiles", &l->means, l->n, ref->n_dims, false, false},
		{"calibration/%s/map", &l->map_quantiles, l->n, REF_QUANTILES, true, true},
		{"calibration/%s/knn", &l->knn_quantiles, l->n, REF_QUANTILES, true, true},
		{"calibration/%s/share", &l->sure, 2, 0, false, true},
	};

	memcpy(list, all, sizeof(all));
}

static int put_doubles(hid_t file, const char *name, const struct ref_array *a, struct err *err)
{
	const hsize_t dims[2] = {a->n_rows, a->n_columns};
	size_t n = mem_product(a->n_rows, MAX(a->n_columns, 1));
	int rank = a->n_columns ? 2 : 1, ret;
	float *single;

	if (!a->narrow)
		return put_array(file, name, H5T_IEEE_F64LE, rank, dims, *a->at, NULL, err);
	MEM_ARRAY(single, n + 1);
	for (size_t i = 0; i < n; i++)
		single[i] = (float)(*a->at)[i];
	ret = put_array(file, name, H5T_IEEE_F32LE, rank, dims, single, NULL, err);
	free(single);
	return ret;
}

static int put_arrays(hid_t file, const struct ref_array *list, size_t n, const char *column,
		      struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		char *name =
			column ? mem_printf("%.*s%s%s", (int)strcspn(list[i].name, "%"),
					    list[i].name, column, strchr(list[i].name, '%') + 2)
			       : mem_str(list[i].name);
		int failed =
			*list[i].at && list[i].n_rows ? put_doubles(file, name, &list[i], err) : 0;

		free(name);
		if (failed)
			return -1;
	}
	return 0;
}

static int put_label_texts(hid_t file, const struct reference *ref, const struct ref_labels *l,
			   struct err *err)
{
	const hsize_t dims[1] = {ref->n_cells};
	char *names = mem_printf("labels/%s/names", l->column);
	char *ids = mem_printf("labels/%s/ids", l->column);
	char *codes = mem_printf("labels/%s/codes", l->column);
	int ret = put_names(file, names, l->names, l->n, err);

	if (!ret && l->ids)
		ret = put_names(file, ids, l->ids, l->n, err);
	if (!ret && l->of_cell)
		ret = put_array(file, codes, H5T_STD_I32LE, 1, dims, l->of_cell, NULL, err);
	free(codes);
	free(ids);
	free(names);
	return ret;
}

static int put_labels(hid_t file, struct reference *ref, struct err *err)
{
	struct ref_array list[REF_N_LABEL_ARRAYS];

	for (size_t i = 0; i < ref->n_labels; i++) {
		struct ref_labels *l = &ref->labels[i];

		reference_label_arrays(ref, l, list);
		if (strchr(l->column, '/'))
			return err_set(err, "a column of labels may not have '/' in its name: %s",
				       l->column);
		if (put_label_texts(file, ref, l, err) ||
		    put_arrays(file, list, REF_N_LABEL_ARRAYS, l->column, err))
			return -1;
	}
	return 0;
}

static int put_scalars(hid_t file, const struct reference *ref, struct err *err)
{
	const struct {
		const char *name;
		double value;
	} list[] = {{"clip_low", ref->genes.clip_low},     {"clip_high", ref->genes.clip_high},
		    {"target_sum", ref->genes.target_sum}, {"n_cells", (double)ref->n_cells},
		    {"knn_k", (double)ref->knn_k},         {"knn_cosine", ref->knn_cosine}};

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (put_number(file, list[i].name, H5T_IEEE_F64LE, &list[i].value, err))
			return -1;
	if (ref->genes.residuals.slope &&
	    put_number(file, "residuals/least", H5T_IEEE_F64LE, &ref->genes.residuals.least, err))
		return -1;
	if (ref->clusters.n &&
	    (put_name(file, "clusters/flavour", ref->clusters.flavour, err) ||
	     put_number(file, "clusters/sigma", H5T_IEEE_F64LE, &ref->clusters.sigma, err)))
		return -1;
	if (ref->tree &&
	    (put_name(file, "tree/newick", ref->tree, err) ||
	     put_name(file, "tree/column", ref->tree_column, err) ||
	     (!isnan(ref->tree_max_distance) &&
	      put_number(file, "tree/max_distance", H5T_IEEE_F64LE, &ref->tree_max_distance, err))))
		return -1;
	return put_name(file, "card", ref->card ? ref->card : "{}", err);
}

static int put_all(hid_t file, struct reference *ref, struct err *err)
{
	const size_t version = REF_VERSION;
	const hsize_t dims[2] = {ref->n_cells, ref->n_neighbors};
	struct ref_array list[REF_N_ARRAYS];

	reference_arrays(ref, list);
	if (put_attr_name(file, "format", REF_FORMAT, err) ||
	    put_attr_sizes(file, "format_version", &version, 1, err) ||
	    put_names(file, "genes", ref->genes.names, ref->genes.n, err) ||
	    put_scalars(file, ref, err) || put_arrays(file, list, REF_N_ARRAYS, NULL, err) ||
	    put_labels(file, ref, err))
		return -1;
	if (ref->cells && put_names(file, "cells", ref->cells, ref->n_cells, err))
		return -1;
	return ref->n_neighbors ? put_array(file, "neighbors/index", H5T_STD_U32LE, 2, dims,
					    ref->neighbors, NULL, err)
				: 0;
}

int reference_write(const struct reference *ref, const char *path, struct err *err)
{
	struct reference view = *ref; /* its arrays are only read */
	struct own_file f;

	if (view.corrected == view.pca)
		view.corrected = NULL;
	if (own_file_create(&f, path, err))
		return -1;
	return own_file_commit(&f, put_all(f.file, &view, err), err);
}
