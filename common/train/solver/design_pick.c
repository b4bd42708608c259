/* design_pick.c - a design with the values of some of the cells. */
#include "base/util.h"

#include "train/solver/design_private.h"

struct picking {
	const struct blocks *blocks;
	const uint8_t *keep;
	unsigned char **bytes;
	size_t *sizes;
	const struct design *from;
	struct design *to;
	struct pool *pool;
	struct err *err;
	int ret;
};

static void pick_part(void *arg, size_t part)
{
	struct picking *job = arg;

	job->bytes[part] = block_pick(&job->blocks->block[part],
				      job->keep + (job->blocks->first + part) * BLOCK_CELLS,
				      &job->sizes[part]);
}

static void pick_visit(void *arg, const struct blocks *blocks)
{
	struct picking *job = arg;

	job->blocks = blocks;
	MEM_ARRAY(job->bytes, blocks->n);
	MEM_ARRAY(job->sizes, blocks->n);
	pool_run(job->pool, blocks->n, pick_part, job);
	for (size_t b = 0; b < blocks->n; b++) {
		size_t level = 0;

		while (blocks->first + b >= job->from->level_end[level])
			level++;
		job->ret |= design_keep(job->to, &job->to->store->levels[level], job->bytes[b],
					job->sizes[b], job->err);
	}
	free(job->bytes);
	free(job->sizes);
}

struct design *design_pick(struct design *d, const uint8_t *keep, struct pool *pool,
			   struct err *err)
{
	size_t resident = d->bytes - d->bytes_on_disk;
	struct design *to =
		design_new(d->n_genes, NULL, 0, d->memory - MIN(resident, d->memory), d->folder);
	struct picking job = {.keep = keep, .from = d, .to = to, .pool = pool, .err = err};

	free(to->level_end);
	free(to->store->levels);
	to->n_levels = d->n_levels;
	MEM_ZERO(to->level_end, to->n_levels);
	MEM_ZERO(to->store->levels, to->n_levels);
	if (design_walk(d, d->n_blocks, pool, pick_visit, &job, err))
		job.ret = -1;
	to->n_cells = d->n_cells;
	to->source = mem_copy(d->source, d->n_slots, sizeof(*d->source));
	design_join(to);
	if (!job.ret)
		return to;
	design_free(to);
	return NULL;
}
