/* copy_data.h - the values of a dataset, to one of the same shape, type and storage.
 *
 * Large ones go straight from place to place, on other threads (base/write_behind.h): HDF5 is only
 * asked where. Compressed chunks are not touched.
 *
 *	struct copy_data d = {.from = from, .type = type, .space = space, .creation = creation};
 *	copy_data_prepare(&d);
 *	d.to = H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
 *	if (copy_data(&d, err) && !err_is_set(err))
 *		h5_failed(err, "%s", name);
 */
#ifndef H5AD_HDF5_COPY_DATA_H
#define H5AD_HDF5_COPY_DATA_H

#include <hdf5.h>

#include "base/write_behind.h"

struct copy_data {
	hid_t from, to, type, space, creation;
	int rank;
	hsize_t dims[H5S_MAX_RANK];
	struct behind *behind; /* of the file that 'to' is in; NULL: all goes through HDF5 */
};

/* Values live elsewhere in the file: they have to be read and written, not moved as bytes. */
bool copy_is_indirect(hid_t type);

/* Before 'to' is made: where it is to lie is decided when it is made, if that helps. */
void copy_data_prepare(const struct copy_data *d);

/* 'err' is left alone when HDF5 knows why. */
int copy_data(const struct copy_data *d, struct err *err) MUST_USE;

#endif
