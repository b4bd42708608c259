/* design_disk.c - blocks in memory or in the scratch file, and walks over them. */
#include "base/util.h"

#include <errno.h>

#include "base/fd.h"
#include "base/outfile.h"
#include "train/solver/design_private.h"

#define READ_BYTES ((size_t)32 << 20) /* of blocks read from disk at a time */
#define READ_BLOCKS 1024              /* blocks visited at a time, at most */

/* ---- keeping ---- */

static int write_whole(int fd, const unsigned char *bytes, size_t size, off_t at, struct err *err)
{
	if (write_at(fd, bytes, size, (uint64_t)at))
		return err_errno(err, "cannot write the scratch file (set TMPDIR to a larger disk, "
				      "or raise --memory)");
	return 0;
}

int design_keep(struct design *d, struct design_level *level, unsigned char *bytes, size_t size,
		struct err *err)
{
	struct design_store *store = d->store;
	struct packed block = {.size = size};
	int ret = 0;

	d->n_stored += block_view(bytes).n_stored;
	d->bytes += size;
	if (store->resident + size <= d->memory) {
		store->resident += size;
		block.bytes = bytes;
	} else {
		if (store->scratch < 0)
			store->scratch = scratch_open(d->folder, err);
		ret = store->scratch < 0
			      ? -1
			      : write_whole(store->scratch, bytes, size, store->end, err);
		free(bytes);
		block.offset = store->end;
		store->end += (off_t)size;
		d->bytes_on_disk += size;
	}
	MEM_GROW(level->blocks, level->n_blocks + 1, level->cap_blocks);
	level->blocks[level->n_blocks++] = block;
	return ret;
}

/* ---- walking ---- */

static int read_whole(int fd, unsigned char *bytes, size_t size, off_t at, struct err *err)
{
	int got = read_at(fd, bytes, size, (uint64_t)at);

	return got == 0 ? 0
			: err_set(err, "cannot read the scratch file (%s)",
				  got > 0 ? "it has been cut" : strerror(errno));
}

/* A reading of some blocks into a buffer, in the background. */
struct reading {
	const struct design_store *store;
	size_t first, n;
	unsigned char *buffer;
	size_t cap;
	struct err err;
};

/* Read the blocks that are on disk, those that lie side by side at once. */
static void read_part(void *arg, size_t part UNUSED)
{
	struct reading *r = arg;
	const struct packed *blocks = r->store->blocks;
	unsigned char *to = r->buffer;

	for (size_t b = r->first; b < r->first + r->n;) {
		size_t size = blocks[b].size, next = b + 1;

		if (blocks[b].bytes) {
			b++;
			continue;
		}
		for (; next < r->first + r->n && !blocks[next].bytes &&
		       blocks[next].offset == blocks[b].offset + (off_t)size;
		     next++)
			size += blocks[next].size;
		if (read_whole(r->store->scratch, to, size, blocks[b].offset, &r->err))
			return;
		to += size;
		b = next;
	}
}

/* Choose the next blocks to visit together, from 'first'. */
static struct pool_job *read_start(struct reading *r, const struct design_store *store,
				   size_t first, size_t end, struct pool *pool)
{
	size_t size = 0;

	r->store = store;
	r->first = first;
	for (r->n = 0; first + r->n < end && r->n < READ_BLOCKS; r->n++) {
		const struct packed *block = &store->blocks[first + r->n];

		if (!block->bytes && size && size + block->size > READ_BYTES)
			break;
		size += block->bytes ? 0 : block->size;
	}
	if (size > r->cap) {
		free(r->buffer);
		r->cap = MAX(size, READ_BYTES);
		r->buffer = mem_vectors(r->cap, 1);
	}
	return size ? pool_start(pool, 1, read_part, r) : NULL;
}

static void view_blocks(const struct reading *r, struct block *views)
{
	const unsigned char *at = r->buffer;

	for (size_t b = 0; b < r->n; b++) {
		const struct packed *block = &r->store->blocks[r->first + b];

		views[b] = block_view(block->bytes ? block->bytes : at);
		at += block->bytes ? 0 : block->size;
	}
}

int design_walk(struct design *d, size_t n_blocks, struct pool *pool, blocks_visit *visit,
		void *job, struct err *err)
{
	struct reading reading[2] = {{.err = ERR_INIT}, {.err = ERR_INIT}};
	struct block *views = mem_alloc(MIN(n_blocks, READ_BLOCKS), sizeof(*views));
	struct pool_job *coming = read_start(&reading[0], d->store, 0, n_blocks, pool);
	int ret = 0;

	for (size_t turn = 0; reading[turn % 2].n && !ret; turn++) {
		struct reading *now = &reading[turn % 2], *next = &reading[(turn + 1) % 2];

		if (coming)
			pool_wait(pool, coming);
		coming = NULL;
		if (err_is_set(&now->err)) {
			ret = err_set(err, "%s", now->err.text);
			break;
		}
		coming = read_start(next, d->store, now->first + now->n, n_blocks, pool);
		view_blocks(now, views);
		visit(job, &(struct blocks){.first = now->first, .n = now->n, .block = views});
	}
	if (coming)
		pool_wait(pool, coming);
	free(reading[0].buffer);
	free(reading[1].buffer);
	free(views);
	return ret;
}
