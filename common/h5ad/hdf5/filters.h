/* filters.h - undo HDF5's filters on the raw bytes of a chunk.
 *
 * Knows deflate, shuffle, fletcher32 (verified) and lzf, in any order, each of which a chunk may
 * have skipped. Plain functions on bytes: safe on hostile input, for any thread.
 *
 *	struct filters f = {.n = 2, .chunk_bytes = 4096,
 *			    .list = {{FILTER_SHUFFLE, 4}, {FILTER_DEFLATE, 0}}};
 *	const uint8_t *bytes = filters_undo(&f, 0, 0, raw, n_raw, &room, &err);
 */
#ifndef H5AD_HDF5_FILTERS_H
#define H5AD_HDF5_FILTERS_H

#include "base/err.h"

/* Numbers as HDF5 registers them. */
enum { FILTER_DEFLATE = 1, FILTER_SHUFFLE = 2, FILTER_FLETCHER32 = 3, FILTER_LZF = 32000 };

#define FILTERS_MAX 8

struct filter {
	int id;
	size_t element; /* of shuffle: bytes of an element */
};

struct filters {
	size_t n;
	struct filter list[FILTERS_MAX]; /* in the order they were applied */
	size_t chunk_bytes;              /* of the plain chunk */
};

/* Room to work in, one per thread at a time. Zeroed is empty. */
struct filter_room {
	uint8_t *bytes[2];
	size_t cap[2];
	struct libdeflate_decompressor *inflater;
};

void filter_room_release(struct filter_room *room);

/* True when every filter is one that filters_undo knows. */
bool filters_known(const struct filters *f);

/*
 * The plain bytes of a chunk, exactly chunk_bytes of them: 'raw' itself when nothing was applied,
 * else in 'room', valid until its next use. Bit i of 'skipped' says that filter i was not applied;
 * the first 'n_left' filters stay applied. NULL with 'err' when the bytes are damaged.
 */
const uint8_t *filters_undo(const struct filters *f, size_t n_left, uint32_t skipped,
			    const uint8_t *raw, size_t n_raw, struct filter_room *room,
			    struct err *err) MUST_USE;

/*
 * Elements [from, from + n) of 'n_bytes' that a shuffle left: what is not asked for costs nothing.
 * 'out' is aligned for elements of 'element' bytes.
 */
void filters_unshuffle(const uint8_t *bytes, size_t n_bytes, size_t element, size_t from, size_t n,
		       void *out);

/*
 * LibLZF's format. Returns the number of bytes written to out[0..cap), or SIZE_MAX when the input
 * is damaged or does not fit.
 */
size_t lzf_decode(const uint8_t *in, size_t n, uint8_t *out, size_t cap);

/*
 * HDF5's own Fletcher checksum of 16-bit big-endian words; zeroed at first. Bytes may come in
 * pieces, all but the last of an even number.
 */
struct fletcher32 {
	uint32_t low, high;
};

void fletcher32_add(struct fletcher32 *f, const uint8_t *bytes, size_t n);
uint32_t fletcher32_sum(const struct fletcher32 *f);

/* Are these four bytes, which HDF5 put behind the data, their sum? */
bool fletcher32_fits(const struct fletcher32 *f, const uint8_t stored[4]);

#endif
