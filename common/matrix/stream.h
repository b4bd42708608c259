/* stream.h - cells, a block at a time.
 *
 * A stream yields the cells of one matrix in order, as blocks of consecutive cells. It is either
 * a slot of a file (h5ad/h5ad.h opens those), or another stream with a step applied (normalise:
 * matrix/lognorm.h; and so on). Reading and decoding run ahead of the consumer.
 *
 *	while ((got = stream_next(s, &block, err)) > 0)
 *		add_up(block);
 *	stream_free(s);
 */
#ifndef MATRIX_STREAM_H
#define MATRIX_STREAM_H

#include "base/err.h"
#include "matrix/cells.h"

struct stream {
	size_t n_cells, n_genes; /* of the whole stream */
	size_t n_stored;         /* of the whole stream, or 0 when not known before reading */
	bool integers;           /* the file stores an integer type */
	int (*next)(struct stream *s, struct cells **block, struct err *err);
	void (*free)(struct stream *s);
};

/*
 * Point '*block' at the next cells. The block belongs to the stream and is valid until the next
 * call; the caller may change its values in place, not its shape. Returns 1, or 0 at the end, or
 * -1 with 'err' filled. Blocks are never empty, and their sizes depend on the data alone, never
 * on the number of threads.
 */
static inline int stream_next(struct stream *s, struct cells **block, struct err *err)
{
	return s->next(s, block, err);
}

/* Frees the stream and what it was made of. NULL is fine. */
static inline void stream_free(struct stream *s)
{
	if (s)
		s->free(s);
}

#endif
