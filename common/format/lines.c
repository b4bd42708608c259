/* lines.c - see lines.h. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "base/unpacked.h"
#include "format/lines.h"

enum { FIRST_BUFFER = 1 << 20, PACKED_BUFFER = 1 << 18 };

struct lines_source {
	gzFile file;
	char *buffer;
	size_t cap;
	size_t start, end; /* what is in the buffer and not yet given out */
	bool at_end;
};

/* Standard input as something that can be read twice. */
static int spool_stdin(struct err *err)
{
	char piece[1 << 16];
	ssize_t got;
	bool failed = false;

	if (lseek(STDIN_FILENO, 0, SEEK_CUR) == 0)
		return dup(STDIN_FILENO);
	int fd = scratch_open(NULL, err);
	if (fd < 0)
		return -1;
	while (!failed && (got = read(STDIN_FILENO, piece, sizeof(piece))) != 0)
		if (got >= 0 || errno != EINTR)
			failed = got < 0 || write(fd, piece, (size_t)got) != got;
	if (failed || lseek(fd, 0, SEEK_SET) < 0) {
		err_errno(err, "stdin: cannot be spooled to a temporary file");
		close(fd);
		return -1;
	}
	return fd;
}

struct lines *lines_open(const char *path, struct err *err)
{
	bool is_stdin = str_eq(path, "-");
	int fd = is_stdin ? spool_stdin(err) : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return is_stdin ? NULL : err_null(err, "%s: %s", path, strerror(errno));
	gzFile file = gzdopen(fd, "rb");
	if (!file) {
		close(fd);
		return err_null(err, "%s: cannot be read", path);
	}
	gzbuffer(file, (unsigned)file_room(path, PACKED_BUFFER));

	struct lines *l = mem_zero(1, sizeof(*l));
	l->path = is_stdin ? "stdin" : path;
	MEM_ZERO(l->source, 1);
	l->source->file = file;
	l->source->cap = 2 * file_room(path, FIRST_BUFFER / 2);
	l->source->buffer = mem_alloc(l->source->cap, 1);
	return l;
}

void lines_close(struct lines *l)
{
	if (!l)
		return;
	gzclose_r(l->source->file);
	free(l->source->buffer);
	free(l->source);
	free(l);
}

int lines_rewind(struct lines *l, struct err *err)
{
	struct lines_source *s = l->source;

	if (gzrewind(s->file))
		return err_set(err, "%s: cannot be read a second time", l->path);
	s->start = s->end = 0;
	s->at_end = false;
	l->number = 0;
	return 0;
}

/* Nothing more came: was that the end of the file? */
static int check_end(const struct lines *l, struct err *err)
{
	char *where = mem_printf("%s: after line %zu", l->path, l->number);
	int ret = gz_whole(l->source->file, where, err);

	free(where);
	return ret;
}

/* Move what is left to the front of the buffer and read on behind it. */
static int refill(struct lines *l, struct err *err)
{
	struct lines_source *s = l->source;
	size_t left = s->end - s->start;

	memmove(s->buffer, s->buffer + s->start, left);
	s->start = 0;
	s->end = left;
	if (left > LINES_LONGEST)
		return err_set(err, "%s: line %zu is longer than 512 MiB: is this a text file?",
			       l->path, l->number + 1);
	if (left + 1 >= s->cap / 2) {
		s->cap = mem_product(s->cap, 2);
		s->buffer = mem_resize(s->buffer, s->cap, 1);
	}
	int got = gzread(s->file, s->buffer + left, (unsigned)MIN(s->cap - left - 1, 1 << 30));
	if (got <= 0) {
		s->at_end = true;
		return check_end(l, err);
	}
	s->end += (size_t)got;
	return 0;
}

/* Hand out buffer[start..stop) as the next line. */
static int give(struct lines *l, size_t stop, struct err *err)
{
	struct lines_source *s = l->source;

	l->text = s->buffer + s->start;
	l->len = stop - s->start;
	l->number++;
	if (l->number == 1 && l->len >= 3 && !memcmp(l->text, "\xef\xbb\xbf", 3)) {
		l->text += 3;
		l->len -= 3;
	}
	if (memchr(l->text, '\0', l->len))
		return err_set(err, "%s: line %zu: a NUL byte: this is not a text file", l->path,
			       l->number);
	if (l->len && l->text[l->len - 1] == '\r')
		l->len--;
	l->text[l->len] = '\0';
	return 1;
}

int lines_next(struct lines *l, struct err *err)
{
	struct lines_source *s = l->source;
	size_t seen = 0; /* bytes of this line known to hold no line end */

	for (;;) {
		char *from = s->buffer + s->start + seen;
		char *stop = memchr(from, '\n', s->end - s->start - seen);
		if (stop) {
			int got = give(l, (size_t)(stop - s->buffer), err);
			s->start = (size_t)(stop - s->buffer) + 1;
			return got;
		}
		seen = s->end - s->start;
		if (s->at_end)
			break;
		if (refill(l, err))
			return -1;
	}
	if (s->start == s->end)
		return 0;
	int got = give(l, s->end, err);
	s->start = s->end;
	return got;
}
