/* create.h - how new HDF5 objects are made, and what to say when they cannot be.
 *
 *	hid_t group = H5Gcreate2(parent, name, put_links(), H5P_DEFAULT, H5P_DEFAULT);
 *	if (group < 0)
 *		return h5_failed(err, "'%s' cannot be written", name);
 */
#ifndef H5AD_HDF5_CREATE_H
#define H5AD_HDF5_CREATE_H

#include <hdf5.h>

#include "base/err.h"

/* Fill 'err' with the message and what HDF5 says was the reason. Returns -1. */
PRINTF_LIKE(2, 3) int h5_failed(struct err *err, const char *format, ...);

/* For new links: missing groups on the way are made, names are UTF-8. Not to be closed. */
hid_t put_links(void);

/* For new datasets: no times. The caller closes it. */
hid_t put_creation(void);

/*
 * 'id', a type or a list of properties that was made in steps; when not all of them went well
 * nothing (it is closed), so that what wants it fails. Half a type writes something else without a
 * word: a boolean that is no more than a number.
 */
hid_t put_if(bool good, hid_t id);

/* UTF-8 of that width, ended by zeros, or with H5T_VARIABLE of any. The caller closes it. */
hid_t put_text_type(size_t width);

#endif
