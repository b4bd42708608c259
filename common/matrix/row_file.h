/* row_file.h - rows of numbers that need not be in memory: added once, read in pieces.
 *
 * What a million cells get, thirty numbers each, is written after all of it is known: to a table,
 * to another, to the output. A row file keeps the first megabytes in memory and the rest in a
 * scratch file without a name, so that memory does not grow with the cells.
 *
 *	struct row_file rows = row_file_new(30);
 *	row_file_add(&rows, values, n, &err); ...
 *	const float *piece = row_file_at(&rows, first, n, &err);    // valid until the next call
 *	row_file_release(&rows);
 *
 * Rows that were added together or apart are the same rows. A zeroed row file has no width and no
 * rows; it may be released.
 */
#ifndef MATRIX_ROW_FILE_H
#define MATRIX_ROW_FILE_H

#include "base/err.h"

struct row_file {
	size_t width, n;  /* numbers of a row; rows */
	size_t n_in_file; /* of them */
	int fd;           /* -1: all are in memory */
	float *held;      /* the rows behind those of the file */
	size_t cap;       /* numbers there is room for */
	float *piece;     /* what row_file_at gave, if it had to be read */
	size_t cap_piece;
};

struct row_file row_file_new(size_t width);
void row_file_release(struct row_file *f);

/* 'n' rows more. Fails when the scratch file cannot be written. */
int row_file_add(struct row_file *f, const float *rows, size_t n, struct err *err) MUST_USE;

/* Rows [first, first + n), which must be there, one behind the other. NULL on failure. */
const float *row_file_at(struct row_file *f, size_t first, size_t n, struct err *err) MUST_USE;

#endif
