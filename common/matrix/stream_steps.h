/* stream_steps.h - a stream over another stream, with something done to each block on its way.
 *
 *	struct stream *cells = h5ad_stream(in, slot, &pick, pool, &err);
 *	cells = stream_judge(cells, keep_verdict, &verdict, pool);
 *	cells = stream_lognorm(cells, NORM_AS_STORED, 1e4, pool);
 *	while ((got = stream_next(cells, &block, &err)) > 0)   // log1p of counts per 10,000
 *
 * One road for all filters: what is judged is what the file holds, what goes out is normalised.
 * A step changes values in place; explicit zeros may come to be, the shape stays. A step owns the
 * stream it stands on: freeing the step frees both. Rows and genes are chosen where the file is
 * read (struct pick in h5ad/h5ad.h) whenever no step needs them all.
 */
#ifndef MATRIX_STREAM_STEPS_H
#define MATRIX_STREAM_STEPS_H

#include "base/pool.h"
#include "matrix/norm.h"
#include "matrix/stream.h"

/* The block that was read from 'from' to look at it is given out once more, then what follows. */
struct stream *stream_hold(struct stream *from, struct cells *first);

/*
 * Cells pass as they are and are judged (matrix/norm.h); at the end of the stream, once, the
 * verdict over all of them is handed to 'conclude': its -1, with 'err' filled, is the stream's.
 */
typedef int stream_verdict(void *arg, const struct norm_verdict *v, struct err *err);
struct stream *stream_judge(struct stream *from, stream_verdict *conclude, void *arg,
			    struct pool *pool);

/* Counts come in and pass on; how many each cell has is written down beside it (cells->counts). */
struct stream *stream_count(struct stream *from, struct pool *pool);

/*
 * Counts come in, or what 'way' leads back to them; log1p of counts per 'target_sum' goes out
 * (matrix/lognorm.h). A cell's sum is taken over the genes that come: stand this on a stream of all
 * genes, or the genes that a pick leaves out are missing from the sums.
 */
struct stream *stream_lognorm(struct stream *from, enum norm_way way, double target_sum,
			      struct pool *pool);

/*
 * Only some genes go out: 'map' is per gene that comes its new number, or STRTAB_NONE to leave it
 * out; the numbers rise. For choosing genes after a step that needs them all. 'map' is borrowed.
 */
struct stream *stream_take_genes(struct stream *from, const uint32_t *map, size_t n_genes,
				 struct pool *pool);

/* Both at once: the same values, but only of what goes out is a logarithm taken. */
struct stream *stream_lognorm_genes(struct stream *from, enum norm_way way, double target_sum,
				    const uint32_t *map, size_t n_genes, struct pool *pool);

#endif
