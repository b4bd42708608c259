/* copy.h - an HDF5 object from file to file, as it is.
 *
 * What H5Ocopy does; that one frees memory twice when the disk is full (libhdf5 1.10.8), and this
 * one says so. Groups with all they hold, datasets with their storage and filters (compressed
 * chunks are not touched), attributes. References are left out: they would point nowhere.
 *
 *	if (copy_tree(from, "uns", to, "uns", behind, NULL, err))
 *		return -1;
 */
#ifndef H5AD_HDF5_COPY_H
#define H5AD_HDF5_COPY_H

#include <hdf5.h>

#include "base/write_behind.h"

/*
 * Something else to do with an object that is found on the way: 1 when it was done, 0 to copy it as
 * it is, -1 with 'err'. 'where' is below 'to'.
 */
struct copy_hook {
	int (*instead)(void *arg, hid_t object, hid_t to, const char *where, struct err *err);
	void *arg;
};

/*
 * Copy from/path to a new to/where, whose groups must be there. With 'behind', which is of the file
 * that 'to' is in, large arrays are on their way when this returns; NULL: all is there.
 * 'hook' may be NULL.
 */
int copy_tree(hid_t from, const char *path, hid_t to, const char *where, struct behind *behind,
	      const struct copy_hook *hook, struct err *err) MUST_USE;

#endif
