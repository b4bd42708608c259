/* tsv.c - see tsv.h. */
#include "base/util.h"

#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/unpacked.h"
#include "format/fields.h"
#include "format/tsv.h"

#define READ_SIZE ((size_t)256 << 10)
#define LINE_LIMIT ((size_t)64 << 20)
#define MOST_COLUMNS ((size_t)1 << 20)

struct tsv_source {
	gzFile gz; /* reads plain files as they are */
	char *buffer;
	size_t start, end, cap; /* unread bytes */
	size_t room;            /* read at a time */
	bool at_end, bare;
	bool pending; /* the first row of a bare file is waiting */
	size_t cap_fields;
	char *header_bytes;
	char *path;
};

/* Read more behind the unread bytes. 1, 0 at the end, -1. */
static int fill(struct tsv *t, struct err *err)
{
	struct tsv_source *s = t->source;
	int got;

	if (s->at_end)
		return 0;
	if (s->start) {
		memmove(s->buffer, s->buffer + s->start, s->end - s->start);
		s->end -= s->start;
		s->start = 0;
	}
	if (s->end > LINE_LIMIT)
		return err_set(err, "%s: line %zu is longer than %zu MB", t->path, t->line + 1,
			       LINE_LIMIT >> 20);
	MEM_GROW(s->buffer, s->end + s->room + 1, s->cap);
	got = gzread(s->gz, s->buffer + s->end, (unsigned)s->room);
	if (got <= 0) {
		s->at_end = true;
		return gz_whole(s->gz, t->path, err);
	}
	s->end += (size_t)got;
	return 1;
}

/* The next line without its end, NUL-terminated in the buffer. 1, 0, -1. */
static int next_line(struct tsv *t, char **line, size_t *len, struct err *err)
{
	struct tsv_source *s = t->source;
	size_t scanned = 0;
	char *end;

	while (!(end = s->end > s->start + scanned ? memchr(s->buffer + s->start + scanned, '\n',
							    s->end - s->start - scanned)
						   : NULL)) {
		int got;

		scanned = s->end - s->start;
		got = fill(t, err);
		if (got < 0)
			return -1;
		if (got == 0) {
			if (s->end == s->start)
				return 0;
			end = s->buffer + s->end; /* a last line without LF; room was left */
			break;
		}
	}
	*line = s->buffer + s->start;
	*len = (size_t)(end - *line);
	s->start = MIN(s->end, s->start + *len + 1);
	if (*len && (*line)[*len - 1] == '\r')
		--*len;
	(*line)[*len] = '\0';
	t->line++;
	if (memchr(*line, '\0', *len))
		return err_set(err, "%s: line %zu: a NUL byte (not a text file?)", t->path,
			       t->line);
	return 1;
}

/* Cut a line at its tabs. Returns the number of fields, of which the first 'most' are kept. */
static size_t split(struct tsv *t, char *line, size_t len, size_t most)
{
	struct tsv_source *s = t->source;
	char *end = line + len;
	size_t n = 0;

	for (;; n++) {
		char *tab = memchr(line, '\t', (size_t)(end - line));
		char *stop = tab ? tab : end;

		if (n < most && n == s->cap_fields) {
			s->cap_fields = s->cap_fields * 2 + 8;
			t->fields = mem_resize(t->fields, s->cap_fields, sizeof(*t->fields));
			t->lengths = mem_resize(t->lengths, s->cap_fields, sizeof(*t->lengths));
		}
		if (n < most) {
			t->fields[n] = line;
			t->lengths[n] = (size_t)(stop - line);
		}
		*stop = '\0';
		if (!tab)
			return n + 1;
		line = tab + 1;
	}
}

static void name_columns(struct tsv *t, size_t n)
{
	struct text all = TEXT_INIT;
	char *at;

	for (size_t i = 0; i < n; i++) {
		if (t->source->bare)
			text_add(&all, "%zu", i + 1);
		else
			text_add_bytes(&all, t->fields[i], t->lengths[i]);
		text_add_bytes(&all, "", 1);
	}
	t->n_fields = n;
	MEM_ARRAY(t->header, n);
	t->source->header_bytes = text_take(&all);
	at = t->source->header_bytes;
	for (size_t i = 0; i < n; i++) {
		t->header[i] = at;
		at += strlen(at) + 1;
	}
}

static int read_header(struct tsv *t, struct err *err)
{
	char *line;
	size_t len, n;
	int got = next_line(t, &line, &len, err);

	if (got < 0)
		return -1;
	if (got == 0) {
		if (!t->source->bare)
			return err_set(err, "%s: empty, but a header line was expected", t->path);
		return 0;
	}
	if (len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		len -= 3;
	}
	n = split(t, line, len, MOST_COLUMNS);
	if (n > MOST_COLUMNS)
		return err_set(err, "%s: line 1: %zu columns, more than the %zu that are read",
			       t->path, n, MOST_COLUMNS);
	name_columns(t, n);
	t->source->pending = t->source->bare;
	return 0;
}

static struct tsv *open_source(const char *path, bool bare, struct err *err)
{
	struct tsv *t = mem_zero(1, sizeof(*t));
	bool is_stdin = str_eq(path, "-");

	t->source = mem_zero(1, sizeof(*t->source));
	t->path = t->source->path = mem_str(is_stdin ? "stdin" : path);
	t->source->bare = bare;
	t->source->gz = is_stdin ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path, "rb");
	if (!t->source->gz) {
		err_errno(err, "%s", t->path);
		goto fail;
	}
	t->source->room = file_room(path, READ_SIZE);
	gzbuffer(t->source->gz, (unsigned)t->source->room);
	if (read_header(t, err))
		goto fail;
	return t;
fail:
	tsv_close(t);
	return NULL;
}

struct tsv *tsv_open(const char *path, struct err *err)
{
	return open_source(path, false, err);
}

struct tsv *tsv_open_bare(const char *path, struct err *err)
{
	return open_source(path, true, err);
}

int tsv_next(struct tsv *t, struct err *err)
{
	char *line;
	size_t len, n;
	int got;

	if (t->source->pending) {
		t->source->pending = false;
		return 1;
	}
	got = next_line(t, &line, &len, err);
	if (got <= 0)
		return got;
	n = split(t, line, len, t->n_fields);
	for (; t->n_needed && n >= t->n_needed && n < t->n_fields; n++) {
		t->fields[n] = line + len;
		t->lengths[n] = 0;
	}
	if (n != t->n_fields && !(t->n_needed && n > t->n_fields))
		return err_set(err, "%s: line %zu has %zu fields, but the %s has %zu", t->path,
			       t->line, n, t->source->bare ? "first line" : "header", t->n_fields);
	return 1;
}

void tsv_close(struct tsv *t)
{
	if (!t)
		return;
	if (t->source->gz)
		gzclose(t->source->gz);
	free(t->source->buffer);
	free(t->source->header_bytes);
	free(t->source->path);
	free(t->source);
	free(t->header);
	free(t->fields);
	free(t->lengths);
	free(t);
}

size_t tsv_column(const struct tsv *t, const char *name)
{
	for (size_t i = 0; i < t->n_fields; i++)
		if (str_eq(t->header[i], name))
			return i;
	return SIZE_MAX;
}

int tsv_need(const struct tsv *t, const char *name, size_t *column, struct err *err)
{
	return column_place(t->path, t->header, t->n_fields, name, column, err);
}

int tsv_number(const struct tsv *t, size_t column, double *value, struct err *err)
{
	const char *field = t->fields[column];

	*value = NAN;
	if (*field && !parse_double(field, value))
		return err_set(err, "%s: line %zu: %s is not a number: %s", t->path, t->line,
			       t->header[column], field);
	return 0;
}
