/* lzf_stream.h - LibLZF's format undone a stretch at a time (lzf.c).
 *
 * What lzf_decode (filters.h) does with all bytes in memory, for who has neither all of the packed
 * ones nor room for all of the plain ones: a run reaches back 8 KB at most, and that much is kept.
 *
 *	struct lzf_stream s = {.done = 0};
 *	while (lzf_stream_some(&s, &in, &n_in, out, room, &made) == 0 && made < room)
 *		in = more(&n_in);               // it stopped for want of packed bytes
 *
 * A copy by assignment goes on from the same place by itself. Safe on hostile input.
 */
#ifndef H5AD_HDF5_LZF_STREAM_H
#define H5AD_HDF5_LZF_STREAM_H

#include "base/util.h"

#define LZF_BACK ((size_t)8192) /* the longest way back */

struct lzf_stream {
	uint64_t done; /* plain bytes given so far */
	size_t run;    /* bytes left of the run at hand */
	size_t back;   /* where it copies from; 0: its bytes come as they are */
	size_t control;
	enum { LZF_CONTROL, LZF_LENGTH, LZF_DISTANCE } wants; /* what the next packed byte is */
	uint8_t past[LZF_BACK];                               /* a ring of the last plain bytes */
};

/*
 * Up to 'n' bytes to 'out', '*made' of them; fewer mean that all of '*in' was taken, which moves on
 * in any case, with '*n_in'. -1: the bytes are damaged.
 */
int lzf_stream_some(struct lzf_stream *s, const uint8_t **in, size_t *n_in, uint8_t *out, size_t n,
		    size_t *made) MUST_USE;

/* Is it between two runs, where the data may end? */
static inline bool lzf_stream_may_end(const struct lzf_stream *s)
{
	return s->run == 0 && s->wants == LZF_CONTROL;
}

#endif
