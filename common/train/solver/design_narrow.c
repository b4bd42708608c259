/* design_narrow.c - a design with some of the genes. */
#include "base/util.h"

#include "train/solver/design_private.h"

struct narrowing {
	const struct blocks *blocks;
	const uint32_t *gene_map;
	unsigned char **bytes;
	size_t *sizes;
	struct design *from, *to;
	struct pool *pool;
	struct err *err;
	int ret;
};

static void narrow_part(void *arg, size_t part)
{
	struct narrowing *job = arg;

	job->bytes[part] = block_narrow(&job->blocks->block[part], job->gene_map, job->to->n_genes,
					&job->sizes[part]);
}

static void narrow_visit(void *arg, const struct blocks *blocks)
{
	struct narrowing *job = arg;

	job->blocks = blocks;
	MEM_ARRAY(job->bytes, blocks->n);
	MEM_ARRAY(job->sizes, blocks->n);
	pool_run(job->pool, blocks->n, narrow_part, job);
	for (size_t b = 0; b < blocks->n; b++) {
		struct packed *old = &job->from->store->blocks[blocks->first + b];
		size_t level = 0;

		while (blocks->first + b >= job->from->level_end[level])
			level++;
		free(old->bytes);
		old->bytes = NULL;
		job->ret |= design_keep(job->to, &job->to->store->levels[level], job->bytes[b],
					job->sizes[b], job->err);
	}
	free(job->bytes);
	free(job->sizes);
}

struct design *design_narrow(struct design *d, const uint32_t *gene_map, size_t n_genes,
			     struct pool *pool, struct err *err)
{
	struct design *to = design_new(n_genes, NULL, 0, d->memory, d->folder);
	struct narrowing job = {
		.gene_map = gene_map, .from = d, .to = to, .pool = pool, .err = err};

	free(to->level_end);
	free(to->store->levels);
	to->n_levels = d->n_levels;
	MEM_ZERO(to->level_end, to->n_levels);
	MEM_ZERO(to->store->levels, to->n_levels);
	if (design_walk(d, d->n_blocks, pool, narrow_visit, &job, err))
		job.ret = -1;
	to->n_cells = d->n_cells;
	to->source = d->source;
	d->source = NULL;
	design_join(to);
	design_free(d);
	if (job.ret) {
		design_free(to);
		return NULL;
	}
	return to;
}
