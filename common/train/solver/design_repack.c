/* design_repack.c - a design packed anew: with some of the genes, or the values of some cells. */
#include "base/util.h"

#include "train/solver/design_private.h"

struct repacking {
	const uint32_t *gene_map; /* the genes; or NULL: */
	const uint8_t *keep;      /* the cells */
	bool is_moved;            /* 'from' is not wanted any more: its blocks go one by one */
	struct design *from, *to;
	struct pool *pool;
	struct err *err;
	const struct blocks *blocks;
	unsigned char **bytes;
	size_t *sizes;
	int ret;
};

static void repack_part(void *arg, size_t part)
{
	struct repacking *job = arg;
	const struct block *block = &job->blocks->block[part];

	job->bytes[part] =
		job->gene_map
			? block_narrow(block, job->gene_map, job->to->n_genes, &job->sizes[part])
			: block_pick(block, job->keep + (job->blocks->first + part) * BLOCK_CELLS,
				     &job->sizes[part]);
}

static void repack_visit(void *arg, const struct blocks *blocks)
{
	struct repacking *job = arg;

	job->blocks = blocks;
	MEM_ARRAY(job->bytes, blocks->n);
	MEM_ARRAY(job->sizes, blocks->n);
	pool_run(job->pool, blocks->n, repack_part, job);
	for (size_t b = 0; b < blocks->n; b++) {
		size_t level = 0;

		while (blocks->first + b >= job->from->level_end[level])
			level++;
		if (job->is_moved) {
			struct packed *old = &job->from->store->blocks[blocks->first + b];

			free(old->bytes);
			old->bytes = NULL;
		}
		job->ret |= design_keep(job->to, &job->to->store->levels[level], job->bytes[b],
					job->sizes[b], job->err);
	}
	free(job->bytes);
	free(job->sizes);
}

/* All blocks, level by level; the slots' sources are the caller's. */
static int repack(struct repacking *job)
{
	struct design *to = job->to;

	free(to->level_end);
	free(to->store->levels);
	to->n_levels = job->from->n_levels;
	MEM_ZERO(to->level_end, to->n_levels);
	MEM_ZERO(to->store->levels, to->n_levels);
	to->n_cells = job->from->n_cells;
	if (design_walk(job->from, job->from->n_blocks, job->pool, repack_visit, job, job->err))
		job->ret = -1;
	return job->ret;
}

struct design *design_narrow(struct design *d, const uint32_t *gene_map, size_t n_genes,
			     struct pool *pool, struct err *err)
{
	struct design *to = design_new(n_genes, NULL, 0, d->memory, d->folder);
	struct repacking job = {.gene_map = gene_map,
				.is_moved = true,
				.from = d,
				.to = to,
				.pool = pool,
				.err = err};
	int failed = repack(&job);

	to->source = d->source;
	d->source = NULL;
	design_join(to);
	design_free(d);
	if (!failed)
		return to;
	design_free(to);
	return NULL;
}

struct design *design_pick(struct design *d, const uint8_t *keep, struct pool *pool,
			   struct err *err)
{
	size_t resident = d->bytes - d->bytes_on_disk;
	struct design *to =
		design_new(d->n_genes, NULL, 0, d->memory - MIN(resident, d->memory), d->folder);
	struct repacking job = {.keep = keep, .from = d, .to = to, .pool = pool, .err = err};
	int failed = repack(&job);

	to->source = mem_copy(d->source, d->n_slots, sizeof(*d->source));
	design_join(to);
	if (!failed)
		return to;
	design_free(to);
	return NULL;
}
