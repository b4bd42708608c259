/* design.c - packing cells into blocks; see design.h. */
#include "base/util.h"

#include <unistd.h>

#include "train/solver/design_private.h"

struct design *design_new(size_t n_genes, const uint8_t *levels, size_t n_cells, size_t memory,
			  const char *scratch)
{
	struct design *d = mem_zero(1, sizeof(*d));

	MEM_ZERO(d->store, 1);
	d->n_genes = n_genes;
	d->n_levels = 1;
	for (size_t cell = 0; levels && cell < n_cells; cell++)
		if (levels[cell] != LEVEL_OUT)
			d->n_levels = MAX(d->n_levels, (size_t)levels[cell] + 1);
	MEM_ZERO(d->level_end, d->n_levels);
	MEM_ZERO(d->store->levels, d->n_levels);
	d->store->level_of = levels;
	d->store->n_given = n_cells;
	d->memory = memory;
	d->folder = scratch ? mem_str(scratch) : NULL;
	d->store->scratch = -1;
	return d;
}

static void level_release(struct design_level *level)
{
	cells_release(&level->open.rows);
	free(level->open.source);
	for (size_t b = 0; b < level->n_blocks; b++)
		free(level->blocks[b].bytes);
	free(level->blocks);
	free(level->source);
	*level = (struct design_level){0};
}

void design_free(struct design *d)
{
	if (!d)
		return;
	for (size_t l = 0; l < d->n_levels; l++)
		level_release(&d->store->levels[l]);
	for (size_t b = 0; d->store->blocks && b < d->n_blocks; b++)
		free(d->store->blocks[b].bytes);
	if (d->store->scratch >= 0)
		close(d->store->scratch);
	free(d->folder);
	free(d->store->blocks);
	free(d->store->levels);
	free(d->store);
	free(d->level_end);
	free(d->source);
	free(d);
}

/* ---- adding ---- */

/* Blocks that are full and wait to be packed, side by side. */
struct batch {
	struct waiting *full;
	size_t *level;
	unsigned char **bytes;
	size_t *sizes;
	size_t n, cap_full, cap_level;
};

static void pack_part(void *arg, size_t part)
{
	struct batch *batch = arg;

	batch->bytes[part] = block_pack(&batch->full[part].rows, &batch->sizes[part]);
	cells_release(&batch->full[part].rows);
}

static int store_part(struct design *d, struct batch *batch, size_t part, struct err *err)
{
	struct design_level *level = &d->store->levels[batch->level[part]];
	size_t at = level->n_blocks * BLOCK_CELLS;

	MEM_GROW(level->source, at + BLOCK_CELLS, level->cap_source);
	memcpy(level->source + at, batch->full[part].source, BLOCK_CELLS * sizeof(uint32_t));
	free(batch->full[part].source);
	return design_keep(d, level, batch->bytes[part], batch->sizes[part], err);
}

static int pack_batch(struct design *d, struct batch *batch, struct pool *pool, struct err *err)
{
	int ret = 0;

	MEM_ARRAY(batch->bytes, batch->n);
	MEM_ARRAY(batch->sizes, batch->n);
	pool_run(pool, batch->n, pack_part, batch);
	for (size_t part = 0; part < batch->n; part++)
		ret |= store_part(d, batch, part, err);
	free(batch->full);
	free(batch->level);
	free(batch->bytes);
	free(batch->sizes);
	return ret;
}

static void close_block(struct batch *batch, struct waiting *open, size_t level)
{
	MEM_GROW(batch->full, batch->n + 1, batch->cap_full);
	MEM_GROW(batch->level, batch->n + 1, batch->cap_level);
	batch->full[batch->n] = *open;
	batch->level[batch->n++] = level;
	*open = (struct waiting){0};
}

static void grow_rows(struct cells *rows, size_t stored)
{
	size_t had = rows->cap_stored;

	if (stored <= had)
		return;
	MEM_GROW(rows->genes, stored, had);
	had = rows->cap_stored;
	MEM_GROW(rows->values, stored, had);
	rows->cap_stored = had;
}

/* Append cell i of 'from' to a waiting block. */
static void wait_cell(struct waiting *open, const struct cells *from, size_t i,
		      const uint32_t *gene_map, size_t n_genes, uint32_t source)
{
	struct cells *rows = &open->rows;
	size_t stored, begin = from->starts[i], end = from->starts[i + 1];

	if (!open->source) {
		MEM_ARRAY(open->source, BLOCK_CELLS);
		memset(open->source, 0xff, BLOCK_CELLS * sizeof(uint32_t));
		cells_reserve(rows, BLOCK_CELLS, (end - begin + 64) * BLOCK_CELLS);
		rows->n_genes = n_genes;
		rows->starts[0] = 0;
	}
	stored = rows->starts[rows->n_cells];
	grow_rows(rows, stored + end - begin);
	for (size_t k = begin; k < end; k++) {
		uint32_t gene = gene_map ? gene_map[from->genes[k]] : from->genes[k];

		if (gene == UINT32_MAX)
			continue;
		rows->genes[stored] = gene;
		rows->values[stored++] = from->values[k];
	}
	open->source[rows->n_cells++] = source;
	rows->starts[rows->n_cells] = stored;
}

int design_add(struct design *d, const struct cells *cells, size_t first, const uint32_t *gene_map,
	       struct pool *pool, struct err *err)
{
	struct design_store *store = d->store;
	struct batch batch = {0};

	for (size_t i = 0; i < cells->n_cells; i++) {
		size_t cell = first + i;
		size_t level;
		struct waiting *open;

		if (cell >= store->n_given)
			BUG("cell %zu of %zu", cell, store->n_given);
		level = store->level_of ? store->level_of[cell] : 0;
		if (level == LEVEL_OUT)
			continue;
		open = &store->levels[level].open;
		wait_cell(open, cells, i, gene_map, d->n_genes, (uint32_t)cell);
		d->n_cells++;
		if (open->rows.n_cells == BLOCK_CELLS)
			close_block(&batch, open, level);
	}
	return pack_batch(d, &batch, pool, err);
}

/* ---- sealing ---- */

void design_join(struct design *d)
{
	size_t at = 0;

	for (size_t l = 0; l < d->n_levels; l++) {
		d->n_blocks += d->store->levels[l].n_blocks;
		d->level_end[l] = d->n_blocks;
	}
	d->n_slots = d->n_blocks * BLOCK_CELLS;
	MEM_ARRAY(d->store->blocks, d->n_blocks);
	if (!d->source)
		MEM_ARRAY(d->source, d->n_slots);
	for (size_t l = 0; l < d->n_levels; l++) {
		struct design_level *level = &d->store->levels[l];

		for (size_t b = 0; b < level->n_blocks; b++)
			d->store->blocks[at + b] = level->blocks[b];
		if (level->source)
			memcpy(d->source + at * BLOCK_CELLS, level->source,
			       level->n_blocks * BLOCK_CELLS * sizeof(uint32_t));
		at += level->n_blocks;
		level->n_blocks = 0;
		level_release(level);
	}
}

int design_seal(struct design *d, struct pool *pool, struct err *err)
{
	struct batch batch = {0};
	int ret;

	for (size_t l = 0; l < d->n_levels; l++)
		if (d->store->levels[l].open.source)
			close_block(&batch, &d->store->levels[l].open, l);
	ret = pack_batch(d, &batch, pool, err);
	design_join(d);
	return ret;
}
