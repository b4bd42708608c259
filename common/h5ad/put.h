/* put.h - HDF5 objects as anndata 0.8 and later write them.
 *
 * Every object carries its encoding-type and encoding-version; strings are UTF-8 of any length;
 * booleans are the enumeration h5py uses; nothing has a timestamp. 'parent' is a group or file,
 * 'name' a path below it, whose missing groups are made.
 *
 *	hid_t uns = put_group(file, "uns", "dict", "0.1.0", &err);
 *	if (uns < 0 || put_text(uns, "reference", "GRCh38", &err) ||
 *	    put_strings(uns, "genes", names, n, &err))
 *		return -1;
 *	H5Gclose(uns);
 */
#ifndef H5AD_PUT_H
#define H5AD_PUT_H

#include <hdf5.h>

#include "h5ad/hdf5/create.h"
#include "h5ad/hdf5/encode.h"

/* A new group, open, or -1. */
hid_t put_group(hid_t parent, const char *name, const char *type, const char *version,
		struct err *err) MUST_USE;

/* The same for "dict" groups that may be there already; closed again. */
int put_dict(hid_t parent, const char *name, struct err *err) MUST_USE;

int put_attr_text(hid_t object, const char *name, const char *value, struct err *err) MUST_USE;
int put_attr_texts(hid_t object, const char *name, const char *const *values, size_t n,
		   struct err *err) MUST_USE;
int put_attr_bool(hid_t object, const char *name, bool value, struct err *err) MUST_USE;
int put_attr_sizes(hid_t object, const char *name, const size_t *values, size_t n,
		   struct err *err) MUST_USE;
int put_encoding(hid_t object, const char *type, const char *version, struct err *err) MUST_USE;

/* The types strings and booleans are stored as. Close them with H5Tclose. */
hid_t type_text(void);
hid_t type_bool(void);

/*
 * An array row by row: the first dimension in batches of 'batch' rows (the last may have fewer).
 * Start fills 'p'; after a failure in between call release.
 */
struct put_rows {
	const char *name;
	hid_t dataset, type; /* 'type' is borrowed */
	int rank;
	hsize_t dims[H5S_MAX_RANK];
	size_t size, row_bytes, batch, row;
	bool encoded;
	struct encoding encoding;
	struct encoder encoder;
};

int put_rows_start(struct put_rows *p, hid_t parent, const char *name, hid_t type, int rank,
		   const hsize_t *dims, const struct encoding *e, struct err *err) MUST_USE;
int put_rows_add(struct put_rows *p, const void *values, size_t n, struct err *err) MUST_USE;
int put_rows_end(struct put_rows *p, const char *encoding, struct err *err) MUST_USE;
void put_rows_release(struct put_rows *p);

/*
 * An array of any fixed-size type, "array" 0.2.0: dims[0..rank) elements of 'type', compressed
 * as 'e' says (NULL: not) when it is worth it. 'values' are in memory as 'type' says.
 */
int put_array(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *dims,
	      const void *values, const struct encoding *e, struct err *err) MUST_USE;

/* A column of strings, "string-array" 0.2.0; NULL is written as "". All text must be UTF-8. */
int put_strings(hid_t parent, const char *name, char *const *values, size_t n,
		struct err *err) MUST_USE;

/* Scalars: "string" 0.2.0, and "numeric-scalar" 0.2.0 of any numeric type. */
int put_text(hid_t parent, const char *name, const char *value, struct err *err) MUST_USE;
int put_number(hid_t parent, const char *name, hid_t type, const void *value,
	       struct err *err) MUST_USE;

/*
 * The same with a fixed width, without an encoding: for containers of our own, whose readers so
 * never look into HDF5's heap, where a damaged length ends in HDF5 itself. Texts end at their first
 * zero.
 */
int put_names(hid_t parent, const char *name, char *const *values, size_t n,
	      struct err *err) MUST_USE;
int put_name(hid_t parent, const char *name, const char *value, struct err *err) MUST_USE;
int put_attr_name(hid_t object, const char *name, const char *value, struct err *err) MUST_USE;

/* Does a path exist below 'parent'? Every step is looked at; broken ones count as no. */
bool put_exists(hid_t parent, const char *path);

#endif
