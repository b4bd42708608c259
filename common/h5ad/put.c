/* put.c - attributes, groups and arrays in anndata's current dialect. */
#include "base/util.h"

#include <errno.h>
#include <stdarg.h>

#include "base/mem.h"
#include "base/text.h"
#include "h5ad/h5ad_private.h"
#include "h5ad/put.h"

#define CHUNK_BYTES ((size_t)512 << 10)
#define SMALL_BYTES ((size_t)4 << 10)
#define MAX_RANK H5S_MAX_RANK

hid_t type_text(void)
{
	return put_text_type(H5T_VARIABLE);
}

hid_t type_bool(void)
{
	const int8_t no = 0, yes = 1;
	hid_t type = H5Tenum_create(H5T_STD_I8LE);

	return put_if(H5Tenum_insert(type, "FALSE", &no) >= 0 &&
			      H5Tenum_insert(type, "TRUE", &yes) >= 0,
		      type);
}

static int cannot_write(const char *name, struct err *err)
{
	return h5_failed(err, "'%s' cannot be written", name);
}

/*
 * Write a dataset that was just made (or could not be), give it its encoding, and close it. Each
 * step tells at once when it fails: HDF5 forgets why with the next call.
 */
static int fill_dataset(hid_t dataset, const char *name, hid_t type, const void *values,
			const char *encoding, struct err *err)
{
	if (dataset < 0)
		return cannot_write(name, err);
	int ret = put_encoding(dataset, encoding, "0.2.0", err);
	if (ret == 0 && values &&
	    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
		ret = cannot_write(name, err);
	if (H5Dclose(dataset) < 0 && ret == 0)
		ret = cannot_write(name, err);
	return ret;
}

static int put_attr(hid_t object, const char *name, hid_t type, hid_t space, const void *value,
		    struct err *err)
{
	hid_t attr = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	int ret = 0;
	if (attr < 0 || H5Awrite(attr, type, value) < 0)
		ret = h5_failed(err, "attribute '%s' cannot be written", name);
	if (attr >= 0 && H5Aclose(attr) < 0 && ret == 0)
		ret = h5_failed(err, "attribute '%s' cannot be written", name);
	return ret;
}

int put_attr_text(hid_t object, const char *name, const char *value, struct err *err)
{
	hid_t type = type_text(), space = H5Screate(H5S_SCALAR);
	int ret = put_attr(object, name, type, space, &value, err);
	H5Sclose(space);
	H5Tclose(type);
	return ret;
}

/* Readers of HDF5 text stop at bytes that are no UTF-8, so none may get into a file. */
static int check_text(const char *name, const char *const *values, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (values[i] && !utf8_valid(values[i], strlen(values[i])))
			return err_set(err,
				       "'%s': text %zu is not UTF-8 (iconv -f latin1 -t utf-8 "
				       "converts the table it comes from)",
				       name, i + 1);
	return 0;
}

int put_attr_texts(hid_t object, const char *name, const char *const *values, size_t n,
		   struct err *err)
{
	if (check_text(name, values, n, err))
		return -1;
	hsize_t dims[1] = {n};
	hid_t type = type_text(), space = H5Screate_simple(1, dims, NULL);
	int ret = put_attr(object, name, type, space, values, err);
	H5Sclose(space);
	H5Tclose(type);
	return ret;
}

int put_attr_bool(hid_t object, const char *name, bool value, struct err *err)
{
	const int8_t byte = value;
	hid_t type = type_bool(), space = H5Screate(H5S_SCALAR);
	int ret = put_attr(object, name, type, space, &byte, err);
	H5Sclose(space);
	H5Tclose(type);
	return ret;
}

int put_attr_sizes(hid_t object, const char *name, const size_t *values, size_t n, struct err *err)
{
	hsize_t dims[1] = {n};
	hid_t space = H5Screate_simple(1, dims, NULL);
	int ret = put_attr(object, name, H5T_STD_I64LE, space, values, err);
	H5Sclose(space);
	return ret;
}

int put_encoding(hid_t object, const char *type, const char *version, struct err *err)
{
	if (put_attr_text(object, "encoding-type", type, err))
		return -1;
	return put_attr_text(object, "encoding-version", version, err);
}

hid_t put_group(hid_t parent, const char *name, const char *type, const char *version,
		struct err *err)
{
	hid_t group = H5Gcreate2(parent, name, put_links(), H5P_DEFAULT, H5P_DEFAULT);
	if (group < 0) {
		h5_failed(err, "group '%s' cannot be made", name);
		return -1;
	}
	if (put_encoding(group, type, version, err)) {
		H5Gclose(group);
		return -1;
	}
	return group;
}

int put_dict(hid_t parent, const char *name, struct err *err)
{
	if (put_exists(parent, name))
		return 0;
	hid_t group = put_group(parent, name, "dict", "0.1.0", err);
	if (group < 0)
		return -1;
	H5Gclose(group);
	return 0;
}

bool put_exists(hid_t parent, const char *path)
{
	return h5_exists(parent, path);
}

int put_rows_start(struct put_rows *p, hid_t parent, const char *name, hid_t type, int rank,
		   const hsize_t *dims, const struct encoding *e, struct err *err)
{
	size_t size = H5Tget_size(type), row_bytes = size;
	hsize_t chunk[MAX_RANK];

	for (int i = 1; i < rank; i++)
		row_bytes = mem_product(row_bytes, dims[i]);
	*p = (struct put_rows){.name = name, .type = type, .size = size, .row_bytes = row_bytes};
	p->rank = rank;
	memcpy(p->dims, dims, (size_t)rank * sizeof(*dims));
	p->batch = MAX(1, CHUNK_BYTES / MAX(1, row_bytes));
	p->batch = MIN(p->batch, MAX(1, dims[0]));
	hid_t space = H5Screate_simple(rank, dims, NULL), creation = put_creation();
	if (H5Tdetect_class(type, H5T_VLEN) <= 0 && !H5Tis_variable_str(type)) {
		H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
		p->encoded = e && e->kind != ENCODE_NONE &&
			     mem_product(row_bytes, dims[0]) > SMALL_BYTES;
	}
	if (p->encoded) {
		p->encoding = *e;
		memcpy(chunk, dims, (size_t)rank * sizeof(*chunk));
		chunk[0] = p->batch;
		H5Pset_chunk(creation, rank, chunk);
		encoding_declare(e, creation, size, p->batch * row_bytes);
	}
	p->dataset = H5Dcreate2(parent, name, type, space, put_links(), creation, H5P_DEFAULT);
	int ret = p->dataset < 0 ? cannot_write(name, err) : 0;
	H5Pclose(creation);
	H5Sclose(space);
	return ret;
}

/* One chunk, encoded by us and stored as it is; the last is padded with zeros. */
static herr_t add_encoded(struct put_rows *p, const void *values, size_t n)
{
	const hsize_t offset[MAX_RANK] = {p->row};
	size_t bytes = p->batch * p->row_bytes;
	char *padded = NULL;

	if (n < p->batch) {
		padded = mem_zero(bytes, 1);
		memcpy(padded, values, n * p->row_bytes);
		values = padded;
	}
	struct encoded chunk = encode_chunk(&p->encoder, &p->encoding, values, bytes, p->size);
	herr_t ret = H5Dwrite_chunk(p->dataset, H5P_DEFAULT, chunk.skipped, offset, chunk.n,
				    chunk.bytes);
	free(padded);
	return ret;
}

static herr_t add_plain(struct put_rows *p, const void *values, size_t n)
{
	const hsize_t offset[MAX_RANK] = {p->row};
	hsize_t count[MAX_RANK];

	memcpy(count, p->dims, sizeof(count));
	count[0] = n;
	hid_t space = H5Dget_space(p->dataset), memory = H5Screate_simple(p->rank, count, NULL);
	H5Sselect_hyperslab(space, H5S_SELECT_SET, offset, NULL, count, NULL);
	herr_t ret = H5Dwrite(p->dataset, p->type, memory, space, H5P_DEFAULT, values);
	H5Sclose(memory);
	H5Sclose(space);
	return ret;
}

int put_rows_add(struct put_rows *p, const void *values, size_t n, struct err *err)
{
	herr_t failed = p->encoded ? add_encoded(p, values, n) : add_plain(p, values, n);

	p->row += n;
	return failed < 0 ? cannot_write(p->name, err) : 0;
}

int put_rows_end(struct put_rows *p, const char *encoding, struct err *err)
{
	int ret = put_encoding(p->dataset, encoding, "0.2.0", err);

	if (H5Dclose(p->dataset) < 0 && ret == 0)
		ret = cannot_write(p->name, err);
	p->dataset = H5I_INVALID_HID;
	put_rows_release(p);
	return ret;
}

void put_rows_release(struct put_rows *p)
{
	if (p->dataset >= 0)
		H5Dclose(p->dataset);
	p->dataset = H5I_INVALID_HID;
	encoder_release(&p->encoder);
}

int put_array(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *dims,
	      const void *values, const struct encoding *e, struct err *err)
{
	struct put_rows p;
	const char *from = values;

	if (put_rows_start(&p, parent, name, type, rank, dims, e, err))
		return -1;
	for (size_t row = 0; row < dims[0] && p.row_bytes > 0; row += p.batch) {
		if (put_rows_add(&p, from + row * p.row_bytes, MIN(p.batch, dims[0] - row), err)) {
			put_rows_release(&p);
			return -1;
		}
	}
	return put_rows_end(&p, "array", err);
}

/* A dataset of one value or a column, that HDF5 writes. */
static int put_plain(hid_t parent, const char *name, hid_t type, hid_t space, const void *values,
		     const char *encoding, struct err *err)
{
	hid_t creation = put_creation();
	hid_t dataset = H5Dcreate2(parent, name, type, space, put_links(), creation, H5P_DEFAULT);
	int ret = fill_dataset(dataset, name, type, values, encoding, err);
	H5Pclose(creation);
	return ret;
}

int put_strings(hid_t parent, const char *name, char *const *values, size_t n, struct err *err)
{
	if (check_text(name, (const char *const *)values, n, err))
		return -1;
	const hsize_t dims[1] = {n};
	hid_t space = H5Screate_simple(1, dims, NULL), type = type_text();
	const char **filled;

	MEM_ARRAY(filled, n);
	for (size_t i = 0; i < n; i++)
		filled[i] = values[i] ? values[i] : "";
	int ret = put_plain(parent, name, type, space, filled, "string-array", err);
	free(filled);
	H5Tclose(type);
	H5Sclose(space);
	return ret;
}

int put_text(hid_t parent, const char *name, const char *value, struct err *err)
{
	if (check_text(name, &value, 1, err))
		return -1;
	hid_t space = H5Screate(H5S_SCALAR), type = type_text();
	int ret = put_plain(parent, name, type, space, &value, "string", err);
	H5Tclose(type);
	H5Sclose(space);
	return ret;
}

int put_number(hid_t parent, const char *name, hid_t type, const void *value, struct err *err)
{
	hid_t space = H5Screate(H5S_SCALAR);
	int ret = put_plain(parent, name, type, space, value, "numeric-scalar", err);
	H5Sclose(space);
	return ret;
}

/* ---- texts of a fixed width ---- */

static hid_t type_fixed(size_t width)
{
	return put_text_type(MAX(width, 1)); /* HDF5 has no text of width 0 */
}

static int put_fixed(hid_t parent, const char *name, hid_t space, char *const *values, size_t n,
		     struct err *err)
{
	size_t width = 1;
	hid_t type, creation, dataset;
	char *bytes;
	int ret = 0;

	if (check_text(name, (const char *const *)values, n, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		width = MAX(width, strlen(values[i]));
	bytes = mem_zero(mem_product(n, width) + 1, 1);
	for (size_t i = 0; i < n; i++)
		memcpy(bytes + i * width, values[i], strlen(values[i]));
	type = type_fixed(width);
	creation = put_creation();
	dataset = H5Dcreate2(parent, name, type, space, put_links(), creation, H5P_DEFAULT);
	if (dataset < 0 || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0)
		ret = cannot_write(name, err);
	if (dataset >= 0 && H5Dclose(dataset) < 0 && !ret)
		ret = cannot_write(name, err);
	H5Pclose(creation);
	H5Tclose(type);
	free(bytes);
	return ret;
}

int put_names(hid_t parent, const char *name, char *const *values, size_t n, struct err *err)
{
	const hsize_t dims[1] = {n};
	hid_t space = H5Screate_simple(1, dims, NULL);
	int ret = put_fixed(parent, name, space, values, n, err);

	H5Sclose(space);
	return ret;
}

int put_name(hid_t parent, const char *name, const char *value, struct err *err)
{
	char *const values[1] = {(char *)(uintptr_t)value};
	hid_t space = H5Screate(H5S_SCALAR);
	int ret = put_fixed(parent, name, space, values, 1, err);

	H5Sclose(space);
	return ret;
}

int put_attr_name(hid_t object, const char *name, const char *value, struct err *err)
{
	hid_t type = type_fixed(strlen(value)), space = H5Screate(H5S_SCALAR);
	int ret = check_text(name, &value, 1, err)
			  ? -1
			  : put_attr(object, name, type, space, value, err);

	H5Sclose(space);
	H5Tclose(type);
	return ret;
}
