/* array.c - see array.h. */
#include "base/util.h"

#include "h5ad/array_private.h"
#include "h5ad/hdf5/bounded.h"

/* ---- opening ------------------------------------------------------------------------------ */

/* h5py's booleans: one byte, FALSE and TRUE. */
static bool is_bool(hid_t type)
{
	int8_t no = -1, yes = -1;

	return H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2 &&
	       H5Tenum_valueof(type, "FALSE", &no) >= 0 &&
	       H5Tenum_valueof(type, "TRUE", &yes) >= 0 && no == 0 && yes == 1;
}

static void look_at_type(struct array *a)
{
	size_t size = H5Tget_size(a->type);

	a->kind = ARRAY_OTHER;
	a->width = (uint8_t)MIN(size, (size_t)255);
	switch (H5Tget_class(a->type)) {
	case H5T_STRING:
		a->kind = ARRAY_STRING;
		break;
	case H5T_INTEGER:
		if (h5_integer_size(a->type))
			a->kind = ARRAY_INT;
		a->is_unsigned = H5Tget_sign(a->type) == H5T_SGN_NONE;
		break;
	case H5T_FLOAT:
		if (h5_float_size(a->type) || H5Tequal(a->type, H5T_NATIVE_LDOUBLE) > 0)
			a->kind = ARRAY_FLOAT;
		break;
	case H5T_ENUM:
		if (is_bool(a->type))
			a->kind = ARRAY_BOOL;
		break;
	default:
		break;
	}
	H5Eclear2(H5E_DEFAULT);
}

/* The dataset's type, or that of a field in it. */
static hid_t element_type(const struct array *a)
{
	hid_t type = H5Dget_type(a->dataset);

	if (!a->field || type < 0)
		return type;
	int at = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_member_index(type, a->field) : -1;
	hid_t member = at < 0 ? -1 : H5Tget_member_type(type, (unsigned)at);
	h5_close(type);
	return member;
}

int array_of(struct array *a, const struct h5_file *f, hid_t dataset, const char *path,
	     const char *field, struct err *err)
{
	uint64_t dims[2];

	*a = (struct array){.file = f, .dataset = dataset, .type = H5I_INVALID_HID};
	a->path = field ? mem_printf("%s.%s", path, field) : mem_str(path);
	a->field = field ? mem_str(field) : NULL;
	if (dataset < 0)
		return -1;
	int rank = h5_is_dataset(dataset) ? h5_shape(dataset, dims) : -1;
	if (rank != 0 && rank != 1)
		return err_set(err, "%s: %s: is not a one-dimensional array", f->path, a->path);
	a->n = rank ? dims[0] : 1;
	a->type = element_type(a);
	if (a->type < 0)
		return err_set(err, "%s: %s: its type cannot be read", f->path, a->path);
	look_at_type(a);
	return 0;
}

int array_open(struct array *a, const struct h5_file *f, const char *path, const char *field,
	       struct err *err)
{
	return array_of(a, f, h5_open(f, path, err), path, field, err);
}

int array_unreadable(const struct array *a, struct err *err)
{
	char reason[200];

	return err_set(err, "%s: %s: cannot be read (%s)", a->file->path, a->path,
		       h5_reason(reason, sizeof(reason)));
}

void array_part(struct array *a, size_t from, size_t n)
{
	a->from = from;
	a->n = n;
	if (from == 0)
		a->n_text = 0;
}

/* Bytes of a chunk; 0 when there are none, or they fit into what HDF5 keeps anyway. */
static size_t large_chunk(hid_t dataset)
{
	hid_t plist = H5Dget_create_plist(dataset), access = H5Dget_access_plist(dataset);
	hid_t type = H5Dget_type(dataset);
	hsize_t chunk = 0;
	size_t slots, bytes = 0, size = type < 0 ? 0 : H5Tget_size(type);
	double first;
	bool chunked = plist >= 0 && H5Pget_layout(plist) == H5D_CHUNKED &&
		       H5Pget_chunk(plist, 1, &chunk) == 1 && access >= 0 &&
		       H5Pget_chunk_cache(access, &slots, &bytes, &first) >= 0;

	h5_close(type);
	h5_close(access);
	h5_close(plist);
	return chunked && chunk * size > bytes ? chunk * size : 0;
}

int array_keep_chunk(struct array *a, struct err *err)
{
	size_t bytes = large_chunk(a->dataset);
	hid_t access, dataset;
	char path[1024];

	if (!bytes || H5Iget_name(a->dataset, path, sizeof(path)) >= (ssize_t)sizeof(path))
		return 0;
	access = H5Pcreate(H5P_DATASET_ACCESS);
	H5Pset_chunk_cache(access, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, bytes, 1);
	h5_close(a->dataset); /* it would be opened as it is while it is open */
	dataset = H5Dopen2(a->file->file, path, access);
	h5_close(access);
	a->dataset = dataset;
	return dataset < 0 ? array_unreadable(a, err) : 0;
}

void array_close(struct array *a)
{
	h5_close(a->type);
	h5_close(a->dataset);
	free(a->field);
	free(a->path);
}

/* ---- numbers ------------------------------------------------------------------------------ */

hid_t array_memory_type(const struct array *a, hid_t element)
{
	return a->field ? h5_field_type(a->field, element) : H5Tcopy(element);
}

int array_check(const struct array *a, enum array_kind kind, const char *what, struct err *err)
{
	if (a->kind != kind)
		return err_set(err, "%s: %s: is not an array of %s", a->file->path, a->path, what);
	return h5_check_stored(a->file, a->dataset, a->path, err);
}

/* A scalar has nothing to select. */
bool array_read_rows(const struct array *a, hid_t memory, size_t from, size_t n, void *out)
{
	hsize_t first = from, size = n;
	hid_t rows = H5Dget_space(a->dataset), room = H5Screate_simple(1, &size, NULL);
	bool scalar = H5Sget_simple_extent_ndims(rows) == 0;
	bool good = memory >= 0 && rows >= 0 && room >= 0 &&
		    (scalar ||
		     H5Sselect_hyperslab(rows, H5S_SELECT_SET, &first, NULL, &size, NULL) >= 0);

	good = good && h5_read_bounded(a->dataset, memory, room, rows, out) >= 0;
	h5_close(room);
	h5_close(rows);
	return good;
}

static int read_numbers(const struct array *a, hid_t element, void *out, struct err *err)
{
	hid_t memory = array_memory_type(a, element);
	bool good = memory >= 0 && (a->n == 0 || array_read_rows(a, memory, a->from, a->n, out));

	h5_close(memory);
	return good ? 0 : array_unreadable(a, err);
}

int array_ints(const struct array *a, int64_t *out, struct err *err)
{
	if (array_check(a, ARRAY_INT, "integers", err))
		return -1;
	return read_numbers(a, array_is_u64(a) ? H5T_NATIVE_UINT64 : H5T_NATIVE_INT64, out, err);
}

int array_floats(const struct array *a, double *out, struct err *err)
{
	if (array_check(a, ARRAY_FLOAT, "numbers", err))
		return -1;
	return read_numbers(a, H5T_NATIVE_DOUBLE, out, err);
}

int array_bools(const struct array *a, uint8_t *out, struct err *err)
{
	if (array_check(a, ARRAY_BOOL, "booleans", err) || read_numbers(a, a->type, out, err))
		return -1;
	for (size_t i = 0; i < a->n; i++)
		if (out[i] > 1)
			return err_set(err, "%s: %s: row %zu: %d is not a boolean", a->file->path,
				       a->path, a->from + i, out[i]);
	return 0;
}
