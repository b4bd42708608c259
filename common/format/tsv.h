/* tsv.h - tables as text: UTF-8, LF, one header line, tabs, no quoting.
 *
 * The reader streams: one line is in memory at a time, gzip is recognised by content. The
 * header is read on opening; every row must have as many fields as the header. CR before LF
 * is taken off, a leading byte-order mark too.
 *
 *	struct tsv *in = tsv_open(path, &err);          // "-" is stdin
 *	size_t label;
 *	if (!in || tsv_need(in, "label", &label, &err))
 *		die_err(&err);
 *	while ((got = tsv_next(in, &err)) > 0)
 *		use(in->fields[label]);
 *	if (got < 0)
 *		die_err(&err);
 *	tsv_close(in);
 */
#ifndef FORMAT_TSV_H
#define FORMAT_TSV_H

#include "base/pool.h"
#include "base/text.h"

struct tsv {
	const char *path; /* as given, "stdin" for "-" */
	char **header;    /* n_fields names */
	char **fields;    /* the row's fields, valid until the next row; may be edited in place */
	size_t *lengths;  /* their lengths */
	size_t n_fields;
	size_t n_needed; /* the caller's: rows of as many fields will do, "" is in the rest; 0: all
			  */
	size_t line;     /* of the current row, the header being 1 */
	struct tsv_source *source;
};

struct tsv *tsv_open(const char *path, struct err *err) MUST_USE;

/* As tsv_open for a file without a header: columns are named "1", "2", ... after the first row. */
struct tsv *tsv_open_bare(const char *path, struct err *err) MUST_USE;

/* 1 and a row, 0 at the end, -1 with 'err' naming file and line. */
int tsv_next(struct tsv *t, struct err *err) MUST_USE;
void tsv_close(struct tsv *t);

/* The index of a column, or SIZE_MAX. */
size_t tsv_column(const struct tsv *t, const char *name);

/* The index of a column that must be there: else the error lists the columns, nearest first. */
int tsv_need(const struct tsv *t, const char *name, size_t *column, struct err *err) MUST_USE;

/* The number in field 'column' of this row: an error names file, line and column. Empty is NaN. */
int tsv_number(const struct tsv *t, size_t column, double *value, struct err *err) MUST_USE;

/*
 * Writing. A row is fields, each preceded by a tab except the first, then tsv_end_row. A tab,
 * newline or carriage return inside a value is an error unless 'sanitize' is set, when it
 * becomes a space. Errors stick: check once, at tsv_writer_close, which does not close 'file'.
 */
struct tsv_writer {
	FILE *file;
	const char *path; /* for messages */
	bool sanitize;
	const char *advice; /* behind the error of such a value: what helps; or NULL */
	bool in_row;
	struct text waiting; /* not in 'file' yet; tsv_writer_close releases it */
	struct err err;
};

void tsv_put(struct tsv_writer *w, const char *value);
void tsv_put_size(struct tsv_writer *w, size_t value);
void tsv_put_float(struct tsv_writer *w, double value);                  /* %.9g, NaN is empty */
void tsv_put_double(struct tsv_writer *w, double value);                 /* %.17g, NaN is empty */
void tsv_put_fields(struct tsv_writer *w, const char *fields, size_t n); /* of a table's row */
void tsv_end_row(struct tsv_writer *w);
void tsv_put_columns(struct tsv_writer *w, const char *names); /* several: "cell\tlabel" */
void tsv_header(struct tsv_writer *w, const char *names);      /* "cell\tlabel" */

/*
 * Many rows, put together in threads and written in order: 'put' puts the fields of one row. It is
 * called from several threads at once.
 */
typedef void tsv_put_row(struct tsv_writer *w, void *arg, size_t row);
void tsv_put_rows(struct tsv_writer *w, struct pool *pool, size_t n_rows, tsv_put_row *put,
		  void *arg);

/* Has anything gone wrong so far? For those who write for long. */
int tsv_writer_check(const struct tsv_writer *w, struct err *err) MUST_USE;
int tsv_writer_close(struct tsv_writer *w, struct err *err) MUST_USE;

/*
 * A whole table in one go: open 'path' as an outfile, let 'put' write to it, close and commit.
 * 'put' returns -1 with 'err' filled to give up.
 */
int tsv_write_file(const char *path, int put(struct tsv_writer *w, void *arg, struct err *err),
		   void *arg, struct err *err) MUST_USE;

#endif
