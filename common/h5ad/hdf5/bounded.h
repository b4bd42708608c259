/* bounded.h - reading datasets and attributes whose text lengths may lie.
 *
 * A string of variable length stands in a file as a length and a place. HDF5 believes the length: a
 * damaged one of 4 GB makes it allocate and clear that before it looks what is there. Strings are
 * never shared and never compressed, so all that are read together are shorter than the file: their
 * lengths are read first, by themselves, and what cannot be is not read.
 *
 *	if (h5_read_bounded(dataset, type, memory, rows, strings) < 0)
 *		... the reason is on HDF5's error stack, as of H5Dread
 *	H5Dvlen_reclaim(type, memory, H5P_DEFAULT, strings);    // as ever: they are of malloc
 */
#ifndef H5AD_HDF5_BOUNDED_H
#define H5AD_HDF5_BOUNDED_H

#include <hdf5.h>

#include "base/util.h"

/*
 * H5Dread with the default properties, of a type whose strings and other sequences, if it has any,
 * stand by themselves or as fields of a compound. Negative on failure, and when the lengths add up
 * to more than the file has bytes; 'out' then holds nothing to reclaim.
 */
herr_t h5_read_bounded(hid_t dataset, hid_t memory_type, hid_t memory_space, hid_t file_space,
		       void *out) MUST_USE;

/* H5Aread in the same way. */
herr_t h5_read_attribute(hid_t attribute, hid_t memory_type, void *out) MUST_USE;

#endif
