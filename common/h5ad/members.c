/* members.c - the other parts of a file: their names, and the dense arrays of obsm. */
#include "base/util.h"

#include "h5ad/h5ad_private.h"

static const char *const group_names[N_MEMBER_GROUPS] = {
	[IN_OBSM] = "obsm", [IN_VARM] = "varm",     [IN_OBSP] = "obsp",
	[IN_VARP] = "varp", [IN_LAYERS] = "layers", [IN_UNS] = "uns",
};

/* ---- names -------------------------------------------------------------------------------- */

/* 0.6 kept the categories of obs and var in uns: they are not part of it. */
static bool is_categories(const struct h5ad *f, const char *name)
{
	size_t n = str_ends(name, "_categories") ? strlen(name) - strlen("_categories") : 0;
	char *column = mem_strn(name, n);
	bool is = n && (frame_find(f->obs, column) || frame_find(f->var, column));

	free(column);
	return is;
}

static void leave_out_categories(const struct h5ad *f, struct members *uns)
{
	hid_t obs = H5Oopen(f->h5.file, "/obs", H5P_DEFAULT);
	size_t n = 0;

	for (size_t i = 0; h5_is_dataset(obs) && i < uns->n; i++)
		if (!is_categories(f, uns->names[i]))
			uns->names[n++] = uns->names[i];
	if (h5_is_dataset(obs))
		uns->n = n;
	h5_close(obs);
}

int find_members(struct h5ad *f, struct err *err)
{
	for (size_t i = 0; i < N_MEMBER_GROUPS; i++) {
		char path[16];
		snprintf(path, sizeof(path), "/%s", group_names[i]);
		if (list_members(&f->h5, path, &f->members[i], err))
			return -1;
	}
	leave_out_categories(f, &f->members[IN_UNS]);
	return 0;
}

static const struct members *members_of(const struct h5ad *f, const char *group)
{
	for (size_t i = 0; i < N_MEMBER_GROUPS; i++)
		if (str_eq(group_names[i], group))
			return &f->members[i];
	BUG("no group of members is called '%s'", group);
}

size_t h5ad_n_members(const struct h5ad *f, const char *group)
{
	return members_of(f, group)->n;
}

const char *h5ad_member(const struct h5ad *f, const char *group, size_t i)
{
	return members_of(f, group)->names[i];
}

/* ---- obsm --------------------------------------------------------------------------------- */

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
	if (row >= 0) {
		memory = H5Tcreate(H5T_COMPOUND, H5Tget_size(row));
		H5Tinsert(memory, field, 0, row);
	}
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

/* Of a field of a compound dataset, too: floats of 4 bytes or fewer. */
static bool is_narrow(hid_t stored, const char *field)
{
	int at = H5Tget_class(stored) == H5T_COMPOUND ? H5Tget_member_index(stored, field) : -1;
	hid_t type = at < 0 ? H5Tcopy(stored) : H5Tget_member_type(stored, (unsigned)at);
	hid_t base = H5Tget_class(type) == H5T_ARRAY ? H5Tget_super(type) : H5Tcopy(type);
	bool narrow = H5Tget_class(base) == H5T_FLOAT && H5Tget_size(base) <= 4;

	h5_close(base);
	h5_close(type);
	return narrow;
}

/*
 * The same in parts. How wide it is and whether its numbers are floats of 32 bits or fewer; then
 * rows [first, first + n), with room for them in 'values'.
 */
static int h5ad_obsm_shape(struct h5ad *f, const char *name, size_t *n_columns, bool *narrow,
			   struct err *err)
{
	struct dense_array a = {.dataset = -1, .memory = -1};
	int ret = open_dense(f, name, &a, err);

	if (!ret) {
		hid_t stored = H5Dget_type(a.dataset);
		*n_columns = a.n_columns;
		*narrow = is_narrow(stored, name);
		h5_close(stored);
	}
	close_dense(&a);
	return ret;
}

static herr_t read_dense_rows(const struct dense_array *a, size_t first, size_t n, double *values)
{
	hid_t there = H5Dget_space(a->dataset), here = -1;
	int rank = there < 0 ? -1 : H5Sget_simple_extent_ndims(there);
	const hsize_t offset[2] = {first, 0}, count[2] = {n, a->n_columns};
	herr_t got = -1;

	if (rank == 1 || rank == 2)
		here = H5Screate_simple(rank, count, NULL);
	if (here >= 0 && H5Sselect_hyperslab(there, H5S_SELECT_SET, offset, NULL, count, NULL) >= 0)
		got = H5Dread(a->dataset, a->memory, here, there, H5P_DEFAULT, values);
	h5_close(here);
	h5_close(there);
	return got;
}

static int h5ad_obsm_rows(struct h5ad *f, const char *name, size_t first, size_t n, double *values,
			  struct err *err)
{
	struct dense_array a = {.dataset = -1, .memory = -1};
	char reason[200];
	int ret = open_dense(f, name, &a, err);

	if (ret == 0 && n && a.n_columns && read_dense_rows(&a, first, n, values) < 0)
		ret = err_set(err, "%s: %s: cannot be read (%s)", f->h5.path, a.path,
			      h5_reason(reason, sizeof(reason)));
	close_dense(&a);
	return ret;
}

int h5ad_obsm(struct h5ad *f, const char *name, double **values, size_t *n_columns, struct err *err)
{
	bool narrow;

	*values = NULL;
	if (h5ad_obsm_shape(f, name, n_columns, &narrow, err))
		return -1;
	*values = mem_alloc(mem_product(f->obs->n_rows, *n_columns), sizeof(**values));
	if (h5ad_obsm_rows(f, name, 0, f->obs->n_rows, *values, err)) {
		free(*values);
		*values = NULL;
		return -1;
	}
	return 0;
}
