/* container_scores.c - cells x classes of doubles as HDF5; see container.h. */
#include "base/util.h"

#include <hdf5.h>

#include "h5ad/hdf5/create.h"
#include "h5ad/hdf5/own_file.h"
#include "model/container.h"
#include "model/container_private.h"

struct score_file {
	struct own_file own;
	hid_t text, cells, matrix; /* 'text' is the type of the cells' names */
	size_t n_classes, n_cells, width, done;
	char *names; /* of a block, 'width' bytes each */
	size_t cap_names;
};

/* To be filled by whole rows later. */
static hid_t create_dataset(hid_t file, const char *name, hid_t type, int rank, const hsize_t *dims)
{
	hid_t space = H5Screate_simple(rank, dims, NULL);
	hid_t plist = put_creation();
	hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);

	H5Pclose(plist);
	H5Sclose(space);
	return dataset;
}

static bool create_datasets(struct score_file *f, const char *name)
{
	hsize_t dims[2] = {f->n_cells, f->n_classes};

	f->text = container_text_type(f->width);
	f->cells = create_dataset(f->own.file, "cells", f->text, 1, dims);
	f->matrix = create_dataset(f->own.file, name, H5T_IEEE_F64LE, 2, dims);
	return f->cells >= 0 && f->matrix >= 0;
}

struct score_file *score_file_open(const char *path, const char *name, char *const *classes,
				   size_t n_classes, size_t n_cells, size_t cell_width,
				   struct err *err)
{
	struct score_file *f;

	MEM_ZERO(f, 1);
	f->text = f->cells = f->matrix = H5I_INVALID_HID;
	f->n_classes = n_classes;
	f->n_cells = n_cells;
	f->width = MAX(cell_width, (size_t)1);
	if (own_file_create(&f->own, path, err))
		goto abort_file;
	if (container_write_names(f->own.file, "classes", classes, n_classes) &&
	    create_datasets(f, name))
		return f;
	h5_failed(err, "%s: cannot be written", path);
abort_file:
	score_file_abort(f);
	return NULL;
}

/* Write the next 'n' rows of a dataset. */
static bool write_rows(const struct score_file *f, hid_t dataset, hid_t type, size_t n,
		       const void *values)
{
	hsize_t start[2] = {f->done, 0}, count[2] = {n, f->n_classes};
	hid_t rows = H5Dget_space(dataset);
	hid_t memory = H5Screate_simple(H5Sget_simple_extent_ndims(rows), count, NULL);
	bool ok = H5Sselect_hyperslab(rows, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
		  H5Dwrite(dataset, type, memory, rows, H5P_DEFAULT, values) >= 0;

	H5Sclose(memory);
	H5Sclose(rows);
	return ok;
}

static void fill_names(struct score_file *f, char *const *cells, size_t n)
{
	MEM_GROW(f->names, mem_product(n, f->width), f->cap_names);
	memset(f->names, 0, n * f->width);
	for (size_t i = 0; i < n; i++)
		memcpy(f->names + i * f->width, cells[i], MIN(strlen(cells[i]), f->width));
}

int score_file_add(struct score_file *f, char *const *cells, const double *scores, size_t n_cells,
		   struct err *err)
{
	bool ok = f->done + n_cells <= f->n_cells;

	fill_names(f, cells, n_cells);
	ok = ok && write_rows(f, f->cells, f->text, n_cells, f->names) &&
	     write_rows(f, f->matrix, H5T_NATIVE_DOUBLE, n_cells, scores);
	f->done += n_cells;
	return ok ? 0 : h5_failed(err, "%s: cannot be written", outfile_target(f->own.out));
}

/* Close what is in the file; false when the library could not. */
static bool close_datasets(struct score_file *f)
{
	bool ok = true;

	if (f->cells >= 0)
		ok &= H5Dclose(f->cells) >= 0;
	if (f->matrix >= 0)
		ok &= H5Dclose(f->matrix) >= 0;
	h5_close(f->text);
	f->text = f->cells = f->matrix = H5I_INVALID_HID;
	return ok;
}

int score_file_finish(struct score_file *f, struct err *err)
{
	int ret = close_datasets(f) && f->done == f->n_cells ? 0
							     : h5_failed(err, "cannot be written");

	ret = own_file_commit(&f->own, ret, err);
	score_file_abort(f);
	return ret;
}

void score_file_abort(struct score_file *f)
{
	if (!f)
		return;
	close_datasets(f);
	own_file_abort(&f->own);
	free(f->names);
	free(f);
}
