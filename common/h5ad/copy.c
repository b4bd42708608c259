/* copy.c - objects from file to file. */
#include "base/util.h"

#include "base/mem.h"
#include "h5ad/copy.h"
#include "h5ad/internal.h"
#include "h5ad/put.h"

#define SLAB_BYTES ((size_t)1 << 20)
#define SLAB_STRINGS ((size_t)4096) /* each is a piece of memory of its own while it is copied */

static int cannot(const char *path, struct err *err)
{
	return h5_failed(err, "'%s' cannot be copied", path);
}

/* Values live elsewhere in the file: they have to be read and written, not moved as bytes. */
static bool is_indirect(hid_t type)
{
	if (H5Tget_class(type) == H5T_STRING)
		return H5Tis_variable_str(type) > 0;
	return H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tdetect_class(type, H5T_STRING) > 0;
}

/* A type that is named in its file stands for itself in another. */
static hid_t plain_type(hid_t type)
{
	hid_t copy = H5Tcopy(type);
	H5Tclose(type);
	return copy;
}

/* ---- attributes --------------------------------------------------------------------------- */

struct copying {
	hid_t to;
	const char *path;
	struct err *err;
};

static int copy_attr_value(hid_t attr, hid_t type, hid_t space, hid_t to, const char *name)
{
	size_t n = H5Sget_simple_extent_type(space) == H5S_NULL
			   ? 0
			   : (size_t)H5Sget_simple_extent_npoints(space);
	hid_t copy = H5Acreate2(to, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	void *value = mem_zero(MAX(1, n), H5Tget_size(type));
	herr_t failed = copy < 0 ? -1 : 0;

	if (failed >= 0 && n > 0)
		failed = H5Aread(attr, type, value);
	if (failed >= 0 && n > 0)
		failed = H5Awrite(copy, type, value);
	if (n > 0 && is_indirect(type))
		H5Dvlen_reclaim(type, space, H5P_DEFAULT, value);
	free(value);
	if (copy >= 0 && H5Aclose(copy) < 0)
		failed = -1;
	return failed < 0 ? -1 : 0;
}

static herr_t copy_attr(hid_t from, const char *name, const H5A_info_t *info UNUSED, void *data)
{
	struct copying *c = data;
	hid_t attr = H5Aopen(from, name, H5P_DEFAULT);
	hid_t type = attr < 0 ? -1 : plain_type(H5Aget_type(attr));
	hid_t space = attr < 0 ? -1 : H5Aget_space(attr);
	int ret = type < 0 || space < 0 ? -1 : 0;

	if (ret == 0 && H5Tdetect_class(type, H5T_REFERENCE) <= 0)
		ret = copy_attr_value(attr, type, space, c->to, name);
	if (ret)
		cannot(c->path, c->err);
	h5_close(space);
	h5_close(type);
	h5_close(attr);
	return ret;
}

static int copy_attrs(hid_t from, hid_t to, const char *path, struct err *err)
{
	struct copying c = {to, path, err};

	if (H5Aiterate2(from, H5_INDEX_NAME, H5_ITER_INC, NULL, copy_attr, &c) < 0)
		return cannot(path, err);
	return 0;
}

/* ---- datasets ----------------------------------------------------------------------------- */

struct data {
	hid_t from, to, type, space;
	int rank;
	hsize_t dims[H5S_MAX_RANK];
};

/* Rows to copy at a time: no more than memory has room for, no less than a chunk of strings. */
static size_t rows_at_once(const struct data *d, size_t row_bytes, const hsize_t *chunk)
{
	size_t n = MAX(1, SLAB_BYTES / MAX(1, row_bytes));

	return is_indirect(d->type) ? MIN(n, MAX(SLAB_STRINGS, chunk[0])) : n;
}

/* Through memory, some rows at a time. */
static int copy_rows(const struct data *d, const hsize_t *chunk)
{
	hsize_t offset[H5S_MAX_RANK] = {0}, count[H5S_MAX_RANK];
	size_t row_bytes = H5Tget_size(d->type);
	herr_t failed = 0;

	for (int i = 1; i < d->rank; i++)
		row_bytes = mem_product(row_bytes, d->dims[i]);
	memcpy(count, d->dims, sizeof(count));
	size_t n_rows = d->rank ? d->dims[0] : 1;
	size_t batch = MIN(n_rows, rows_at_once(d, row_bytes, chunk));
	char *rows = mem_zero(MAX(1, mem_product(batch, row_bytes)), 1);
	for (size_t at = 0; at < n_rows && row_bytes > 0 && failed >= 0; at += batch) {
		offset[0] = at;
		count[0] = MIN(batch, n_rows - at);
		hid_t memory =
			d->rank ? H5Screate_simple(d->rank, count, NULL) : H5Screate(H5S_SCALAR);
		if (d->rank)
			H5Sselect_hyperslab(d->space, H5S_SELECT_SET, offset, NULL, count, NULL);
		failed = H5Dread(d->from, d->type, memory, d->space, H5P_DEFAULT, rows);
		if (failed >= 0)
			failed = H5Dwrite(d->to, d->type, memory, d->space, H5P_DEFAULT, rows);
		if (is_indirect(d->type))
			H5Dvlen_reclaim(d->type, memory, H5P_DEFAULT, rows);
		H5Sclose(memory);
	}
	free(rows);
	return failed < 0 ? -1 : 0;
}

/* The next place of a chunk, the last dimension first; false after the last. */
static bool next_chunk(const struct data *d, const hsize_t *chunk, hsize_t *offset)
{
	for (int i = d->rank - 1; i >= 0; i--) {
		offset[i] += chunk[i];
		if (offset[i] < d->dims[i])
			return true;
		offset[i] = 0;
	}
	return false;
}

/* Can HDF5 read a chunk that is nowhere? Then it was never written, and stands for fill values. */
static bool is_unwritten(const struct data *d, const hsize_t *chunk, const hsize_t *offset)
{
	hsize_t count[H5S_MAX_RANK];
	size_t bytes = H5Tget_size(d->type);

	for (int i = 0; i < d->rank; i++) {
		count[i] = MIN(chunk[i], d->dims[i] - offset[i]);
		bytes = mem_product(bytes, count[i]);
	}
	char *values = mem_alloc(MAX(1, bytes), 1);
	hid_t memory = H5Screate_simple(d->rank, count, NULL);
	bool good = H5Sselect_hyperslab(d->space, H5S_SELECT_SET, offset, NULL, count, NULL) >= 0 &&
		    H5Dread(d->from, d->type, memory, d->space, H5P_DEFAULT, values) >= 0;
	H5Sclose(memory);
	free(values);
	return good;
}

/* Chunk by chunk, as they are stored. HDF5 1.10 has an error for one that was never written. */
static int copy_chunks(const struct data *d, const hsize_t *chunk)
{
	hsize_t offset[H5S_MAX_RANK] = {0}, size;
	size_t cap = 0;
	void *bytes = NULL;
	herr_t failed = 0;

	for (int i = 0; i < d->rank; i++) {
		if (d->dims[i] == 0)
			return 0;
	}
	do {
		uint32_t skipped = 0;
		if (H5Dget_chunk_storage_size(d->from, offset, &size) < 0 || size == 0) {
			failed = is_unwritten(d, chunk, offset) ? 0 : -1;
			continue;
		}
		if (size > cap) {
			cap = size;
			bytes = mem_resize(bytes, cap, 1);
		}
		failed = H5Dread_chunk(d->from, H5P_DEFAULT, offset, &skipped, bytes);
		if (failed >= 0)
			failed = H5Dwrite_chunk(d->to, H5P_DEFAULT, skipped, offset, size, bytes);
	} while (failed >= 0 && next_chunk(d, chunk, offset));
	free(bytes);
	return failed < 0 ? -1 : 0;
}

static int copy_data(const struct data *d, hid_t creation)
{
	hsize_t chunk[H5S_MAX_RANK] = {0};
	bool chunked = H5Pget_layout(creation) == H5D_CHUNKED;

	if (H5Sget_simple_extent_type(d->space) == H5S_NULL)
		return 0;
	if (chunked)
		H5Pget_chunk(creation, d->rank, chunk);
	return chunked && !is_indirect(d->type) ? copy_chunks(d, chunk) : copy_rows(d, chunk);
}

static int copy_dataset(hid_t from, hid_t to, const char *where, struct err *err)
{
	hid_t creation = H5Dget_create_plist(from);
	struct data d = {.from = from, .type = plain_type(H5Dget_type(from))};
	int ret = 0;

	d.space = H5Dget_space(from);
	if (H5Tdetect_class(d.type, H5T_REFERENCE) > 0)
		goto done;
	d.rank = MAX(0, H5Sget_simple_extent_ndims(d.space));
	H5Sget_simple_extent_dims(d.space, d.dims, NULL);
	H5Pset_obj_track_times(creation, false);
	if (!is_indirect(d.type))
		H5Pset_fill_time(creation, H5D_FILL_TIME_IFSET);
	d.to = H5Dcreate2(to, where, d.type, d.space, put_links(), creation, H5P_DEFAULT);
	if (d.to < 0) {
		ret = cannot(where, err);
		goto done;
	}
	ret = copy_attrs(from, d.to, where, err);
	if (ret == 0 && copy_data(&d, creation))
		ret = cannot(where, err);
	if (H5Dclose(d.to) < 0 && ret == 0)
		ret = cannot(where, err);
done:
	h5_close(creation);
	h5_close(d.space);
	h5_close(d.type);
	return ret;
}

/* ---- groups ------------------------------------------------------------------------------- */

static herr_t copy_link(hid_t group, const char *name, const H5L_info_t *info UNUSED, void *data)
{
	struct copying *c = data;

	if (!h5_exists(group, name))
		return 0; /* a soft link to nothing */
	return copy_tree(group, name, c->to, name, c->err);
}

static int copy_group(hid_t from, hid_t to, const char *where, struct err *err)
{
	hid_t group = H5Gcreate2(to, where, put_links(), H5P_DEFAULT, H5P_DEFAULT);
	struct copying c = {group, where, err};
	int ret = 0;

	if (group < 0)
		return cannot(where, err);
	ret = copy_attrs(from, group, where, err);
	if (ret == 0 && H5Literate(from, H5_INDEX_NAME, H5_ITER_INC, NULL, copy_link, &c) < 0)
		ret = cannot(where, err);
	if (H5Gclose(group) < 0 && ret == 0)
		ret = cannot(where, err);
	return ret;
}

int copy_tree(hid_t from, const char *path, hid_t to, const char *where, struct err *err)
{
	hid_t object = H5Oopen(from, path, H5P_DEFAULT);
	int ret = 0;

	if (object < 0)
		return cannot(path, err);
	if (h5_is_group(object))
		ret = copy_group(object, to, where, err);
	else if (h5_is_dataset(object))
		ret = copy_dataset(object, to, where, err);
	h5_close(object);
	return ret;
}
