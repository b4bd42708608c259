/* own_file.c - see own_file.h. */
#include "base/util.h"

#include <inttypes.h>

#include "h5ad/hdf5/create.h"
#include "h5ad/hdf5/own_file.h"

struct h5_file *own_file_open(const char *path, const struct own_format *format, struct err *err)
{
	struct h5_file *f = h5_file_new(path, err);
	size_t version = 0;

	if (!f)
		return NULL;
	if (!h5_attr_is(f->file, "format", format->name))
		err_set(err, "%s: %s", path, format->otherwise);
	else if (h5_attr_sizes(f->file, "format_version", &version, 1) ||
		 version != format->version)
		err_set(err, "%s: %s format %zu: this program reads %zu", path, format->kind,
			version, format->version);
	else
		return f;
	h5_file_free(f);
	return NULL;
}

/* ---- writing ---- */

int own_file_create(struct own_file *f, const char *path, struct err *err)
{
	hid_t creation;

	h5_start();
	*f = (struct own_file){.file = H5I_INVALID_HID, .out = outfile_open_binary(path, err)};
	if (!f->out)
		return -1;
	creation = H5Pcreate(H5P_FILE_CREATE);
	H5Pset_obj_track_times(creation, false);
	f->file = H5Fcreate(outfile_path(f->out), H5F_ACC_TRUNC, creation, H5P_DEFAULT);
	H5Pclose(creation);
	outfile_opened(f->out);
	if (f->file >= 0)
		return 0;
	h5_failed(err, "cannot be made");
	return own_file_commit(f, -1, err);
}

int own_file_commit(struct own_file *f, int failed, struct err *err)
{
	struct outfile *out = f->out;

	if (!failed) {
		if (H5Fclose(f->file) < 0)
			failed = h5_failed(err, "cannot be written");
		f->file = H5I_INVALID_HID;
	}
	if (failed) {
		err_prefix(err, "%s", outfile_target(out));
		own_file_abort(f);
		return failed;
	}
	f->out = NULL;
	return outfile_commit(out, err);
}

void own_file_abort(struct own_file *f)
{
	if (f->file >= 0 && f->out)
		H5Fclose(f->file);
	outfile_abort(f->out);
	*f = (struct own_file){.file = H5I_INVALID_HID};
}

/* ---- reading ---- */

static bool is_numeric(hid_t dataset)
{
	hid_t type = h5_is_dataset(dataset) ? H5Dget_type(dataset) : H5I_INVALID_HID;
	H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);

	h5_close(type);
	return class == H5T_FLOAT || class == H5T_INTEGER;
}

/* As a message says it. */
static void describe(char *text, size_t size, int rank, uint64_t rows, uint64_t columns)
{
	if (rank < 0)
		snprintf(text, size, "empty");
	else if (rank == 0)
		snprintf(text, size, "one number");
	else if (rank == 1)
		snprintf(text, size, "a row of %" PRIu64, rows);
	else if (rank == 2)
		snprintf(text, size, "%" PRIu64 " x %" PRIu64, rows, columns);
	else
		snprintf(text, size, "an array of %d dimensions", rank);
}

static int wrong_shape(const char *file, const char *path, int rank, const uint64_t dims[2],
		       const struct own_shape *shape, struct err *err)
{
	char is[64], should[64];

	describe(is, sizeof(is), rank, dims[0], dims[1]);
	describe(should, sizeof(should), shape->rank, shape->rows, shape->columns);
	return err_set(err, "%s: %s: is %s, not %s", file, path, is, should);
}

static int check(const struct h5_file *f, hid_t dataset, const char *path,
		 const struct own_shape *shape, struct err *err)
{
	size_t rows = shape->rank > 0 ? shape->rows : 1;
	size_t columns = shape->rank > 1 ? shape->columns : 1;
	uint64_t dims[2] = {1, 1};
	int rank;

	if (!is_numeric(dataset))
		return err_set(err, "%s: %s: does not hold numbers", f->path, path);
	rank = h5_shape(dataset, dims);
	if (rank != shape->rank || (rank > 0 && dims[0] != rows) ||
	    (rank > 1 && dims[1] != columns))
		return wrong_shape(f->path, path, rank, dims, shape, err);
	return h5_check_stored(f, dataset, path, err);
}

int own_file_check(const struct h5_file *f, const char *path, const struct own_shape *shape,
		   struct err *err)
{
	hid_t dataset = h5_open(f, path, err);
	int ret = dataset < 0 ? -1 : check(f, dataset, path, shape, err);

	h5_close(dataset);
	return ret;
}

int own_file_read(const struct h5_file *f, const char *path, const struct own_shape *shape,
		  hid_t type, void *values, struct err *err)
{
	hid_t dataset = h5_open(f, path, err);
	int ret = dataset < 0 ? -1 : check(f, dataset, path, shape, err);
	char reason[200];

	if (!ret && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
		ret = err_set(err, "%s: %s: cannot be read (%s)", f->path, path,
			      h5_reason(reason, sizeof(reason)));
	h5_close(dataset);
	return ret;
}
