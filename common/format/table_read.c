/* table_read.c - a whole table from a file, split in threads. */
#include "base/util.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/unpacked.h"
#include "format/table.h"

#define PART_BYTES ((size_t)512 << 10)
#define MOST_COLUMNS ((size_t)1 << 20)

/* ---- the text ---- */

/* All there is, with room for a NUL behind it. */
static int read_text(gzFile in, size_t expected, char **text, size_t *len, const char *path,
		     struct err *err)
{
	size_t cap = 0;
	int got;

	MEM_GROW(*text, expected + 2, cap);
	while ((got = gzread(in, *text + *len, (unsigned)MIN(cap - 1 - *len, 1 << 30))) > 0) {
		*len += (size_t)got;
		if (*len + 1 == cap)
			MEM_GROW(*text, cap + cap / 2 + 65536, cap);
	}
	(*text)[*len] = '\0';
	return gz_whole(in, path, err);
}

static int open_text(struct table *t, size_t *len, struct err *err)
{
	bool is_stdin = str_eq(t->path, "-");
	gzFile in = is_stdin ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(t->path, "rb");
	struct stat about;
	size_t expected = 0;
	int ret;

	if (is_stdin)
		t->path = "stdin";
	else if (stat(t->path, &about) == 0 && S_ISREG(about.st_mode))
		expected = (size_t)about.st_size;
	if (!in)
		return err_errno(err, "%s", t->path);
	gzbuffer(in, (unsigned)file_room(t->path, 1 << 18));
	ret = read_text(in, expected, &t->text, len, t->path, err);
	gzclose(in);
	return ret;
}

/* ---- cutting ---- */

/* Lines of the text: those that begin in a stretch of PART_BYTES. */
struct part {
	char *from, *end;
	char **rows;
	size_t n, cap;
	struct err err;
	size_t bad; /* the row the error is about */
};

struct cutting {
	const struct table *table;
	struct part *parts;
};

static char *line_end(char *line, char *end)
{
	char *stop = memchr(line, '\n', (size_t)(end - line));

	return stop ? stop : end;
}

/* Tabs and the end become NULs. Returns the number of fields. */
static size_t cut_line(char *line, char *stop)
{
	size_t n = 1;

	if (stop > line && stop[-1] == '\r')
		*--stop = '\0';
	*stop = '\0';
	for (char *tab; (tab = memchr(line, '\t', (size_t)(stop - line))); line = tab + 1, n++)
		*tab = '\0';
	return n;
}

static void cut_part(void *arg, size_t i)
{
	struct cutting *c = arg;
	struct part *part = &c->parts[i];
	bool has_nul = memchr(part->from, '\0', (size_t)(part->end - part->from));
	char *stop;

	for (char *line = part->from; line < part->end; line = stop + 1, part->n++) {
		bool nul;
		size_t n;

		stop = line_end(line, part->end);
		nul = has_nul && memchr(line, '\0', (size_t)(stop - line));
		n = cut_line(line, stop);
		if (nul || n != c->table->n_columns) {
			part->bad = part->n;
			if (nul)
				err_set(&part->err, ": a NUL byte (not a text file?)");
			else
				err_set(&part->err, " has %zu fields, but the header has %zu", n,
					c->table->n_columns);
			return;
		}
		MEM_GROW(part->rows, part->n + 1, part->cap);
		part->rows[part->n] = line;
	}
}

/* The parts' rows one after the other, or the first error. */
static int join_parts(struct table *t, const struct part *parts, size_t n_parts, struct err *err)
{
	for (size_t i = 0; i < n_parts; i++) {
		if (err_is_set(&parts[i].err))
			return err_set(err, "%s: line %zu%s", t->path, t->n + parts[i].bad + 2,
				       parts[i].err.text);
		t->n += parts[i].n;
	}
	if (t->n >= STRTAB_NONE)
		return err_set(err, "%s: more than 4 billion rows", t->path);
	MEM_ARRAY(t->rows, t->n);
	for (size_t i = 0, at = 0; i < n_parts; at += parts[i++].n)
		if (parts[i].n)
			memcpy(t->rows + at, parts[i].rows, parts[i].n * sizeof(*t->rows));
	return 0;
}

static int cut_rows(struct table *t, char *from, char *end, struct pool *pool, struct err *err)
{
	size_t n_parts = (size_t)(end - from) / PART_BYTES + 1;
	struct cutting c = {t, mem_zero(n_parts, sizeof(*c.parts))};
	char *start = from;
	int ret;

	for (size_t i = 0; i < n_parts; i++) {
		char *stop = i + 1 < n_parts ? from + (i + 1) * PART_BYTES : end;

		c.parts[i].from = start;
		if (stop > start && stop < end)
			stop = line_end(stop - 1, end) + 1;
		start = c.parts[i].end = MAX(start, MIN(stop, end));
	}
	pool_run(pool, n_parts, cut_part, &c);
	ret = join_parts(t, c.parts, n_parts, err);
	for (size_t i = 0; i < n_parts; i++)
		free(c.parts[i].rows);
	free(c.parts);
	return ret;
}

/* Where the rows begin; NULL when there are too many columns. */
static char *cut_header(struct table *t, char *line, char *end, struct err *err)
{
	char *stop = line_end(line, end);

	if (stop - line >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	t->n_columns = cut_line(line, stop);
	if (t->n_columns > MOST_COLUMNS)
		return err_null(err, "%s: line 1: %zu columns, more than the %zu that are read",
				t->path, t->n_columns, MOST_COLUMNS);
	MEM_ARRAY(t->header, t->n_columns);
	for (size_t i = 0; i < t->n_columns; i++, line += strlen(line) + 1)
		t->header[i] = line;
	return MIN(stop + 1, end);
}

struct table *table_read(const char *path, struct pool *pool, struct err *err)
{
	struct table *t = mem_zero(1, sizeof(*t));
	size_t len = 0;
	char *rows, *end;

	t->path = path;
	if (open_text(t, &len, err))
		goto fail;
	if (len == 0) {
		err_set(err, "%s: empty, but a header line was expected", t->path);
		goto fail;
	}
	end = t->text + len;
	if (memchr(t->text, '\0', (size_t)(line_end(t->text, end) - t->text))) {
		err_set(err, "%s: line 1: a NUL byte (not a text file?)", t->path);
		goto fail;
	}
	rows = cut_header(t, t->text, end, err);
	if (rows && cut_rows(t, rows, end, pool, err) == 0)
		return t;
fail:
	table_free(t);
	return NULL;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	free(t->header);
	free(t->rows);
	free(t->text);
	free(t);
}
