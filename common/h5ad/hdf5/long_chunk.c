/* long_chunk.c - see long_chunk.h. */
#include "base/util.h"

#include <zlib.h>

#include "base/fd.h"
#include "base/mem.h"
#include "h5ad/hdf5/long_chunk.h"

#define ROOM ((size_t)32 << 10) /* packed bytes read at once */

/* A place in the chunk that bytes are read from, one after the other. */
struct strand {
	z_stream z; /* of a packed chunk, whose next byte is 'at' */
	bool begun;
	uint64_t next; /* in the file: what is not in 'in' yet */
	size_t at;     /* plain bytes before it */
	uint8_t *in;   /* ROOM */
};

/* ---- one strand ---- */

static void strand_release(struct strand *s)
{
	if (s->begun)
		inflateEnd(&s->z);
	free(s->in);
	*s = (struct strand){.begun = false};
}

static int strand_begin(struct strand *s, const struct long_chunk *c, struct err *err)
{
	*s = (struct strand){.next = c->from};
	if (!c->packed)
		return 0;
	MEM_ARRAY(s->in, ROOM);
	if (inflateInit(&s->z) != Z_OK)
		return err_set(err, "no memory to unpack");
	s->begun = true;
	return 0;
}

/* Another strand at the same place. */
static int strand_copy(struct strand *to, struct strand *from, struct err *err)
{
	*to = *from;
	to->begun = false;
	to->in = from->in ? mem_copy(from->in, ROOM, 1) : NULL;
	if (!from->begun)
		return 0;
	if (inflateCopy(&to->z, &from->z) != Z_OK)
		return err_set(err, "no memory to unpack");
	to->begun = true;
	to->z.next_in = to->in + (from->z.next_in - from->in);
	return 0;
}

static int read_file(const struct long_chunk *c, void *out, size_t n, uint64_t at, struct err *err)
{
	int got = read_at(c->fd, out, n, at);

	if (got > 0)
		return err_set(err, "the file ends within the data (it is truncated)");
	return got ? err_errno(err, "the data cannot be read") : 0;
}

/* More packed bytes, of which there must be some. */
static int strand_feed(struct strand *s, const struct long_chunk *c, struct err *err)
{
	size_t n = (size_t)MIN(c->to - s->next, (uint64_t)ROOM);

	if (n == 0)
		return err_set(err, "the gzip data are damaged");
	if (read_file(c, s->in, n, s->next, err))
		return -1;
	s->next += n;
	s->z.next_in = s->in;
	s->z.avail_in = (uInt)n;
	return 0;
}

static int strand_inflate(struct strand *s, const struct long_chunk *c, uint8_t *out, size_t n,
			  struct err *err)
{
	s->z.next_out = out;
	s->z.avail_out = (uInt)n;
	while (s->z.avail_out) {
		int got;

		if (!s->z.avail_in && strand_feed(s, c, err))
			return -1;
		got = inflate(&s->z, Z_NO_FLUSH);
		if (got == Z_STREAM_END && s->z.avail_out)
			return err_set(err, "it holds %zu bytes instead of %zu",
				       s->at + n - s->z.avail_out, c->n * c->size);
		if (got != Z_OK && got != Z_STREAM_END)
			return err_set(err, "the gzip data are damaged");
	}
	return 0;
}

/* After the last byte: the checksum must fit, and no byte be left. */
static int strand_end(struct strand *s, const struct long_chunk *c, struct err *err)
{
	uint8_t more;
	int got;

	s->z.next_out = &more;
	s->z.avail_out = 1;
	do {
		got = inflate(&s->z, Z_NO_FLUSH);
		if (got == Z_BUF_ERROR)
			got = Z_OK;
		if (got == Z_OK && !s->z.avail_in && s->z.avail_out && strand_feed(s, c, err))
			return -1;
	} while (got == Z_OK && s->z.avail_out);
	if (!s->z.avail_out)
		return err_set(err, "it holds more than %zu bytes", c->n * c->size);
	return got == Z_STREAM_END ? 0 : err_set(err, "the gzip data are damaged");
}

/* The next 'n' bytes to 'out'. */
static int strand_read(struct strand *s, const struct long_chunk *c, uint8_t *out, size_t n,
		       struct err *err)
{
	if (c->packed ? strand_inflate(s, c, out, n, err)
		      : read_file(c, out, n, c->from + s->at, err))
		return -1;
	s->at += n;
	return c->packed && n && s->at == c->n * c->size ? strand_end(s, c, err) : 0;
}

static int strand_skip(struct strand *s, const struct long_chunk *c, size_t n, struct err *err)
{
	uint8_t *room = c->packed && n ? mem_alloc(ROOM, 1) : NULL;
	int ret = 0;

	if (!c->packed)
		s->at += n;
	for (size_t run; room && n && !ret; n -= run) {
		run = MIN(n, ROOM);
		ret = strand_read(s, c, room, run, err);
	}
	free(room);
	return ret;
}

/* ---- all strands of a chunk ---- */

bool long_chunk_knows(const struct filters *f, size_t size)
{
	size_t i = 0;

	if (i < f->n && f->list[i].id == FILTER_SHUFFLE && f->list[i].element == size)
		i++;
	if (i < f->n && f->list[i].id == FILTER_DEFLATE)
		i++;
	return i == f->n && size && f->chunk_bytes % size == 0;
}

void long_chunk_release(struct long_chunk *c)
{
	for (size_t i = 0; i < c->n_strands && c->strands; i++)
		strand_release(&c->strands[i]);
	free(c->strands);
	free(c->planes);
	*c = (struct long_chunk){.state = LONG_CHUNK_CLOSED};
}

/* Each strand to the beginning of its plane. */
static int begin(struct long_chunk *c, struct err *err)
{
	for (size_t i = 0; i < c->n_strands; i++)
		strand_release(&c->strands[i]);
	c->next = 0;
	if (strand_begin(&c->strands[0], c, err))
		return -1;
	/* The last one goes ahead; where it stops on its way another one stays. */
	for (size_t i = 1; i < c->n_strands; i++) {
		if (strand_copy(&c->strands[i], &c->strands[i - 1], err) ||
		    strand_skip(&c->strands[i], c, c->n, err))
			return -1;
	}
	return 0;
}

int long_chunk_open(struct long_chunk *c, const struct filters *f, size_t size, int fd,
		    const struct place *place, struct err *err)
{
	bool shuffled = false;

	long_chunk_release(c);
	*c = (struct long_chunk){.state = LONG_CHUNK_OPEN,
				 .fd = fd,
				 .from = place->at,
				 .to = place->at + place->n,
				 .size = size,
				 .n = f->chunk_bytes / size};
	for (size_t i = 0; i < f->n; i++) {
		bool skipped = place->skipped >> i & 1;

		shuffled |= f->list[i].id == FILTER_SHUFFLE && !skipped && size > 1;
		c->packed |= f->list[i].id == FILTER_DEFLATE && !skipped;
	}
	c->n_strands = shuffled ? size : 1;
	MEM_ZERO(c->strands, c->n_strands);
	if (!c->packed && place->n != f->chunk_bytes)
		err_set(err, "it holds %zu bytes instead of %zu", place->n, f->chunk_bytes);
	else if (!begin(c, err))
		return 0;
	long_chunk_release(c);
	return -1;
}

int long_chunk_read(struct long_chunk *c, size_t from, size_t n, void *out, struct err *err)
{
	size_t width = c->n_strands == 1 ? c->size : 1; /* bytes of a number in a strand */
	uint8_t *to = out;

	if (from < c->next && begin(c, err))
		return -1;
	if (c->n_strands > 1) {
		MEM_GROW(c->planes, mem_product(n, c->size), c->cap_planes);
		to = c->planes;
	}
	for (size_t i = 0; i < c->n_strands; i++) {
		if (strand_skip(&c->strands[i], c, (from - c->next) * width, err) ||
		    strand_read(&c->strands[i], c, to + i * n, n * width, err))
			return -1;
	}
	c->next = from + n;
	if (c->n_strands > 1)
		filters_unshuffle(c->planes, n * c->size, c->size, 0, n, out);
	return 0;
}
