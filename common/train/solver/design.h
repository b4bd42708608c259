/* design.h - the cells a model is trained on, packed for many passes.
 *
 * Cells are added once, in the order of their file, and walked many times, as blocks of 256
 * (block.h). Values stay as they are in the file; standardising is part of the arithmetic
 * (scaling.h, products.h), so several fits can share one design with different cells left out,
 * different means and different scales.
 *
 * Cells have a level, chosen by the caller: blocks of level 0 come first, then level 1, and so
 * on. A fit on the first few levels is a fit on a sample. Within a level cells keep their order.
 *
 * What fits in 'memory' bytes stays there; the rest goes to an unlinked scratch file and is read
 * sequentially on every walk, ahead of use. Both give the same numbers.
 *
 *	struct design *d = design_new(n_genes, levels, n_cells, memory, NULL);
 *	while (stream_next(...) > 0)
 *		design_add(d, block, first, gene_map, pool, err);
 *	design_seal(d, pool, err);
 *	design_walk(d, d->n_blocks, pool, visit, job, err);
 */
#ifndef TRAIN_SOLVER_DESIGN_H
#define TRAIN_SOLVER_DESIGN_H

#include "base/err.h"
#include "base/pool.h"
#include "train/solver/block.h"

#define CELL_NONE UINT32_MAX
#define LEVEL_OUT 255 /* the level of a cell to leave out */

struct design {
	size_t n_genes;
	size_t n_cells;   /* that were added */
	size_t n_blocks;  /* after design_seal */
	size_t n_slots;   /* n_blocks * BLOCK_CELLS: the last block of a level may have holes */
	uint32_t *source; /* per slot: the number of its cell, or CELL_NONE for a hole */
	size_t n_levels;
	size_t *level_end; /* per level: blocks in it and in the levels before it */
	size_t n_stored;   /* values */
	size_t bytes, bytes_on_disk;
	size_t memory; /* bytes that may stay in memory */
	char *folder;  /* of scratch files; NULL: TMPDIR */
	struct design_store *store;
};

/*
 * An empty design for cells 0..n_cells with a level each (NULL: all 0), or LEVEL_OUT. 'scratch' is
 * the folder of the scratch file, NULL for TMPDIR.
 */
struct design *design_new(size_t n_genes, const uint8_t *levels, size_t n_cells, size_t memory,
			  const char *scratch);
void design_free(struct design *d); /* NULL is fine */

/*
 * Add cells; the first one is cell number 'first', the next one first + 1, and so on. 'gene_map'
 * gives the design's gene for each of theirs, rising, or UINT32_MAX (NULL: the same).
 */
int design_add(struct design *d, const struct cells *cells, size_t first, const uint32_t *gene_map,
	       struct pool *pool, struct err *err) MUST_USE;

/* No more cells: pack what is left over. */
int design_seal(struct design *d, struct pool *pool, struct err *err) MUST_USE;

/* Some consecutive blocks in memory. */
struct blocks {
	size_t first, n;
	const struct block *block;
};

/*
 * Visit the first n_blocks blocks in order, some at a time; what is on disk is read ahead while
 * 'visit' works. How many come at a time is no business of the result.
 */
typedef void blocks_visit(void *job, const struct blocks *blocks);
int design_walk(struct design *d, size_t n_blocks, struct pool *pool, blocks_visit *visit,
		void *job, struct err *err) MUST_USE;

/*
 * A new design with some of the genes (gene_map as above), the same slots and levels. 'd' is
 * used up and freed, bit by bit, also on failure.
 */
struct design *design_narrow(struct design *d, const uint32_t *gene_map, size_t n_genes,
			     struct pool *pool, struct err *err) MUST_USE;

/*
 * A new design with the values of some cells only ('keep' is per slot), for fits that leave the
 * others out: slots, levels and genes are the same, and so are the results. 'd' stays. NULL on
 * failure.
 */
struct design *design_pick(struct design *d, const uint8_t *keep, struct pool *pool,
			   struct err *err) MUST_USE;

#endif
