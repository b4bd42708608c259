/* container_fields.c - datasets and attributes of a model file, checked as they are read. */
#include "base/util.h"

#include <hdf5.h>
#include <math.h>

#include "base/text.h"
#include "h5ad/hdf5/bounded.h"
#include "h5ad/hdf5/hdf5.h"
#include "model/container_private.h"

#define MAX_NUMBERS ((size_t)1 << 31) /* of one dataset */

/* ---- datasets ---- */

hid_t container_open(struct container_source *s, const char *name, int rank, hsize_t dims[2])
{
	hid_t dataset = h5_exists(s->file, name) ? H5Dopen2(s->file, name, H5P_DEFAULT) : -1;
	hid_t space = dataset >= 0 ? H5Dget_space(dataset) : -1;
	bool ok = space >= 0 && H5Sget_simple_extent_ndims(space) == rank;

	dims[0] = dims[1] = 1;
	if (ok)
		H5Sget_simple_extent_dims(space, dims, NULL);
	if (space >= 0)
		H5Sclose(space);
	if (dataset < 0)
		err_set(s->err, "%s: there is no dataset '%s': %s", s->path, name,
			strchr(name, '/') ? "that group of the model is not whole" : "not a model");
	else if (!ok)
		err_set(s->err, "%s: %s: expected %d dimensions", s->path, name, rank);
	else if (dims[0] > MAX_NUMBERS || dims[1] > MAX_NUMBERS || dims[0] * dims[1] > MAX_NUMBERS)
		err_set(s->err, "%s: %s: too large for a model", s->path, name);
	else
		return dataset;
	if (dataset >= 0)
		H5Dclose(dataset);
	return -1;
}

int container_check_stored(struct container_source *s, hid_t dataset, const char *name,
			   uint64_t n_rows, uint64_t n_columns, size_t size)
{
	hsize_t stored = H5Dget_storage_size(dataset), whole = 0;
	uint64_t bytes;
	bool too_many = __builtin_mul_overflow(n_rows, n_columns, &bytes) ||
			__builtin_mul_overflow(bytes, size, &bytes);

	if (H5Fget_filesize(s->file, &whole) < 0 || stored > whole || too_many ||
	    bytes / 1100 > stored + 64)
		return err_set(s->err, "%s: %s: holds fewer bytes than its shape says", s->path,
			       name);
	return 0;
}

static int read_array(struct container_source *s, const char *name, size_t n_rows, size_t n_columns,
		      hid_t type, void *values)
{
	hsize_t dims[2];
	hid_t dataset = container_open(s, name, n_rows ? 2 : 1, dims);
	int ret = -1;

	if (dataset < 0)
		return -1;
	if (n_rows ? dims[0] != n_rows || dims[1] != n_columns : dims[0] != n_columns)
		err_set(s->err, "%s: %s: shape %llu x %llu does not fit the classes and genes",
			s->path, name, (unsigned long long)dims[0], (unsigned long long)dims[1]);
	else if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
		err_set(s->err, "%s: %s: cannot be read as numbers", s->path, name);
	else
		ret = 0;
	H5Dclose(dataset);
	return ret;
}

int container_read_numbers(struct container_source *s, const char *name, size_t n_rows,
			   size_t n_columns, double *values)
{
	return read_array(s, name, n_rows, n_columns, H5T_NATIVE_DOUBLE, values);
}

int container_read_floats(struct container_source *s, const char *name, size_t n_rows,
			  size_t n_columns, float *values)
{
	if (read_array(s, name, n_rows, n_columns, H5T_NATIVE_FLOAT, values))
		return -1;
	for (size_t i = 0; i < MAX(n_rows, 1) * n_columns; i++)
		if (!isfinite(values[i]))
			return err_set(s->err, "%s: %s: number %zu is %g", s->path, name, i + 1,
				       (double)values[i]);
	return 0;
}

/* ---- names ---- */

static int keep_name(struct container_source *s, struct model *m, const char *what, size_t i,
		     const char *text, size_t len, char **name)
{
	if (!utf8_valid(text, len))
		return err_set(s->err, "%s: %s: name %zu is not UTF-8", s->path, what, i + 1);
	*name = arena_str(&m->arena, text, len);
	return 0;
}

static int read_fixed(struct container_source *s, hid_t dataset, hid_t type, const char *what,
		      struct model *m, char **names, size_t n)
{
	size_t width = H5Tget_size(type);
	char *bytes = NULL;
	int ret = -1;

	if (width == 0 || width > CONTAINER_NAME_BYTES ||
	    container_check_stored(s, dataset, what, n, 1, width))
		return err_set(s->err, "%s: %s: names of %zu bytes", s->path, what, width);
	MEM_ZERO(bytes, mem_product(n, width));
	if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0) {
		err_set(s->err, "%s: %s: cannot be read", s->path, what);
	} else {
		ret = 0;
		for (size_t i = 0; i < n && !ret; i++) {
			const char *text = bytes + i * width;

			ret = keep_name(s, m, what, i, text, strnlen(text, width), &names[i]);
		}
	}
	free(bytes);
	return ret;
}

static int read_variable(struct container_source *s, hid_t dataset, hid_t type, const char *what,
			 struct model *m, char **names, size_t n)
{
	char **texts = NULL;
	hid_t space = H5Dget_space(dataset);
	int ret = -1;

	if (container_check_stored(s, dataset, what, n, 1, 16))
		goto close_space;
	MEM_ZERO(texts, n);
	if (h5_read_bounded(dataset, type, H5S_ALL, H5S_ALL, texts) < 0) {
		err_set(s->err, "%s: %s: cannot be read", s->path, what);
		goto free_texts;
	}
	ret = 0;
	for (size_t i = 0; i < n && !ret; i++) {
		const char *text = texts[i] ? texts[i] : "";

		ret = keep_name(s, m, what, i, text, strlen(text), &names[i]);
	}
	H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts);
free_texts:
	free(texts);
close_space:
	H5Sclose(space);
	return ret;
}

int container_read_names(struct container_source *s, hid_t dataset, const char *what,
			 struct model *m, char **names, size_t n)
{
	hid_t type = H5Dget_type(dataset);
	int ret = -1;

	if (type < 0 || H5Tget_class(type) != H5T_STRING)
		err_set(s->err, "%s: %s: not text", s->path, what);
	else if (H5Tis_variable_str(type) > 0)
		ret = read_variable(s, dataset, type, what, m, names, n);
	else
		ret = read_fixed(s, dataset, type, what, m, names, n);
	if (type >= 0)
		H5Tclose(type);
	return ret;
}

/* ---- attributes ---- */

int container_read_number(struct container_source *s, const char *name, double *value)
{
	hid_t attr = H5Aexists(s->file, name) > 0 ? H5Aopen(s->file, name, H5P_DEFAULT) : -1;
	hid_t space = attr >= 0 ? H5Aget_space(attr) : -1;
	int ret = -1;

	if (space < 0 || H5Sget_simple_extent_npoints(space) != 1 ||
	    H5Aread(attr, H5T_NATIVE_DOUBLE, value) < 0)
		err_set(s->err, "%s: attribute '%s' is missing or not a number", s->path, name);
	else
		ret = 0;
	if (space >= 0)
		H5Sclose(space);
	if (attr >= 0)
		H5Aclose(attr);
	return ret;
}

char *container_text(hid_t at, const char *name)
{
	hid_t attr = h5_yes(H5Aexists(at, name)) ? H5Aopen(at, name, H5P_DEFAULT) : -1;
	hid_t type = attr >= 0 ? H5Aget_type(attr) : -1;
	hid_t space = attr >= 0 ? H5Aget_space(attr) : -1;
	char *text = NULL;

	if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
	    H5Sget_simple_extent_npoints(space) == 1) {
		size_t width = H5Tget_size(type);
		char *variable = NULL;

		if (H5Tis_variable_str(type) > 0) {
			if (h5_read_attribute(attr, type, &variable) >= 0 && variable)
				text = mem_str(variable);
			H5free_memory(variable);
		} else if (width > 0 && width <= CONTAINER_NAME_BYTES) {
			text = mem_zero(width + 1, 1);
			if (H5Aread(attr, type, text) < 0)
				text[0] = '\0';
		}
	}
	if (space >= 0)
		H5Sclose(space);
	if (type >= 0)
		H5Tclose(type);
	if (attr >= 0)
		H5Aclose(attr);
	return text;
}
