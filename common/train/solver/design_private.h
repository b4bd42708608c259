/* design_private.h - what the files behind design.h share: how blocks are kept.
 *
 * design.c packs cells into blocks, design_disk.c keeps the blocks and walks over them,
 * design_repack.c makes a design with fewer genes, or one with fewer cells.
 */
#ifndef TRAIN_SOLVER_DESIGN_PRIVATE_H
#define TRAIN_SOLVER_DESIGN_PRIVATE_H

#include <sys/types.h>

#include "train/solver/design.h"

/* A packed block, in memory or on disk. */
struct packed {
	unsigned char *bytes; /* NULL: on disk */
	off_t offset;
	size_t size;
};

/* Cells of one level waiting to be 256, and the level's blocks so far. */
struct waiting {
	struct cells rows;
	uint32_t *source; /* BLOCK_CELLS of them */
};

struct design_level {
	struct waiting open;
	struct packed *blocks;
	uint32_t *source; /* BLOCK_CELLS per block */
	size_t n_blocks, cap_blocks, cap_source;
};

struct design_store {
	const uint8_t *level_of; /* per cell; NULL: all 0 */
	size_t n_given;          /* cells that have a level */
	int scratch;             /* -1 until needed */
	off_t end;               /* of the scratch file */
	size_t resident;         /* bytes in memory */
	struct design_level *levels;
	struct packed *blocks; /* of all levels, after sealing */
};

/* Take over a level's next block: kept in memory while there is room, else written out. */
int design_keep(struct design *d, struct design_level *level, unsigned char *bytes, size_t size,
		struct err *err) MUST_USE;

/* No more blocks: put those of all levels, and their sources, one after the other. */
void design_join(struct design *d);

#endif
