/* import_symphony.c - see import_symphony.h. */
#include "base/util.h"

#include "h5ad/hdf5/hdf5.h"
#include "map/import_symphony.h"
#include "map/imported.h"

/* A whole dataset of numbers, 'rank' 1 or 2; the caller frees. */
static int read_doubles(const struct h5_file *f, const char *path, int rank, uint64_t dims[2],
			double **values, struct err *err)
{
	hid_t dataset = h5_open(f, path, err), type = H5I_INVALID_HID;
	char reason[200];
	int ret = -1;

	*values = NULL;
	if (dataset < 0)
		return -1;
	if (h5_is_dataset(dataset))
		type = H5Dget_type(dataset);
	if (type < 0 || (H5Tget_class(type) != H5T_FLOAT && H5Tget_class(type) != H5T_INTEGER) ||
	    h5_shape(dataset, dims) != rank)
		err_set(err, "%s: %s: is not an array of numbers with %d dimensions", f->path, path,
			rank);
	else if (h5_check_stored(f, dataset, path, err) == 0) {
		*values = mem_alloc(mem_product(dims[0], rank == 2 ? dims[1] : 1) + 1,
				    sizeof(**values));
		ret = H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) <
				      0
			      ? err_set(err, "%s: %s: cannot be read (%s)", f->path, path,
					h5_reason(reason, sizeof(reason)))
			      : 0;
	}
	h5_close(type);
	h5_close(dataset);
	return ret;
}

/* The genes that were used, with what scales them. */
static int read_genes(struct reference *ref, struct h5ad *f, const struct h5_file *file,
		      struct err *err)
{
	struct frame *var = h5ad_var(f);
	char **names = frame_keys(var, err);
	const struct column *mean = names ? frame_column(var, "mean", err) : NULL;
	const struct column *deviation = mean ? frame_column(var, "std", err) : NULL;
	const struct column *used = deviation && frame_find(var, "highly_variable")
					    ? frame_column(var, "highly_variable", err)
					    : NULL;
	uint64_t dims[2] = {0, 0};
	double *loadings = NULL;

	if (!deviation || read_doubles(file, "/varm/PCs", 2, dims, &loadings, err)) {
		free(loadings);
		return -1;
	}
	if (dims[0] != var->n_rows || dims[1] < 1 || dims[1] > IMPORTED_MOST_DIMS) {
		free(loadings);
		return err_set(err, "%s: /varm/PCs is %llu x %llu for %zu genes", file->path,
			       (unsigned long long)dims[0], (unsigned long long)dims[1],
			       var->n_rows);
	}
	ref->n_dims = dims[1];
	MEM_ARRAY(ref->genes.names, var->n_rows + 1);
	MEM_ARRAY(ref->genes.mean, var->n_rows + 1);
	MEM_ARRAY(ref->genes.deviation, var->n_rows + 1);
	ref->genes.loadings = mem_alloc(mem_product(var->n_rows, dims[1]) + 1, sizeof(double));
	for (size_t g = 0; g < var->n_rows; g++) {
		size_t at = ref->genes.n;

		if (used && column_number(used, g) != 1)
			continue;
		ref->genes.names[at] = reference_str(ref, names[g]);
		ref->genes.mean[at] = column_number(mean, g);
		ref->genes.deviation[at] = column_number(deviation, g);
		memcpy(ref->genes.loadings + at * dims[1], loadings + g * dims[1],
		       dims[1] * sizeof(double));
		ref->genes.n++;
	}
	free(loadings);
	return 0;
}

static int read_cells(struct reference *ref, struct h5ad *f, struct err *err)
{
	char **names = frame_keys(h5ad_obs(f), err);
	size_t n_pca = 0, n_corrected = 0;

	ref->n_cells = h5ad_n_cells(f);
	if (!names || h5ad_obsm(f, "X_pca", &ref->pca, &n_pca, err) ||
	    h5ad_obsm(f, "X_pca_harmony", &ref->corrected, &n_corrected, err))
		return -1;
	if (n_pca != ref->n_dims || n_corrected != ref->n_dims)
		return err_set(err, "%s: X_pca has %zu, X_pca_harmony %zu, PCs %zu dimensions",
			       h5ad_path(f), n_pca, n_corrected, ref->n_dims);
	MEM_ARRAY(ref->cells, ref->n_cells + 1);
	for (size_t i = 0; i < ref->n_cells; i++)
		ref->cells[i] = reference_str(ref, names[i]);
	imported_variance(ref);
	return 0;
}

/* uns/harmony/R is clusters x cells. Returns it turned, or NULL. */
static double *read_members(const struct reference *ref, const struct h5_file *f, size_t *K,
			    struct err *err)
{
	uint64_t dims[2] = {0, 0};
	double *stored, *members;

	if (read_doubles(f, "/uns/harmony/R", 2, dims, &stored, err)) {
		free(stored);
		return NULL;
	}
	if (dims[1] != ref->n_cells || dims[0] < 2 || dims[0] > ref->n_cells) {
		free(stored);
		return err_null(err, "%s: /uns/harmony/R is %llu x %llu for %zu cells", f->path,
				(unsigned long long)dims[0], (unsigned long long)dims[1],
				ref->n_cells);
	}
	*K = dims[0];
	members = mem_alloc(mem_product(dims[0], dims[1]), sizeof(*members));
	for (size_t k = 0; k < dims[0]; k++)
		for (size_t i = 0; i < dims[1]; i++)
			members[i * dims[0] + k] = stored[k * dims[1] + i];
	free(stored);
	return members;
}

/* The first of the clusters' sigmas, or what everybody takes. */
static int read_sigma(struct reference *ref, const struct h5_file *f, struct err *err)
{
	uint64_t dims[2] = {0, 0};
	double *sigma = NULL;
	int ret = 0;

	if (!h5_exists(f->file, "/uns/harmony/sigma"))
		return 0;
	ret = read_doubles(f, "/uns/harmony/sigma", 1, dims, &sigma, err);
	if (!ret && dims[0])
		ref->clusters.sigma = sigma[0];
	free(sigma);
	return ret;
}

struct reference *import_symphonypy(struct h5ad *f, const char *const *columns, size_t n_columns,
				    const struct build_rules *rules, struct pool *pool,
				    struct err *err)
{
	struct h5_file *file = h5_file_new(h5ad_path(f), err);
	struct reference *ref = imported_new();
	char *where = mem_printf("%s: /uns/harmony/R", h5ad_path(f));
	double *members = NULL;
	size_t K = 0;

	if (file && !read_genes(ref, f, file, err) && !read_cells(ref, f, err) &&
	    !build_labels(ref, h5ad_obs(f), columns, n_columns, 0, err) &&
	    !reference_check(ref, file->path, err))
		members = read_members(ref, file, &K, err);
	ref = imported_finish(ref, members, K, where, rules, pool, err);
	if (ref && (read_sigma(ref, file, err) || reference_check(ref, file->path, err))) {
		reference_free(ref);
		ref = NULL;
	}
	free(where);
	h5_file_free(file);
	return ref;
}
