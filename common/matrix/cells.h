/* cells.h - a block of consecutive cells.
 *
 * Rows are cells, columns are genes, compressed by row. Row i holds genes[starts[i]..starts[i+1])
 * with the values beside them; starts[0] is 0. Within a cell gene indices rise strictly, from
 * 0. Explicit zeros are kept. Values are finite. A block is all that is ever in memory.
 *
 *	for (size_t i = 0; i < block->n_cells; i++)
 *		for (size_t j = block->starts[i]; j < block->starts[i + 1]; j++)
 *			sum[block->genes[j]] += block->values[j];
 */
#ifndef MATRIX_CELLS_H
#define MATRIX_CELLS_H

#include "base/mem.h"

struct cells {
	size_t first; /* number of the block's first cell in its stream */
	size_t n_cells;
	size_t n_genes;  /* columns of the whole matrix */
	size_t *starts;  /* n_cells + 1 */
	uint32_t *genes; /* starts[n_cells] */
	float *values;
	double *counts; /* per cell: of how many counts it was made, when a step knows; or NULL */
	size_t cap_counts;
	size_t cap_cells, cap_stored; /* room; starts has cap_cells + 1 */
};

static inline size_t cells_stored(const struct cells *block)
{
	return block->n_cells ? block->starts[block->n_cells] : 0;
}

/*
 * How a block is shared out (base/pool.h) for what is done cell by cell: in how many parts, and
 * which cells each has. The block alone decides, not a number of cells: of cells that store much a
 * block has a hundred or ten, and they too are work for more than one thread. (Where parts are
 * added up another number of them is other last bits: those have numbers of their own.)
 *
 *	pool_run(pool, cells_n_parts(block), do_part, &job);
 *
 *	struct cell_range range = cells_part(job->block, part);
 *	for (size_t cell = range.from; cell < range.end; cell++)
 */
#define CELLS_MOST_PARTS ((size_t)32)

struct cell_range {
	size_t from, end;
};

static inline size_t cells_n_parts(const struct cells *block)
{
	return MIN(block->n_cells, CELLS_MOST_PARTS);
}

static inline struct cell_range cells_part(const struct cells *block, size_t part)
{
	size_t n_parts = cells_n_parts(block);

	return (struct cell_range){part * block->n_cells / n_parts,
				   (part + 1) * block->n_cells / n_parts};
}

/* Empty the block and make room for so many cells and stored values. */
void cells_reserve(struct cells *block, size_t n_cells, size_t n_stored);

/* Frees the arrays; a zeroed block is empty and may be released. */
void cells_release(struct cells *block);

/* Close the gaps that are left when only the first kept[i] values of cell i stay. */
void cells_close_up(struct cells *block, const size_t *kept);

/* ---- one cell --------------------------------------------------------------------------------
 * What readers do to a cell on its way into a block: look for what is wrong, put it right.
 */
enum {
	CELL_UNSORTED = 1,  /* gene indices do not rise strictly: unsorted, or twice the same */
	CELL_BAD_GENE = 2,  /* an index is n_genes or more */
	CELL_NOT_FINITE = 4 /* a value is NaN or infinite */
};

/* Everything that is wrong with a cell's stored values, as bits. */
unsigned cell_look(const uint32_t *genes, const float *values, size_t n, size_t n_genes);

/*
 * Room for sorting, grown on demand: some bytes a stored value and a gene. For one thread at a
 * time. Zeroed is empty; free with cell_room_release.
 */
struct cell_room {
	uint64_t *pairs;
	size_t cap;
	float *row;      /* of all genes */
	uint64_t *taken; /* a bit per gene; 0 between calls */
	size_t cap_row;
};
void cell_room_release(struct cell_room *room);

/*
 * Sort a cell's values by gene, in time that follows their number, whatever their order; equal
 * genes stay in the order they came.
 */
void cell_sort(uint32_t *genes, float *values, size_t n, struct cell_room *room);

/* The first gene that stands twice in a sorted cell, or UINT32_MAX. */
uint32_t cell_duplicate(const uint32_t *genes, size_t n);

/*
 * Rename genes: gene g becomes map[g], or is left out where that is UINT32_MAX. Returns how many
 * are left; sorts them when the map changed their order.
 */
size_t cell_rename(uint32_t *genes, float *values, size_t n, const uint32_t *map,
		   struct cell_room *room);

/*
 * Sort a cell's values by gene and add up those of one gene, in double, in the order they came.
 * Returns how many are left.
 */
size_t cell_add_up(uint32_t *genes, float *values, size_t n, struct cell_room *room);

#endif
