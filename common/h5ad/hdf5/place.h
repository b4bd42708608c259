/* place.h - where in the file the bytes of a chunk lie.
 *
 * HDF5 serves one thread at a time and copies what it reads and writes. It is better asked only
 * for the place; then any thread may bring the bytes there or fetch them. This is an HDF5 driver
 * for ordinary files that, when asked, notes the place instead of touching the file.
 *
 *	place_driver(access);                 // of the list that the file is opened or made with
 *	if (place_of_chunk(dataset, at, &place) == 0 && place.n)
 *		pread(fd, bytes, place.n, place.at);
 */
#ifndef H5AD_HDF5_PLACE_H
#define H5AD_HDF5_PLACE_H

#include <hdf5.h>

#include "base/util.h"

struct place {
	uint64_t at;      /* from the file's first byte */
	size_t n;         /* 0: HDF5 did not say */
	uint32_t skipped; /* filters that this chunk did without */
};

/* Open files through the driver. */
void place_driver(hid_t access);

/* The descriptor such a file is read and written through, HDF5's own; -1 for other files. */
int place_descriptor(hid_t file);

/*
 * The place of the chunk that begins at 'at', in a file that has a place_descriptor. -1 when there
 * is none, or HDF5 cannot find it.
 */
int place_of_chunk(hid_t dataset, const hsize_t *at, struct place *place) MUST_USE;

/*
 * A place for the 'n' bytes of a chunk, which HDF5 takes for written from now on: the caller writes
 * them there before the file is complete. If place.n is 0 HDF5 has written 'bytes' itself.
 */
int place_for_chunk(hid_t dataset, const hsize_t *at, uint32_t skipped, const void *bytes, size_t n,
		    struct place *place) MUST_USE;

#endif
