/* storage_stream.c - the pieces of a storage as a stream of blocks, one piece read ahead. */
#include "base/util.h"

#include "h5ad/hdf5/hdf5.h"
#include "h5ad/storage/storage.h"

/* Two pieces take turns: one is being cut into blocks, the other is being filled. */
struct file_stream {
	struct stream base;
	struct storage *storage;
	struct stream_limits limits;
	struct pool *pool;
	bool ahead_allowed;
	struct cells pieces[2];
	unsigned turn;            /* the piece that blocks are cut from */
	size_t cut;               /* rows of it already handed out */
	size_t n_done;            /* rows handed out in all */
	struct pool_job *filling; /* the other piece, or NULL */
	int got;                  /* what filling returned, with its error */
	struct err err;
	struct cells block;         /* in a piece; counts that a step leaves there are its own */
	size_t *starts, cap_starts; /* of a block that begins within a piece */
};

static void fill_part(void *job, size_t part UNUSED)
{
	struct file_stream *s = job;

	s->got = s->storage->fill(s->storage, &s->pieces[!s->turn], &s->err);
}

/* Make the other piece the current one, and begin to fill the one before. */
static int next_piece(struct file_stream *s, struct err *err)
{
	if (s->filling)
		pool_wait(s->pool, s->filling);
	else if (s->got > 0) /* nothing was read ahead, and the end has not been seen */
		fill_part(s, 0);
	s->filling = NULL;
	if (s->got < 0)
		return err_set(err, "%s", s->err.text);
	if (s->got == 0)
		return 0;
	s->turn = !s->turn;
	s->cut = 0;
	if (s->ahead_allowed)
		s->filling = pool_start(s->pool, 1, fill_part, s);
	return 1;
}

/* How many rows from 'cut' on make a block. */
static size_t rows_of_block(const struct file_stream *s, const struct cells *piece)
{
	size_t n = 1, most = MIN(piece->n_cells - s->cut, s->limits.cells);
	const size_t *starts = piece->starts + s->cut;

	while (n < most && starts[n + 1] - starts[0] <= s->limits.stored)
		n++;
	return n;
}

static const size_t *starts_from_zero(struct file_stream *s, const size_t *starts, size_t n)
{
	MEM_GROW(s->starts, n + 1, s->cap_starts);
	for (size_t i = 0; i <= n; i++)
		s->starts[i] = starts[i] - starts[0];
	return s->starts;
}

static void cut_block(struct file_stream *s)
{
	struct cells *piece = &s->pieces[s->turn];
	size_t n = rows_of_block(s, piece), from = piece->starts[s->cut];

	s->block = (struct cells){
		.first = s->n_done,
		.n_cells = n,
		.n_genes = piece->n_genes,
		.starts = s->cut ? (size_t *)starts_from_zero(s, piece->starts + s->cut, n)
				 : piece->starts,
		.genes = piece->genes + from,
		.values = piece->values + from,
		.counts = s->block.counts,
		.cap_counts = s->block.cap_counts,
	};
	s->cut += n;
	s->n_done += n;
}

static int file_next(struct stream *stream, struct cells **block, struct err *err)
{
	struct file_stream *s = (struct file_stream *)stream;

	if (s->cut == s->pieces[s->turn].n_cells) {
		int got = next_piece(s, err);
		if (got <= 0)
			return got;
	}
	cut_block(s);
	*block = &s->block;
	return 1;
}

static void file_free(struct stream *stream)
{
	struct file_stream *s = (struct file_stream *)stream;

	if (s->filling)
		pool_wait(s->pool, s->filling);
	s->storage->free(s->storage);
	cells_release(&s->pieces[0]);
	cells_release(&s->pieces[1]);
	free(s->block.counts);
	free(s->starts);
	free(s);
}

/* ---- opening ------------------------------------------------------------------------------ */

struct stream *storage_stream(struct storage *storage, const struct task *task)
{
	struct file_stream *s = mem_zero(1, sizeof(*s));

	s->base = (struct stream){
		.n_cells = storage->n_rows,
		.n_genes = storage->n_columns,
		.n_stored = storage->n_stored,
		.next = file_next,
		.free = file_free,
	};
	s->storage = storage;
	s->limits = task->limits;
	s->pool = task->pool;
	s->ahead_allowed = hdf5_is_threadsafe();
	s->got = 1;
	return &s->base;
}
