/* block.h - up to 256 cells packed for training: by gene, five bytes per stored value.
 *
 * The values of a gene within the block are a segment: the cells that have it (one byte each,
 * counted from the block's first) and what they have. Walking segments, the coefficients of a
 * gene stay in registers while the scores of 256 cells stay in the nearest cache; the same
 * bytes serve scores (forward) and gradients (backward), in memory or on disk.
 *
 * Genes are grouped into tiles, so that a part of the work can take some genes of every block.
 * Segments rise by gene, values within a segment by cell; zeros are left out.
 *
 *	unsigned char *bytes = block_pack(&rows, &size);             // up to 256 cells
 *	struct block b = block_view(bytes);
 *	for (size_t s = b.tile_segment[0]; s < b.tile_segment[1]; s++)
 *		use(b.gene[s], b.more[s] + 1);               // a gene and how many cells have it
 *	free(bytes);
 */
#ifndef TRAIN_SOLVER_BLOCK_H
#define TRAIN_SOLVER_BLOCK_H

#include "matrix/cells.h"

#define BLOCK_CELLS 256
#define TILE_GENES 512
#define BLOCK_AHEAD 64 /* bytes after the cells that may be read ahead, for prefetching */

static inline size_t block_tiles(size_t n_genes)
{
	return (n_genes + TILE_GENES - 1) / TILE_GENES;
}

/* A view of packed bytes; owns nothing. */
struct block {
	size_t n_cells, n_segments, n_stored, n_tiles;
	const uint32_t *tile_segment; /* n_tiles + 1: each tile's first segment */
	const uint32_t *tile_stored;  /* n_tiles + 1: and its first value */
	const uint16_t *gene;         /* per segment, counted from its tile's first gene */
	const uint8_t *more;          /* per segment: its values, less one */
	const uint8_t *cell;          /* per value */
	const float *value;
};

/*
 * Pack the cells (at most BLOCK_CELLS, genes below rows->n_genes). Returns bytes that the caller
 * frees, a multiple of 64, and their number in 'size'.
 */
unsigned char *block_pack(const struct cells *rows, size_t *size);

/*
 * Pack again with fewer genes: gene_map gives the new index of each gene, rising, or UINT32_MAX
 * for a gene to leave out.
 */
unsigned char *block_narrow(const struct block *from, const uint32_t *gene_map, size_t n_genes,
			    size_t *size);

/* Pack again the values of some cells, 'keep' being 1 or 0 per cell; every cell keeps its place. */
unsigned char *block_pick(const struct block *from, const uint8_t *keep, size_t *size);

/* See packed bytes, which must outlive the view and begin at a multiple of 64. */
struct block block_view(const unsigned char *bytes);

#endif
