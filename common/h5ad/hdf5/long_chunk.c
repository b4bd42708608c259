/* long_chunk.c - see long_chunk.h. */
#include "base/util.h"

#include <zlib.h>

#include "base/fd.h"
#include "base/mem.h"
#include "h5ad/hdf5/long_chunk.h"
#include "h5ad/hdf5/lzf_stream.h"

#define ROOM ((size_t)32 << 10) /* packed bytes read at once */

/* A place in the chunk that bytes are read from, one after the other: 'at' is the next one. */
struct strand {
	size_t at;     /* plain bytes before it */
	uint64_t next; /* in the file: what is not in 'in' yet */
	uint8_t *in;   /* of a packed chunk: ROOM */
	const uint8_t *here;
	size_t n_here; /* bytes of 'in' that are left */
	z_stream z;
	bool begun; /* 'z' is */
	struct lzf_stream *lzf;
};

/* ---- one strand ---- */

static void strand_release(struct strand *s)
{
	if (s->begun)
		inflateEnd(&s->z);
	free(s->lzf);
	free(s->in);
	*s = (struct strand){.begun = false};
}

static int strand_begin(struct strand *s, const struct long_chunk *c, struct err *err)
{
	*s = (struct strand){.next = c->from};
	if (!c->packed)
		return 0;
	MEM_ARRAY(s->in, ROOM);
	s->here = s->in;
	if (c->packed == FILTER_LZF)
		MEM_ZERO(s->lzf, 1);
	else if (inflateInit(&s->z) != Z_OK)
		return err_set(err, "no memory to unpack");
	else
		s->begun = true;
	return 0;
}

/* Another strand at the same place. */
static int strand_copy(struct strand *to, struct strand *from, struct err *err)
{
	*to = *from;
	to->begun = false;
	to->lzf = from->lzf ? mem_copy(from->lzf, 1, sizeof(*from->lzf)) : NULL;
	to->in = from->in ? mem_copy(from->in, ROOM, 1) : NULL;
	if (to->in)
		to->here = to->in + (from->here - from->in);
	if (!from->begun)
		return 0;
	if (inflateCopy(&to->z, &from->z) != Z_OK)
		return err_set(err, "no memory to unpack");
	to->begun = true;
	return 0;
}

static int read_file(const struct long_chunk *c, void *out, size_t n, uint64_t at, struct err *err)
{
	int got = read_at(c->fd, out, n, at);

	if (got > 0)
		return err_set(err, "the file ends within the data (it is truncated)");
	return got ? err_errno(err, "the data cannot be read") : 0;
}

static int strand_damaged(const struct long_chunk *c, struct err *err)
{
	return err_set(err, "the %s data are damaged", c->packed == FILTER_LZF ? "lzf" : "gzip");
}

static int strand_too_short(const struct long_chunk *c, size_t bytes, struct err *err)
{
	return err_set(err, "it holds %zu bytes instead of %zu", bytes, c->n * c->size);
}

/* More packed bytes, of which there must be some. */
static int strand_feed(struct strand *s, const struct long_chunk *c, struct err *err)
{
	size_t n = (size_t)MIN(c->to - s->next, (uint64_t)ROOM);

	if (n == 0)
		return strand_damaged(c, err);
	if (read_file(c, s->in, n, s->next, err))
		return -1;
	s->next += n;
	s->here = s->in;
	s->n_here = n;
	return 0;
}

/* As far as the bytes at hand and the room go. */
static int strand_inflate_some(struct strand *s)
{
	int got;

	s->z.next_in = (Bytef *)s->here; /* which are only read */
	s->z.avail_in = (uInt)s->n_here;
	got = inflate(&s->z, Z_NO_FLUSH);
	s->here = s->z.next_in;
	s->n_here = s->z.avail_in;
	return got;
}

static int strand_inflate(struct strand *s, const struct long_chunk *c, uint8_t *out, size_t n,
			  struct err *err)
{
	s->z.next_out = out;
	s->z.avail_out = (uInt)n;
	while (s->z.avail_out) {
		int got;

		if (!s->n_here && strand_feed(s, c, err))
			return -1;
		got = strand_inflate_some(s);
		if (got == Z_STREAM_END && s->z.avail_out)
			return strand_too_short(c, s->at + n - s->z.avail_out, err);
		if (got != Z_OK && got != Z_STREAM_END)
			return strand_damaged(c, err);
	}
	return 0;
}

static int strand_unlzf(struct strand *s, const struct long_chunk *c, uint8_t *out, size_t n,
			struct err *err)
{
	for (size_t done = 0, made; done < n;) {
		if (lzf_stream_some(s->lzf, &s->here, &s->n_here, out + done, n - done, &made))
			return strand_damaged(c, err);
		done += made;
		if (done == n)
			break;
		if (s->next == c->to && lzf_stream_may_end(s->lzf))
			return strand_too_short(c, s->at + done, err);
		if (strand_feed(s, c, err))
			return -1;
	}
	return 0;
}

/* After the last byte: gzip's checksum must fit, and no byte be left. */
static int strand_end(struct strand *s, const struct long_chunk *c, struct err *err)
{
	uint8_t more;
	int got = Z_OK;

	if (s->lzf && s->next == c->to && !s->n_here && lzf_stream_may_end(s->lzf))
		return 0;
	s->z.next_out = &more;
	s->z.avail_out = 1;
	while (!s->lzf && got == Z_OK && s->z.avail_out) {
		got = strand_inflate_some(s);
		if (got == Z_BUF_ERROR)
			got = Z_OK;
		if (got == Z_OK && !s->n_here && s->z.avail_out && strand_feed(s, c, err))
			return -1;
	}
	if (s->lzf || !s->z.avail_out)
		return err_set(err, "it holds more than %zu bytes", c->n * c->size);
	return got == Z_STREAM_END ? 0 : strand_damaged(c, err);
}

/* The next 'n' bytes to 'out'. */
static int strand_read(struct strand *s, const struct long_chunk *c, uint8_t *out, size_t n,
		       struct err *err)
{
	if (s->lzf     ? strand_unlzf(s, c, out, n, err)
	    : s->begun ? strand_inflate(s, c, out, n, err)
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
	if (i < f->n && (f->list[i].id == FILTER_DEFLATE || f->list[i].id == FILTER_LZF))
		i++;
	if (i < f->n && f->list[i].id == FILTER_FLETCHER32)
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

/* The four bytes at the end are the sum of those before: of the data, as they are stored. */
static int check_sum(struct long_chunk *c, struct err *err)
{
	struct fletcher32 sum = {0, 0};
	uint8_t *room = mem_alloc(ROOM, 1);
	bool fits = c->to - c->from >= 4;
	int ret = 0;

	c->to -= fits ? 4 : 0;
	for (uint64_t at = c->from, n; fits && at < c->to && !ret; at += n) {
		n = MIN(c->to - at, (uint64_t)ROOM);
		ret = read_file(c, room, n, at, err);
		if (!ret)
			fletcher32_add(&sum, room, n);
	}
	if (fits && !ret)
		ret = read_file(c, room, 4, c->to, err);
	if (!ret && !(fits && fletcher32_fits(&sum, room)))
		ret = err_set(err, "the checksum does not fit the data");
	free(room);
	return ret;
}

int long_chunk_open(struct long_chunk *c, const struct filters *f, size_t size, int fd,
		    const struct place *place, struct err *err)
{
	bool shuffled = false, summed = false;

	long_chunk_release(c);
	*c = (struct long_chunk){.state = LONG_CHUNK_OPEN,
				 .fd = fd,
				 .from = place->at,
				 .to = place->at + place->n,
				 .size = size,
				 .n = f->chunk_bytes / size};
	for (size_t i = 0; i < f->n; i++) {
		if (place->skipped >> i & 1)
			continue;
		shuffled |= f->list[i].id == FILTER_SHUFFLE && size > 1;
		summed |= f->list[i].id == FILTER_FLETCHER32;
		if (f->list[i].id == FILTER_DEFLATE || f->list[i].id == FILTER_LZF)
			c->packed = f->list[i].id;
	}
	c->n_strands = shuffled ? size : 1;
	MEM_ZERO(c->strands, c->n_strands);
	if (!(summed && check_sum(c, err))) {
		if (!c->packed && c->to - c->from != f->chunk_bytes)
			strand_too_short(c, (size_t)(c->to - c->from), err);
		else if (!begin(c, err))
			return 0;
	}
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
