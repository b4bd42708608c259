/* series.c - filling, encoding and writing the chunks of growing datasets. */
#include "base/util.h"

#include "base/mem.h"
#include "h5ad/hdf5/create.h"
#include "h5ad/hdf5/place.h"
#include "h5ad/hdf5/series.h"

/*
 * Compressed chunks fit twice into the cache an HDF5 reader has for a dataset (1 MiB). Plain ones
 * do not fit on purpose: the reader then takes just the rows it wants, without a copy.
 */
#define CHUNK_ENCODED ((size_t)128 << 10)
#define CHUNK_PLAIN (SERIES_CHUNK_BYTES / MAX_SIZE)
#define MAX_SIZE 8

struct waiting_chunk {
	struct series *series;
	size_t first, n; /* elements */
	uint8_t *raw;
	struct encoder encoder;
	struct encoded encoded;
};

struct batch {
	struct waiting_chunk *chunks;
	size_t n;
};

struct series_queue {
	struct encoding encoding;
	struct pool *pool;
	struct behind *behind;
	size_t n_batch; /* chunks of a batch */
	size_t n_chunk; /* elements of a chunk */
	struct batch filling, encoding_now;
	struct pool_job *job; /* of encoding_now, or NULL */
};

static void batch_make(struct batch *b, size_t n, size_t bytes)
{
	MEM_ZERO(b->chunks, n);
	for (size_t i = 0; i < n; i++)
		MEM_ARRAY(b->chunks[i].raw, bytes);
}

static void batch_release(struct batch *b, size_t n)
{
	for (size_t i = 0; b->chunks && i < n; i++) {
		free(b->chunks[i].raw);
		encoder_release(&b->chunks[i].encoder);
	}
	free(b->chunks);
}

static bool is_plain(const struct series_queue *q)
{
	return q->encoding.kind == ENCODE_NONE;
}

struct series_queue *series_queue_new(const struct encoding *e, struct pool *pool,
				      struct behind *behind)
{
	struct series_queue *q = mem_zero(1, sizeof(*q));

	q->encoding = *e;
	q->pool = pool;
	q->n_chunk = is_plain(q) ? CHUNK_PLAIN : CHUNK_ENCODED;
	q->behind = behind;
	if (is_plain(q))
		return q;
	q->n_batch = MAX(8, 4 * pool_size(pool));
	batch_make(&q->filling, q->n_batch, q->n_chunk * MAX_SIZE);
	batch_make(&q->encoding_now, q->n_batch, q->n_chunk * MAX_SIZE);
	return q;
}

void series_queue_free(struct series_queue *q)
{
	if (!q)
		return;
	if (q->job)
		pool_wait(q->pool, q->job);
	batch_release(&q->filling, q->n_batch);
	batch_release(&q->encoding_now, q->n_batch);
	free(q);
}

struct series series_start(struct series_queue *q, hid_t parent, const char *name, hid_t type)
{
	struct series s = {.queue = q,
			   .parent = parent,
			   .type = type,
			   .dataset = H5I_INVALID_HID,
			   .name = name,
			   .size = H5Tget_size(type),
			   .n_chunk = q->n_chunk};
	s.filling = is_plain(q) ? behind_room(q->behind) : mem_zero(s.n_chunk, MAX_SIZE);
	return s;
}

/* The dataset, as its first 'n' elements are about to be written. */
static int make_dataset(struct series *s, size_t n, struct err *err)
{
	const hsize_t none[1] = {0}, any[1] = {H5S_UNLIMITED};
	hid_t creation = put_creation(), space = H5Screate_simple(1, none, any);

	/* A dataset of one chunk gets a chunk of its size: small files stay small. */
	if (n < s->n_chunk)
		s->n_chunk = MAX(1, n);
	const hsize_t chunk[1] = {s->n_chunk};
	H5Pset_chunk(creation, 1, chunk);
	H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
	encoding_declare(&s->queue->encoding, creation, s->size, s->n_chunk * s->size);
	s->dataset =
		H5Dcreate2(s->parent, s->name, s->type, space, put_links(), creation, H5P_DEFAULT);
	H5Sclose(space);
	H5Pclose(creation);
	return s->dataset < 0 ? h5_failed(err, "'%s' cannot be made", s->name) : 0;
}

/* A place in the file for elements [first, first + n) of a series, as they are stored. */
static int find_place(struct series *s, size_t first, size_t n, const struct encoded *chunk,
		      struct place *place, struct err *err)
{
	const hsize_t offset[1] = {first}, extent[1] = {first + n};

	if (s->dataset < 0 && make_dataset(s, n, err))
		return -1;
	if (H5Dset_extent(s->dataset, extent) < 0 ||
	    place_for_chunk(s->dataset, offset, chunk->skipped, chunk->bytes, chunk->n, place))
		return h5_failed(err, "'%s' cannot be written", s->name);
	return 0;
}

static int write_encoded(struct series_queue *q, const struct waiting_chunk *w, struct err *err)
{
	struct place place;
	void *room;

	if (find_place(w->series, w->first, w->n, &w->encoded, &place, err))
		return -1;
	if (!place.n)
		return 0;
	room = behind_room(q->behind);
	memcpy(room, w->encoded.bytes, place.n);
	return behind_write(q->behind, room, place.n, place.at, err);
}

/* A chunk as it is: its room goes to the file, and another is filled. */
static int write_filled(struct series *s, size_t first, size_t n, size_t bytes, struct err *err)
{
	struct behind *behind = s->queue->behind;
	const struct encoded chunk = {s->filling, bytes, 0};
	struct place place;
	void *room = s->filling;

	if (find_place(s, first, n, &chunk, &place, err))
		return -1;
	if (!place.n)
		return 0;
	s->filling = NULL;
	if (behind_write(behind, room, place.n, place.at, err))
		return -1;
	s->filling = behind_room(behind);
	return 0;
}

static void encode_part(void *job, size_t part)
{
	struct series_queue *q = job;
	struct waiting_chunk *w = &q->encoding_now.chunks[part];
	bool only = w->first == 0 && w->n < w->series->n_chunk;
	size_t n = only ? w->n : w->series->n_chunk;
	w->encoded = encode_chunk(&w->encoder, &q->encoding, w->raw, n * w->series->size,
				  w->series->size);
}

/* Wait for the batch that is being encoded and write it, in order. */
static int finish_batch(struct series_queue *q, struct err *err)
{
	struct batch *b = &q->encoding_now;
	int ret = 0;

	if (!q->job)
		return 0;
	pool_wait(q->pool, q->job);
	q->job = NULL;
	for (size_t i = 0; i < b->n && ret == 0; i++)
		ret = write_encoded(q, &b->chunks[i], err);
	b->n = 0;
	return ret;
}

static int start_batch(struct series_queue *q, struct err *err)
{
	if (finish_batch(q, err))
		return -1;
	struct batch full = q->filling;
	q->filling = q->encoding_now;
	q->encoding_now = full;
	if (full.n > 0)
		q->job = pool_start(q->pool, full.n, encode_part, q);
	return 0;
}

/* Hand the filled chunk on; what lies after 'n_filled' is zero. */
static int hand_on(struct series *s, struct err *err)
{
	struct series_queue *q = s->queue;
	size_t first = s->n_queued, n = s->n_filled;
	bool only = first == 0 && n < s->n_chunk;

	if (!only)
		memset(s->filling + n * s->size, 0, (s->n_chunk - n) * s->size);
	s->n_queued += n;
	s->n_filled = 0;
	if (is_plain(q))
		return write_filled(s, first, n, (only ? n : s->n_chunk) * s->size, err);
	struct waiting_chunk *w = &q->filling.chunks[q->filling.n++];
	uint8_t *raw = w->raw;
	w->raw = s->filling;
	s->filling = raw;
	w->series = s;
	w->first = first;
	w->n = n;
	return q->filling.n == q->n_batch ? start_batch(q, err) : 0;
}

size_t series_room(const struct series *s)
{
	return s->n_filled == s->n_chunk ? s->n_chunk : s->n_chunk - s->n_filled;
}

int series_add(struct series *s, const void *values, size_t n, struct err *err)
{
	const uint8_t *from = values;

	while (n > 0) {
		if (s->n_filled == s->n_chunk && hand_on(s, err))
			return -1;
		size_t take = MIN(n, s->n_chunk - s->n_filled);
		memcpy(s->filling + s->n_filled * s->size, from, take * s->size);
		s->n_filled += take;
		from += take * s->size;
		n -= take;
	}
	return 0;
}

int series_end(struct series *s, struct err *err)
{
	struct series_queue *q = s->queue;

	if (s->n_filled && hand_on(s, err))
		return -1;
	if (start_batch(q, err) || finish_batch(q, err))
		return -1;
	if (s->dataset < 0 && make_dataset(s, 0, err))
		return -1;
	hid_t dataset = s->dataset;
	s->dataset = H5I_INVALID_HID;
	series_release(s);
	return H5Dclose(dataset) < 0 ? h5_failed(err, "'%s' cannot be closed", s->name) : 0;
}

void series_release(struct series *s)
{
	if (s->queue && s->dataset >= 0)
		H5Dclose(s->dataset);
	if (s->queue && is_plain(s->queue))
		behind_give_back(s->queue->behind, s->filling);
	else
		free(s->filling);
	s->filling = NULL;
	s->dataset = H5I_INVALID_HID;
}
