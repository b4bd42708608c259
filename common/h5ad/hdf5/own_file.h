/* own_file.h - HDF5 files of our own making: models and references, not AnnData.
 *
 * Written whole or not at all, under a temporary name until the last byte is on disk, and without
 * time stamps. Read by shapes that are known beforehand.
 *
 *	struct own_file f;
 *	if (own_file_create(&f, "atlas.ref.h5", err))
 *		return -1;
 *	return own_file_commit(&f, put_all(f.file, reference, err), err);
 *
 *	struct h5_file *in = own_file_open("m.h5", &format, err);
 *	if (!in || own_file_read(in, "/mean", &shape, H5T_NATIVE_DOUBLE, mean, err))
 *		return -1;
 *
 * "-" is stdout, as everywhere (base/outfile.h). What is put into such a file is the business of
 * whoever puts it; h5ad/put.h has the ways of AnnData, which serve here too.
 */
#ifndef H5AD_HDF5_OWN_FILE_H
#define H5AD_HDF5_OWN_FILE_H

#include "base/outfile.h"
#include "h5ad/hdf5/hdf5.h"

struct own_file {
	hid_t file; /* open for writing */
	struct outfile *out;
};

/* Make it. -1 with 'err', and nothing is left to commit. */
int own_file_create(struct own_file *f, const char *path, struct err *err) MUST_USE;

/*
 * Close it and give it its name; or, where 'failed', throw it away and put the name in front of
 * what 'err' says. Returns 'failed', or what closing came to.
 */
int own_file_commit(struct own_file *f, int failed, struct err *err) MUST_USE;

/* Throw it away. One that is committed, or that could not be created, is fine. */
void own_file_abort(struct own_file *f);

/* What a file of ours says it is, in the attributes "format" and "format_version". */
struct own_format {
	const char *name;
	size_t version;
	const char *kind;      /* in messages: "model", "checkpoint" */
	const char *otherwise; /* what is said of a file that is none: "not a model of mtl-train" */
};

/* Open such a file, of the version that this program writes; NULL for others. Free: h5_file_free. */
struct h5_file *own_file_open(const char *path, const struct own_format *format,
			      struct err *err) MUST_USE;

/* The shape that a dataset must have: 'rank' 0 to 2; what a rank has not counts as 1. */
struct own_shape {
	int rank;
	size_t rows, columns;
};

/* Is the dataset there, of numbers, of that shape, and stored so? Ask before making room for it. */
int own_file_check(const struct h5_file *f, const char *path, const struct own_shape *shape,
		   struct err *err) MUST_USE;

/* The same, and then all of it as 'type' into 'values'. */
int own_file_read(const struct h5_file *f, const char *path, const struct own_shape *shape,
		  hid_t type, void *values, struct err *err) MUST_USE;

#endif
