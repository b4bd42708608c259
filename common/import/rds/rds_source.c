/* rds_source.c - see rds_source.h. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "import/rds/rds_source.h"
#include "import/rds/unpack.h"

/* Of each buffer: a small file is done before the pages of a large one are there. */
enum { BUFFER_SIZE = 1 << 20, SMALL_BUFFER = 1 << 15, SMALL_FILE = 1 << 15 };

/* No deflate stream can unpack to more than this many times its size. */
enum { DEFLATE_MOST = 1032 };

struct buffer {
	unsigned char *bytes; /* 'room' of the source */
	size_t len;
	uint64_t packed; /* packed bytes read when it was full */
	bool failed;
	struct err err;
};

struct rds_unpack {
	char *path;
	struct pool *pool;
	struct unpack *stream;
	struct buffer buffers[2];
	size_t room;
	size_t reading;       /* the buffer in the reader's hands; the other is being filled */
	struct pool_job *job; /* filling, or NULL */
	bool ended;
	uint64_t before; /* unpacked bytes of earlier buffers */
	uint64_t packed_size;
	struct progress *progress;
};

static void fill_buffer(void *arg, size_t part)
{
	struct rds_unpack *u = arg;
	struct buffer *b = &u->buffers[1 - u->reading];
	(void)part;
	b->failed = unpack_some(u->stream, b->bytes, u->room, &b->len, &b->err) != 0;
	b->packed = unpack_taken(u->stream);
}

static void fill_ahead(struct rds_unpack *u)
{
	u->job = pool_start(u->pool, 1, fill_buffer, u);
}

static uint64_t regular_size(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static int open_input(const char *path, struct err *err)
{
	if (str_eq(path, "-"))
		return STDIN_FILENO;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : err_errno(err, "%s: cannot be opened", path);
}

struct rds_source *rds_source_open(const char *path, struct pool *pool, struct err *err)
{
	int fd = open_input(path, err);
	if (fd < 0)
		return NULL;

	struct rds_source *s;
	MEM_ZERO(s, 1);
	struct rds_unpack *u = s->unpack = mem_zero(1, sizeof(*u));
	u->path = mem_str(str_eq(path, "-") ? "stdin" : path);
	u->pool = pool;
	u->packed_size = regular_size(fd);
	u->room = u->packed_size && u->packed_size < SMALL_FILE ? SMALL_BUFFER : BUFFER_SIZE;
	for (size_t i = 0; i < ARRAY_LEN(u->buffers); i++)
		MEM_ARRAY(u->buffers[i].bytes, u->room);
	u->stream = unpack_new(fd, u->path, err);
	if (!u->stream) {
		rds_source_close(s);
		return NULL;
	}
	fill_ahead(u);
	return s;
}

void rds_source_close(struct rds_source *s)
{
	if (!s)
		return;
	struct rds_unpack *u = s->unpack;
	if (u->job)
		pool_wait(u->pool, u->job);
	unpack_free(u->stream);
	for (size_t i = 0; i < ARRAY_LEN(u->buffers); i++)
		free(u->buffers[i].bytes);
	free(u->path);
	free(u);
	free(s);
}

const char *rds_source_path(const struct rds_source *s)
{
	return s->unpack->path;
}

const char *rds_source_packing(const struct rds_source *s)
{
	return unpack_packing(s->unpack->stream);
}

uint64_t rds_source_position(const struct rds_source *s)
{
	const struct rds_unpack *u = s->unpack;
	return s->at ? u->before + (uint64_t)(s->at - u->buffers[u->reading].bytes) : 0;
}

uint64_t rds_source_size(const struct rds_source *s)
{
	return s->unpack->packed_size;
}

void rds_source_watch(struct rds_source *s, struct progress *p)
{
	s->unpack->progress = p;
}

bool rds_source_may_hold(const struct rds_source *s, uint64_t n)
{
	uint64_t size = s->unpack->packed_size, position = rds_source_position(s);
	const char *packing = rds_source_packing(s);
	if (!size)
		return true;
	if (str_eq(packing, "none"))
		return n <= size - MIN(size, position);
	return !str_eq(packing, "gzip") || n / DEFLATE_MOST <= size;
}

int rds_source_fill(struct rds_source *s, struct err *err)
{
	struct rds_unpack *u = s->unpack;
	if (s->at < s->end || u->ended)
		return 0;
	u->before = rds_source_position(s);
	pool_wait(u->pool, u->job);
	u->job = NULL;
	u->reading = 1 - u->reading;
	const struct buffer *b = &u->buffers[u->reading];
	if (b->failed) {
		u->ended = true;
		return err_set(err, "%s", b->err.text);
	}
	s->at = b->bytes;
	s->end = b->bytes + b->len;
	u->ended = b->len < u->room;
	if (u->progress)
		progress_at(u->progress, b->packed);
	if (!u->ended)
		fill_ahead(u);
	return 0;
}

int rds_source_take_slow(struct rds_source *s, void *to, size_t n, struct err *err)
{
	unsigned char *out = to;
	while (n) {
		if (rds_source_fill(s, err))
			return -1;
		size_t some = MIN(n, (size_t)(s->end - s->at));
		if (!some)
			return err_set(err,
				       "%s: cut short: it ends at byte %llu of the unpacked "
				       "data, inside a value (fetch or save it again)",
				       rds_source_path(s),
				       (unsigned long long)rds_source_position(s));
		if (out) {
			memcpy(out, s->at, some);
			out += some;
		}
		s->at += some;
		n -= some;
	}
	return 0;
}

int rds_source_drain(struct rds_source *s, struct err *err)
{
	do {
		s->at = s->end;
		if (rds_source_fill(s, err))
			return -1;
	} while (s->at < s->end);
	return 0;
}
