/* h5ad_stream.h - h5ad_stream, with its sizes in hand.
 *
 * h5ad_stream (h5ad/h5ad.h) chooses these sizes itself. They change how a matrix is cut into
 * blocks and what memory that takes, never the values: tests say so with blocks of one cell.
 *
 * Memory: two pieces of a block's size each (two blocks of compressed data), one read ahead, their
 * compressed bytes, and a tile that two pieces share: some 20 to 60 MB whatever the cells. A dense
 * band is at most 128 MB. CSC takes 8 bytes a cell and 'transpose' bytes; what is more goes through
 * a scratch file of 12 bytes a stored value under TMPDIR. A dense matrix in many chunks as tall as
 * itself is read as CSC is. Chunks are read whole up to 8 MB; longer ones a stretch at a time
 * (hdf5/long_chunk.h), unless a checksum stands before another filter.
 *
 *	const struct stream_limits one_cell = {.cells = 1, .stored = 1, .transpose = 1 << 10};
 *	struct stream *s = h5ad_stream_limited(in, slot, NULL, &one_cell, pool, err);
 */
#ifndef H5AD_H5AD_STREAM_H
#define H5AD_H5AD_STREAM_H

#include "h5ad/h5ad.h"

struct stream *h5ad_stream_limited(struct h5ad *f, const struct slot *slot, const struct pick *pick,
				   const struct stream_limits *limits, struct pool *pool,
				   struct err *err) MUST_USE;

#endif
