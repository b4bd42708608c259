/* spool.h - entries in any order in, cells in order out.
 *
 * Text formats give a matrix entry by entry: gene by gene, cell by cell, or shuffled. A spool
 * takes (cell, gene, value) in any order, keeps them in an unlinked temporary file sorted into
 * buckets of consecutive cells, and then gives a stream of cells. Memory is one bucket and at
 * most SPOOL_PENDING small buffers, not the matrix; the file takes 12 bytes per entry.
 *
 *	struct spool *spool = spool_new(spool_bucket(n_cells, n_genes), err);
 *	while (more)
 *		spool_add(spool, cell, gene, value, err);
 *	struct stream *s = spool_stream(spool, n_cells, n_genes);    // owns the spool
 *
 * Entries that name the same cell and gene are added together, as scipy does.
 */
#ifndef MATRIX_SPOOL_H
#define MATRIX_SPOOL_H

#include "matrix/stream.h"

#define SPOOL_PENDING 1024

struct spool;

/* A number of cells per bucket that suits the matrix. Either may be 0: not known yet. */
size_t spool_bucket(size_t n_cells, size_t n_genes);

struct spool *spool_new(size_t cells_per_bucket, struct err *err) MUST_USE;
void spool_free(struct spool *spool); /* NULL is fine */

/* 'value' is finite. Fails when the temporary file cannot be written. */
int spool_add(struct spool *spool, uint32_t cell, uint32_t gene, float value,
	      struct err *err) MUST_USE;

/*
 * The cells. Takes the spool over. All cells and genes added must be below the numbers given;
 * cells nobody added to are empty. One pass only.
 */
struct stream *spool_stream(struct spool *spool, size_t n_cells, size_t n_genes);

#endif
