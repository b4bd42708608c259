/* series.h - one-dimensional datasets that grow at their end, chunk by chunk.
 *
 * A sparse matrix is three of them. Full chunks are encoded on the pool while the caller works on.
 * HDF5 is told of each in the order they were filled, so the file's bytes depend neither on the
 * number of threads nor on how the elements came in; the bytes themselves go to their places
 * behind the caller's back (base/write_behind.h). A few chunks per thread are in memory.
 *
 *	struct series_queue *q = series_queue_new(&encoding, pool, behind);
 *	struct series data = series_start(q, group, "data", H5T_IEEE_F32LE);
 *	series_add(&data, values, n, &err); ...
 *	series_end(&data, &err);        // of every series, then
 *	behind_drain(behind, &err);     // before the file is closed or read
 *	series_queue_free(q);
 *
 * A full chunk stays in its series until the next element comes: so two series that are filled
 * in step, and a third that follows them, reach the file in an order that is theirs alone.
 */
#ifndef H5AD_HDF5_SERIES_H
#define H5AD_HDF5_SERIES_H

#include "base/pool.h"
#include "base/write_behind.h"
#include "h5ad/hdf5/encode.h"

struct series_queue;

struct series {
	struct series_queue *queue;
	hid_t parent, type, dataset; /* the dataset is made with its first chunk */
	const char *name;
	size_t size;      /* bytes of an element */
	size_t n_chunk;   /* elements of a chunk */
	size_t n_filled;  /* elements waiting in 'filling' */
	size_t n_queued;  /* elements handed to the queue, or written */
	uint8_t *filling; /* a room of the queue's, where nothing is encoded */
};

#define SERIES_CHUNK_BYTES ((size_t)4 << 20) /* no chunk is larger, encoded or not */

/* 'behind' writes the file, which was opened with h5_access; its rooms hold a chunk. Borrowed. */
struct series_queue *series_queue_new(const struct encoding *e, struct pool *pool,
				      struct behind *behind);
void series_queue_free(struct series_queue *q); /* drops what is not written */

/* 'type' must outlive the series; elements are at most 8 bytes. */
struct series series_start(struct series_queue *q, hid_t parent, const char *name, hid_t type);
int series_add(struct series *s, const void *values, size_t n, struct err *err) MUST_USE;

/* Elements that fit before a chunk is handed on; never 0. */
size_t series_room(const struct series *s);

/* Hand on what is left, and close the dataset. */
int series_end(struct series *s, struct err *err) MUST_USE;
void series_release(struct series *s); /* after a failure; a zeroed or ended series is fine */

#endif
