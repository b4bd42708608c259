/* csv.h - comma-separated tables as people write them.
 *
 * RFC 4180: fields may be in quotes and then hold commas, line ends and doubled quotes. A leading
 * byte-order mark is taken off, lines end in LF or CR LF, gzip is recognised, a last row without
 * its line end is fine. Rows must be as long as the header; empty lines are passed over. Bytes
 * that are not UTF-8 are taken as Latin-1.
 *
 *	struct csv *in = csv_open(path, &err);
 *	while ((got = csv_next(in, &err)) > 0)
 *		use(in->fields[csv_column(in, "study_id")]);
 *	csv_close(in);
 */
#ifndef FORMAT_CSV_H
#define FORMAT_CSV_H

#include "base/err.h"

struct csv {
	char **header, **fields; /* n_fields each; 'fields' valid until the next row */
	size_t n_fields;
	size_t line; /* where the row starts, from 1 */
	struct csv_source *source;
};

struct csv *csv_open(const char *path, struct err *err) MUST_USE;
void csv_close(struct csv *t); /* NULL is fine */

/* 1 and a row, 0 at the end, -1 with 'err' naming file and line. */
int csv_next(struct csv *t, struct err *err) MUST_USE;

size_t csv_column(const struct csv *t, const char *name); /* or SIZE_MAX */

/* A column that must be there: the error lists those there are. */
int csv_need(const struct csv *t, const char *name, size_t *column, struct err *err) MUST_USE;

#endif
