/* rows.c - see rows.h. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/outfile.h"
#include "train/solver/rows.h"

struct gathering {
	struct packed_rows *rows;
	const struct scaling *scaling;
	const struct blocks *blocks;
	struct pool *pool;
	bool filling;
};

/* Count the values of a block's cells, or fill them in: cells are this part's alone. */
static void gather_part(void *arg, size_t part)
{
	const struct gathering *g = arg;
	const struct block *block = &g->blocks->block[part];
	size_t *start = g->rows->start + (g->blocks->first + part) * BLOCK_CELLS;
	size_t next[BLOCK_CELLS], at = 0;

	if (g->filling)
		memcpy(next, start, sizeof(next));
	for (size_t tile = 0; tile < block->n_tiles; tile++) {
		for (size_t k = block->tile_segment[tile]; k < block->tile_segment[tile + 1]; k++) {
			size_t gene = tile * TILE_GENES + block->gene[k];
			size_t end = at + block->more[k] + 1;
			double inverse = g->scaling->inverse[gene];

			for (; at < end; at++) {
				if (!g->filling) {
					start[block->cell[at] + 1]++;
					continue;
				}
				g->rows->values[next[block->cell[at]]++] = (struct row_value){
					(uint32_t)gene,
					(float)(inverse *
						MIN(block->value[at], g->scaling->cap[gene]))};
			}
		}
	}
}

static void gather_visit(void *arg, const struct blocks *blocks)
{
	struct gathering *g = arg;

	g->blocks = blocks;
	/* Counting writes one place beyond its cells, which is the next block's first. */
	if (g->filling)
		pool_run(g->pool, blocks->n, gather_part, g);
	else
		for (size_t b = 0; b < blocks->n; b++)
			gather_part(g, b);
}

static int map_values(struct packed_rows *rows, size_t bytes, const char *folder, struct err *err)
{
	int fd = scratch_open(folder, err), failed;
	void *p;

	if (fd < 0)
		return -1;
	failed = posix_fallocate(fd, 0, (off_t)bytes);
	if (failed) {
		close(fd);
		errno = failed;
		return err_errno(err, "cannot write the scratch file (set TMPDIR to a larger disk, "
				      "or raise --memory)");
	}
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return err_errno(err, "cannot map the scratch file");
	rows->values = p;
	rows->mapped = bytes;
	return 0;
}

int rows_gather(struct packed_rows *rows, struct design *d, const struct scaling *scaling,
		struct pool *pool, struct err *err)
{
	struct gathering g = {.rows = rows, .scaling = scaling, .pool = pool};
	size_t bytes = mem_product(d->n_stored + ROWS_AHEAD, sizeof(*rows->values));

	*rows = (struct packed_rows){.n_slots = d->n_slots};
	MEM_ZERO(rows->start, d->n_slots + 1);
	if (design_walk(d, d->n_blocks, pool, gather_visit, &g, err))
		return -1;
	for (size_t slot = 0; slot < d->n_slots; slot++)
		rows->start[slot + 1] += rows->start[slot];
	if (bytes <= d->memory)
		MEM_ZERO(rows->values, d->n_stored + ROWS_AHEAD);
	else if (map_values(rows, bytes, d->folder, err))
		return -1;
	g.filling = true;
	return design_walk(d, d->n_blocks, pool, gather_visit, &g, err);
}

void rows_release(struct packed_rows *rows)
{
	if (rows->mapped)
		munmap(rows->values, rows->mapped);
	else
		free(rows->values);
	free(rows->start);
	*rows = (struct packed_rows){0};
}
