/* spool.c - see spool.h. */
#include "base/util.h"

#include <math.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/outfile.h"
#include "matrix/spool.h"

enum {
	ENTRIES_PENDING = 5461,      /* 64 KiB */
	ENTRIES_PER_BUCKET = 1 << 23 /* when every gene of every cell has a value: 96 MiB */
};

#define NO_EXTENT UINT32_MAX

struct entry {
	uint32_t cell, gene;
	float value;
};

/* A run of entries of one bucket in the temporary file. */
struct extent {
	uint64_t first; /* in entries */
	uint32_t n, next;
};

struct bucket {
	struct entry *pending; /* NULL or room for ENTRIES_PENDING */
	uint32_t n_pending;
	uint32_t first_extent, last_extent;
	uint64_t n; /* all its entries */
};

struct spool {
	int fd;
	size_t cells_per_bucket;
	struct bucket *buckets;
	size_t n_buckets, cap_buckets;
	size_t n_buffers; /* buckets with a pending buffer */
	struct extent *extents;
	size_t n_extents, cap_extents;
	uint64_t n_written; /* entries in the file */
	uint64_t n_entries;
	bool integers;
};

size_t spool_bucket(size_t n_cells, size_t n_genes)
{
	size_t by_genes = n_genes ? MAX(ENTRIES_PER_BUCKET / n_genes, 1) : 1;

	return MAX(by_genes, n_cells / SPOOL_PENDING + 1);
}

struct spool *spool_new(size_t cells_per_bucket, struct err *err)
{
	int fd = scratch_open(NULL, err);

	if (fd < 0)
		return NULL;
	struct spool *spool = mem_zero(1, sizeof(*spool));
	spool->fd = fd;
	spool->cells_per_bucket = cells_per_bucket;
	spool->integers = true;
	return spool;
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	close(spool->fd);
	for (size_t i = 0; i < spool->n_buckets; i++)
		free(spool->buckets[i].pending);
	free(spool->buckets);
	free(spool->extents);
	free(spool);
}

/* Write a bucket's pending entries behind the others of the file. */
static int flush(struct spool *spool, struct bucket *b, struct err *err)
{
	if (!b->n_pending)
		return 0;
	if (write_at(spool->fd, b->pending, b->n_pending * sizeof(*b->pending),
		     spool->n_written * sizeof(*b->pending)))
		return err_errno(err, "temporary file for the matrix: cannot be written "
				      "(TMPDIR says where it goes)");
	if (spool->n_extents >= NO_EXTENT)
		return err_set(err, "the matrix has more entries than can be sorted");

	uint32_t id = (uint32_t)spool->n_extents;
	MEM_GROW(spool->extents, spool->n_extents + 1, spool->cap_extents);
	spool->extents[spool->n_extents++] =
		(struct extent){spool->n_written, b->n_pending, NO_EXTENT};
	if (b->first_extent == NO_EXTENT)
		b->first_extent = id;
	else
		spool->extents[b->last_extent].next = id;
	b->last_extent = id;
	spool->n_written += b->n_pending;
	b->n_pending = 0;
	return 0;
}

/* Write out and free every pending buffer, so that there is room for others. */
static int flush_all(struct spool *spool, struct err *err)
{
	for (size_t i = 0; i < spool->n_buckets; i++) {
		struct bucket *b = &spool->buckets[i];
		if (!b->pending)
			continue;
		if (flush(spool, b, err))
			return -1;
		free(b->pending);
		b->pending = NULL;
	}
	spool->n_buffers = 0;
	return 0;
}

static struct bucket *find_bucket(struct spool *spool, size_t i)
{
	if (i >= spool->n_buckets) {
		MEM_GROW(spool->buckets, i + 1, spool->cap_buckets);
		for (; spool->n_buckets <= i; spool->n_buckets++)
			spool->buckets[spool->n_buckets] = (struct bucket){
				.first_extent = NO_EXTENT, .last_extent = NO_EXTENT};
	}
	return &spool->buckets[i];
}

static bool is_integer(float value)
{
	return value == rintf(value) && fabsf(value) < 2147483648.0f;
}

int spool_add(struct spool *spool, uint32_t cell, uint32_t gene, float value, struct err *err)
{
	struct bucket *b = find_bucket(spool, cell / spool->cells_per_bucket);

	if (!b->pending) {
		if (spool->n_buffers == SPOOL_PENDING && flush_all(spool, err))
			return -1;
		MEM_ARRAY(b->pending, ENTRIES_PENDING);
		spool->n_buffers++;
	}
	if (b->n_pending == ENTRIES_PENDING && flush(spool, b, err))
		return -1;
	b->pending[b->n_pending++] = (struct entry){cell, gene, value};
	b->n++;
	spool->n_entries++;
	spool->integers &= is_integer(value);
	return 0;
}

/* ---- the stream ---- */

struct spool_stream {
	struct stream stream;
	struct spool *spool;
	struct cell_room room;
	size_t next; /* bucket */
	struct cells block;
	struct entry *entries;
	size_t cap_entries;
};

/* All entries of a bucket, in the order they came. */
static int load(struct spool_stream *s, struct bucket *b, struct err *err)
{
	struct entry *to;

	MEM_GROW(s->entries, b->n + 1, s->cap_entries);
	to = s->entries;
	for (uint32_t e = b->first_extent; e != NO_EXTENT; e = s->spool->extents[e].next) {
		const struct extent *extent = &s->spool->extents[e];
		if (read_at(s->spool->fd, to, extent->n * sizeof(*to), extent->first * sizeof(*to)))
			return err_errno(err, "temporary file for the matrix: cannot be read");
		to += extent->n;
	}
	if (b->n_pending)
		memcpy(to, b->pending, b->n_pending * sizeof(*to));
	free(b->pending);
	b->pending = NULL;
	return 0;
}

/* Put every cell's genes in order, moving cells up when repeated entries made room. */
static void sort_block(struct cells *block, struct cell_room *room)
{
	size_t *kept;

	MEM_ARRAY(kept, block->n_cells);
	for (size_t i = 0; i < block->n_cells; i++) {
		size_t from = block->starts[i], n = block->starts[i + 1] - from;
		kept[i] = cell_add_up(block->genes + from, block->values + from, n, room);
	}
	cells_close_up(block, kept);
	free(kept);
}

/* The entries of a bucket as cells: a counting sort by cell keeps the order within a cell. */
static void fill_block(struct cells *block, const struct entry *entries, size_t n,
		       struct cell_room *room)
{
	size_t *at;

	memset(block->starts, 0, (block->n_cells + 1) * sizeof(*block->starts));
	for (size_t i = 0; i < n; i++)
		block->starts[entries[i].cell - block->first + 1]++;
	for (size_t i = 0; i < block->n_cells; i++)
		block->starts[i + 1] += block->starts[i];
	at = mem_copy(block->starts, block->n_cells + 1, sizeof(*at));
	for (size_t i = 0; i < n; i++) {
		size_t to = at[entries[i].cell - block->first]++;
		block->genes[to] = entries[i].gene;
		block->values[to] = entries[i].value;
	}
	free(at);
	sort_block(block, room);
}

static int spool_stream_next(struct stream *stream, struct cells **block, struct err *err)
{
	struct spool_stream *s = (struct spool_stream *)stream;
	size_t first = s->next * s->spool->cells_per_bucket;

	if (first >= stream->n_cells)
		return 0;
	struct bucket *b = find_bucket(s->spool, s->next++);
	size_t n_cells = MIN(s->spool->cells_per_bucket, stream->n_cells - first);
	if (load(s, b, err))
		return -1;
	cells_reserve(&s->block, n_cells, b->n);
	s->block.first = first;
	s->block.n_cells = n_cells;
	s->block.n_genes = stream->n_genes;
	fill_block(&s->block, s->entries, b->n, &s->room);
	*block = &s->block;
	return 1;
}

static void spool_stream_free(struct stream *stream)
{
	struct spool_stream *s = (struct spool_stream *)stream;

	spool_free(s->spool);
	cells_release(&s->block);
	cell_room_release(&s->room);
	free(s->entries);
	free(s);
}

struct stream *spool_stream(struct spool *spool, size_t n_cells, size_t n_genes)
{
	struct spool_stream *s = mem_zero(1, sizeof(*s));

	s->stream = (struct stream){
		.n_cells = n_cells,
		.n_genes = n_genes,
		.integers = spool->integers,
		.next = spool_stream_next,
		.free = spool_stream_free,
	};
	s->spool = spool;
	return &s->stream;
}
