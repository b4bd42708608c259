/* steps.h - a stream over another stream, with something done to each block on its way.
 *
 *	struct stream *cells = h5ad_stream(in, slot, &pick, pool, &err);
 *	if (cells && verdict == NORM_COUNTS)
 *		cells = stream_lognorm(cells, 1e4, pool);
 *
 * A step owns the stream it stands on: freeing the step frees both. Rows and genes are chosen
 * where the file is read (struct pick in h5ad/h5ad.h) whenever no step needs them all.
 */
#ifndef MATRIX_STEPS_H
#define MATRIX_STEPS_H

#include "base/pool.h"
#include "matrix/stream.h"

/*
 * What a step does to a block: change its values in place, or only look. Returns -1 with 'err'
 * filled to end the stream there. Explicit zeros may come to be; the shape stays.
 */
typedef int step_work(struct cells *block, void *arg, struct err *err);

/* 'arg' is borrowed, unless 'release' is given: then it is called with it when the step is freed.
 */
struct stream *stream_step(struct stream *from, step_work *work, void *arg,
			   void (*release)(void *arg));

/*
 * Counts come in, log1p of counts per 'target_sum' go out (matrix/lognorm.h). A cell's sum is taken
 * over the genes that come: stand this on a stream of all genes, or the genes that a pick leaves
 * out are missing from the sums.
 */
struct stream *stream_lognorm(struct stream *from, double target_sum, struct pool *pool);

/*
 * Only some genes go out: 'map' is per gene that comes its new number, or STRTAB_NONE to leave it
 * out; the numbers rise. For choosing genes after a step that needs them all. 'map' is borrowed.
 */
struct stream *stream_take_genes(struct stream *from, const uint32_t *map, size_t n_genes);

#endif
