/* tsv_writer.c - the writing half of tsv.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/outfile.h"
#include "format/tsv.h"

#define FLUSH_AT ((size_t)64 << 10)
#define ROWS_A_PART ((size_t)2048) /* at most: few rows are shared out, too */
#define ROWS_AT_LEAST ((size_t)128)
#define PARTS_A_WINDOW ((size_t)32)

/* ---- fields ---- */

static void put_bytes(struct tsv_writer *w, const char *bytes, size_t len)
{
	if (w->in_row)
		text_add_bytes(&w->waiting, "\t", 1);
	w->in_row = true;
	text_add_bytes(&w->waiting, bytes, len);
}

static void put_sanitized(struct tsv_writer *w, const char *value)
{
	put_bytes(w, "", 0);
	for (; *value; value++)
		text_add_char(&w->waiting, strchr("\t\n\r", *value) ? ' ' : *value);
}

void tsv_put(struct tsv_writer *w, const char *value)
{
	size_t len = strcspn(value, "\t\n\r");

	if (value[len] == '\0')
		put_bytes(w, value, len);
	else if (w->sanitize)
		put_sanitized(w, value);
	else
		err_set(&w->err, "%s: a tab or line break inside a value: %.*s...%s", w->path,
			(int)MIN(len, 100), value, w->advice ? w->advice : "");
}

void tsv_put_fields(struct tsv_writer *w, const char *fields, size_t n)
{
	const char *end = fields, *at = fields;
	char *copy;

	for (size_t i = 0; i < n; i++)
		end += strlen(end) + 1;
	if (memchr(fields, '\r', (size_t)(end - fields))) {
		for (; at < end; at += strlen(at) + 1)
			tsv_put(w, at);
		return;
	}
	put_bytes(w, fields, (size_t)(end - fields) - 1);
	copy = w->waiting.s + w->waiting.len - (size_t)(end - fields) + 1;
	for (size_t i = 1; i < n; i++) {
		copy += strlen(copy);
		*copy = '\t';
	}
}

void tsv_put_size(struct tsv_writer *w, size_t value)
{
	char out[32];

	put_bytes(w, out, (size_t)format_size(out, value));
}

void tsv_put_float(struct tsv_writer *w, double value)
{
	char out[32];

	put_bytes(w, out, isnan(value) ? 0 : (size_t)format_float(out, value));
}

void tsv_put_double(struct tsv_writer *w, double value)
{
	char out[32];

	put_bytes(w, out, isnan(value) ? 0 : (size_t)format_double(out, value));
}

/* ---- rows ---- */

static void flush(struct tsv_writer *w)
{
	if (w->file && w->waiting.len)
		fwrite_unlocked(w->waiting.s, 1, w->waiting.len, w->file);
	text_clear(&w->waiting);
}

void tsv_end_row(struct tsv_writer *w)
{
	text_add_bytes(&w->waiting, "\n", 1);
	w->in_row = false;
	if (w->file && w->waiting.len >= FLUSH_AT)
		flush(w);
}

void tsv_put_columns(struct tsv_writer *w, const char *names)
{
	put_bytes(w, names, strlen(names));
}

void tsv_header(struct tsv_writer *w, const char *names)
{
	tsv_put_columns(w, names);
	tsv_end_row(w);
}

/* A window of rows, in parts of their own text. */
struct window {
	struct tsv_writer parts[PARTS_A_WINDOW];
	size_t first, end; /* rows */
	size_t rows_a_part;
	tsv_put_row *put;
	void *arg;
};

static void put_part(void *arg, size_t part)
{
	struct window *window = arg;
	struct tsv_writer *w = &window->parts[part];
	size_t row = window->first + part * window->rows_a_part;

	for (size_t end = MIN(window->end, row + window->rows_a_part); row < end; row++) {
		window->put(w, window->arg, row);
		tsv_end_row(w);
	}
}

void tsv_put_rows(struct tsv_writer *w, struct pool *pool, size_t n_rows, tsv_put_row *put,
		  void *arg)
{
	struct window *window = mem_zero(1, sizeof(*window));

	*window = (struct window){.put = put, .arg = arg};
	window->rows_a_part = MIN(ROWS_A_PART, MAX(ROWS_AT_LEAST, n_rows / PARTS_A_WINDOW + 1));
	for (size_t i = 0; i < PARTS_A_WINDOW; i++)
		window->parts[i] = (struct tsv_writer){
			.path = w->path, .sanitize = w->sanitize, .advice = w->advice};
	flush(w);
	for (size_t row = 0; row < n_rows; row = window->end) {
		size_t n = MIN(n_rows - row, PARTS_A_WINDOW * window->rows_a_part);
		size_t n_parts = (n + window->rows_a_part - 1) / window->rows_a_part;

		window->first = row;
		window->end = row + n;
		pool_run(pool, n_parts, put_part, window);
		for (size_t i = 0; i < n_parts; i++) {
			struct tsv_writer *part = &window->parts[i];

			fwrite_unlocked(part->waiting.s, 1, part->waiting.len, w->file);
			text_clear(&part->waiting);
			if (err_is_set(&part->err))
				err_set(&w->err, "%s", part->err.text);
		}
	}
	for (size_t i = 0; i < PARTS_A_WINDOW; i++)
		text_release(&window->parts[i].waiting);
	free(window);
}

/* ---- the end ---- */

int tsv_writer_check(const struct tsv_writer *w, struct err *err)
{
	if (err_is_set(&w->err))
		return err_set(err, "%s", w->err.text);
	return ferror(w->file) ? err_errno(err, "%s", w->path) : 0;
}

int tsv_writer_close(struct tsv_writer *w, struct err *err)
{
	flush(w);
	text_release(&w->waiting);
	if (!err_is_set(&w->err) && fflush(w->file))
		return err_errno(err, "%s", w->path);
	return tsv_writer_check(w, err);
}

int tsv_write_file(const char *path, int put(struct tsv_writer *w, void *arg, struct err *err),
		   void *arg, struct err *err)
{
	struct outfile *out = outfile_open(path, err);
	struct tsv_writer w;
	int failed, unclosed;

	if (!out)
		return -1;
	w = (struct tsv_writer){.file = outfile_stream(out), .path = outfile_target(out)};
	failed = put(&w, arg, err);
	unclosed = tsv_writer_close(&w, err);
	if (failed || unclosed) {
		outfile_abort(out);
		return -1;
	}
	return outfile_commit(out, err);
}
