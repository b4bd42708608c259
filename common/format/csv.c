/* csv.c - see csv.h. */
#include "base/util.h"

#include "base/mem.h"
#include "base/text.h"
#include "format/csv.h"
#include "format/fields.h"
#include "format/lines.h"

#define LONGEST_ROW ((size_t)64 << 20)
#define MOST_FIELDS ((size_t)1 << 20)

struct csv_source {
	struct lines *in;
	struct text row; /* fields, each ended by NUL */
	size_t *starts, n, cap;
};

static void end_field(struct csv_source *s)
{
	text_add_char(&s->row, '\0');
}

static void start_field(struct csv_source *s)
{
	MEM_GROW(s->starts, s->n + 1, s->cap);
	s->starts[s->n++] = s->row.len;
}

/* The rest of a field in quotes, which may go over several lines. '*at' ends behind it. */
static int quoted(struct csv_source *s, const char **at, struct err *err)
{
	size_t began = s->in->number;
	const char *p = *at;

	while (*p != '"' || p[1] == '"') {
		if (*p) {
			text_add_char(&s->row, *p);
			p += 1 + (*p == '"');
			continue;
		}
		text_add_char(&s->row, ' '); /* a line end inside: nothing here needs it */
		if (s->row.len > LONGEST_ROW)
			return err_set(err, "%s: line %zu: a row longer than %zu bytes",
				       s->in->path, began, LONGEST_ROW);
		int got = lines_next(s->in, err);
		if (got < 0)
			return -1;
		if (got == 0)
			return err_set(err, "%s: line %zu: a quote that is never closed",
				       s->in->path, began);
		p = s->in->text;
	}
	*at = p + 1;
	return 0;
}

static int parse_row(struct csv_source *s, struct err *err)
{
	const char *p = s->in->text;

	text_clear(&s->row);
	s->n = 0;
	for (;; p++) {
		if (s->n == MOST_FIELDS || s->row.len > LONGEST_ROW)
			return err_set(err, "%s: line %zu: a row of more than %zu fields or bytes",
				       s->in->path, s->in->number,
				       s->n == MOST_FIELDS ? MOST_FIELDS : LONGEST_ROW);
		start_field(s);
		if (*p == '"') {
			p++;
			if (quoted(s, &p, err))
				return -1;
			if (*p && *p != ',')
				return err_set(err, "%s: line %zu: text after a closing quote",
					       s->in->path, s->in->number);
		} else {
			size_t len = strcspn(p, ",");

			text_add_bytes(&s->row, p, len);
			p += len;
		}
		end_field(s);
		if (!*p)
			return 0;
	}
}

/* R and Excel still write Latin-1. */
static char *as_utf8(const char *s)
{
	struct text t = TEXT_INIT;

	if (utf8_valid(s, strlen(s)))
		return mem_str(s);
	for (; *s; s++)
		text_add_utf8(&t, (unsigned char)*s);
	return text_take(&t);
}

static void release_fields(char **fields, size_t n)
{
	for (size_t i = 0; fields && i < n; i++)
		free(fields[i]);
	free(fields);
}

static char **take_fields(const struct csv_source *s)
{
	char **fields = mem_alloc(s->n, sizeof(*fields));

	for (size_t i = 0; i < s->n; i++)
		fields[i] = as_utf8(s->row.s + s->starts[i]);
	return fields;
}

int csv_next(struct csv *t, struct err *err)
{
	struct csv_source *s = t->source;
	int got;

	do
		got = lines_next(s->in, err);
	while (got > 0 && s->in->len == 0);
	if (got <= 0)
		return got;
	t->line = s->in->number;
	if (parse_row(s, err))
		return -1;
	if (t->header && s->n != t->n_fields)
		return err_set(err, "%s: line %zu: %zu fields, but the header has %zu", s->in->path,
			       t->line, s->n, t->n_fields);
	release_fields(t->fields, t->n_fields);
	t->n_fields = s->n;
	t->fields = take_fields(s);
	return 1;
}

struct csv *csv_open(const char *path, struct err *err)
{
	struct lines *in = lines_open(path, err);
	struct csv *t;
	int got;

	if (!in)
		return NULL;
	t = mem_zero(1, sizeof(*t));
	t->source = mem_zero(1, sizeof(*t->source));
	t->source->in = in;
	t->source->row = (struct text)TEXT_INIT;
	got = csv_next(t, err);
	if (got > 0) {
		t->header = t->fields;
		t->fields = NULL;
		return t;
	}
	if (got == 0)
		err_set(err, "%s: empty: a table has a header", path);
	csv_close(t);
	return NULL;
}

void csv_close(struct csv *t)
{
	if (!t)
		return;
	release_fields(t->fields, t->n_fields);
	release_fields(t->header, t->n_fields);
	lines_close(t->source->in);
	text_release(&t->source->row);
	free(t->source->starts);
	free(t->source);
	free(t);
}

size_t csv_column(const struct csv *t, const char *name)
{
	for (size_t i = 0; i < t->n_fields; i++)
		if (str_eq(t->header[i], name))
			return i;
	return SIZE_MAX;
}

int csv_need(const struct csv *t, const char *name, size_t *column, struct err *err)
{
	return column_place(t->source->in->path, t->header, t->n_fields, name, column, err);
}
