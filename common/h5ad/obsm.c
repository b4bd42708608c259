/* obsm.c - the dense arrays of obsm, each a dataset or, in old files, a field of one. */
#include "base/util.h"

#include "h5ad/h5ad_private.h"

static bool is_number(hid_t type)
{
	H5T_class_t class = H5Tget_class(type);

	return class == H5T_INTEGER || class == H5T_FLOAT;
}

/* A field of a compound dataset: so many numbers per row. Its memory type, to be closed. */
static hid_t field_type(hid_t dataset, const char *field, size_t *width)
{
	hid_t stored = H5Dget_type(dataset), memory = H5I_INVALID_HID, row = H5I_INVALID_HID;
	int at = stored < 0 ? -1 : H5Tget_member_index(stored, field);
	hid_t type = at < 0 ? -1 : H5Tget_member_type(stored, (unsigned)at);
	hsize_t n = 1;

	if (type >= 0 && H5Tget_class(type) == H5T_ARRAY && H5Tget_array_ndims(type) == 1) {
		hid_t super = H5Tget_super(type);
		H5Tget_array_dims2(type, &n);
		if (is_number(super) && n < ((size_t)1 << 20))
			row = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &n);
		h5_close(super);
	} else if (type >= 0 && is_number(type)) {
		row = H5Tcopy(H5T_NATIVE_DOUBLE);
	}
	if (row >= 0)
		memory = h5_field_type(field, row);
	*width = (size_t)n;
	h5_close(row);
	h5_close(type);
	h5_close(stored);
	return memory;
}

struct dense_array {
	char *path;
	hid_t dataset, memory; /* memory type */
	size_t n_columns;
};

/* A dataset of its own, or a field of /obsm itself. */
static int open_dense(const struct h5ad *f, const char *name, struct dense_array *a,
		      struct err *err)
{
	hid_t obsm = h5_open(&f->h5, "/obsm", err);
	bool compound = obsm >= 0 && h5_is_dataset(obsm);
	uint64_t dims[2] = {0, 0};
	int rank;

	a->path = mem_printf("/obsm/%s", name);
	a->dataset = compound || obsm < 0 ? obsm : h5_open(&f->h5, a->path, err);
	if (!compound)
		h5_close(obsm);
	if (a->dataset < 0)
		return -1;
	rank = h5_is_dataset(a->dataset) ? h5_shape(a->dataset, dims) : -1;
	if (compound) {
		a->memory = field_type(a->dataset, name, &a->n_columns);
	} else if (rank == 1 || rank == 2) {
		hid_t type = H5Dget_type(a->dataset);
		a->memory = is_number(type) ? H5Tcopy(H5T_NATIVE_DOUBLE) : -1;
		a->n_columns = rank == 2 ? dims[1] : 1;
		h5_close(type);
	}
	if (a->memory < 0)
		return err_set(err, "%s: %s: is not a dense array of numbers", f->h5.path, a->path);
	if (dims[0] != f->obs->n_rows)
		return err_set(err, "%s: %s: has %llu rows, but obs has %zu", f->h5.path, a->path,
			       (unsigned long long)dims[0], f->obs->n_rows);
	return h5_check_stored(&f->h5, a->dataset, a->path, err);
}

static void close_dense(struct dense_array *a)
{
	h5_close(a->memory);
	h5_close(a->dataset);
	free(a->path);
}

int h5ad_obsm(struct h5ad *f, const char *name, double **values, size_t *n_columns, struct err *err)
{
	struct dense_array a = {.dataset = -1, .memory = -1};
	size_t n_rows = f->obs->n_rows;
	char reason[200];
	int ret = open_dense(f, name, &a, err);

	*values = NULL;
	if (ret == 0) {
		*n_columns = a.n_columns;
		*values = mem_alloc(mem_product(n_rows, a.n_columns), sizeof(**values));
	}
	if (ret == 0 && n_rows && a.n_columns &&
	    H5Dread(a.dataset, a.memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) < 0)
		ret = err_set(err, "%s: %s: cannot be read (%s)", f->h5.path, a.path,
			      h5_reason(reason, sizeof(reason)));
	close_dense(&a);
	if (ret) {
		free(*values);
		*values = NULL;
	}
	return ret;
}
