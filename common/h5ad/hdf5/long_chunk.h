/* long_chunk.h - a chunk too long to be held, read forward a stretch at a time.
 *
 * Some programs store a matrix as one chunk. To read its rows in order, neither its bytes nor what
 * they unpack to need be in memory: gzip or lzf is undone as far as it is wanted, and its state is
 * kept. Where numbers were shuffled before, byte b of every number lies in a plane of its own, so
 * there are as many places to read from as a number has bytes, each with a state: a first pass over
 * all planes but the last finds where they begin. That costs up to twice the time and about 80 KB a
 * byte. A checksum around it all (fletcher32, as h5py places it) is summed in a pass over the
 * stored bytes, before any is used.
 *
 *	struct long_chunk c = {.state = 0};
 *	if (long_chunk_open(&c, &filters, size, fd, &place, err) ||
 *	    long_chunk_read(&c, 0, 1000, out, err) ||              // the first thousand numbers
 *	    long_chunk_read(&c, 5000, 10, out, err))               // what lies between is unpacked, too
 *		return err_prefix(err, "%s", name);
 *	long_chunk_release(&c);
 *
 * To go back begins anew: right, but as slow as it sounds. Bytes are checked as they come, gzip's
 * own checksum where its end is reached. Safe on hostile input.
 */
#ifndef H5AD_HDF5_LONG_CHUNK_H
#define H5AD_HDF5_LONG_CHUNK_H

#include "h5ad/hdf5/filters.h"
#include "h5ad/hdf5/place.h"

struct strand;

struct long_chunk {
	enum { LONG_CHUNK_CLOSED, LONG_CHUNK_OPEN } state;
	int fd;            /* borrowed */
	uint64_t from, to; /* in the file, without the checksum */
	size_t size;       /* of a number */
	size_t n;          /* numbers there are */
	size_t next;       /* that the strands are at */
	int packed;        /* FILTER_DEFLATE, FILTER_LZF, or 0: not at all */
	size_t n_strands;  /* planes, or 1 */
	struct strand *strands;
	uint8_t *planes; /* room to unshuffle from */
	size_t cap_planes;
};

/* Is it stored in a way that can be read so: shuffle of numbers of 'size', then gzip or lzf, then a
 * checksum, or some of these? */
bool long_chunk_knows(const struct filters *f, size_t size);

/* Of numbers of 'size' bytes; the place is within the file. Releases what 'c' was open on. */
int long_chunk_open(struct long_chunk *c, const struct filters *f, size_t size, int fd,
		    const struct place *place, struct err *err) MUST_USE;
void long_chunk_release(struct long_chunk *c); /* zeroed is fine */

/* Numbers [from, from + n), as they were stored but for the filters. */
int long_chunk_read(struct long_chunk *c, size_t from, size_t n, void *out,
		    struct err *err) MUST_USE;

#endif
