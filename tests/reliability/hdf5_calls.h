/* hdf5_calls.h - what memory.c tells hdf5_calls.c, both parts of memory.so.
 *
 *	if (memory_is_short(__builtin_return_address(0)))
 *		return -1;              // as HDF5 does, with words on its stack of errors
 *
 * Only calls that the filter's own code makes are counted, and only where calls of HDF5 are what is
 * to fail ("hdf5 17").
 */
#ifndef RELIABILITY_HDF5_CALLS_H
#define RELIABILITY_HDF5_CALLS_H

#include "base/util.h"

/* Counts a call of HDF5, and says whether it is the one that is due. */
bool memory_is_short(const void *caller);

#endif
