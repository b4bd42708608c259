/* depths.h - training cells at several depths: as they are, and as a shallower method had seen them.
 *
 * A section shows a tenth of the molecules that a suspension does, and a model that has seen deep
 * cells only is wrong about shallow ones in its own way. So each cell is trained on at every depth:
 * of the counts of the genes that are trained on, each is kept with the depth's chance, and what is
 * left is log-normalised over those genes, as a panel's file will be.
 *
 *	struct depths d = {.shares = {1, 0.3, 0.1}, .n = 3, .seed = 42, .target_sum = 1e4};
 *	copies = depths_block(&d, block, gene_map, number_of);   // n cells for each of the block's
 *	depths_release(&d);
 *
 * Copies of a cell are next to each other, in the order of the shares. Draws belong to the cell's
 * row: the same whatever the blocks. Memory: one block and its copies.
 */
#ifndef TRAIN_DEPTHS_H
#define TRAIN_DEPTHS_H

#include "base/err.h"
#include "matrix/cells.h"

#define MOST_DEPTHS 8

struct depths {
	double shares[MOST_DEPTHS]; /* falling, the first 1 */
	size_t n;                   /* 0: cells as they are */
	uint64_t seed;
	double target_sum;
	struct cells copies; /* of the last block */
};

/* "1,.3,.1" into the shares. -1: err says what is wrong. */
int depths_parse(struct depths *d, const char *words, struct err *err) MUST_USE;

/*
 * 'block' is log1p of counts per target sum. Genes that 'gene_map' has UINT32_MAX for are left out
 * (NULL: none are). 'rows' are the cells' rows in the file. What is returned is valid until the
 * next call; a copy without a count has no values.
 */
const struct cells *depths_block(struct depths *d, const struct cells *block,
				 const uint32_t *gene_map, const size_t *rows);
void depths_release(struct depths *d);

#endif
