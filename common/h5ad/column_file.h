/* column_file.h - one column of a file's frame, in any of the forms anndata has given it.
 *
 * A dataset (numbers, booleans, strings), a dataset of codes with its categories elsewhere (0.6
 * and 0.7), or a group (categorical, nullable). 'describe' finds out which, and how many rows it
 * has; 'read' fills in the values and checks each.
 *
 *	struct column_place at = {.file = file, .path = "/obs/cell_type"};
 *	struct column c = {.name = "cell_type"};
 *	if (column_describe(&at, &c, err) || column_read(&at, &c, err))
 *		return -1;
 */
#ifndef H5AD_COLUMN_FILE_H
#define H5AD_COLUMN_FILE_H

#include "h5ad/array.h"

/* Where a column is: at 'path', or in a field of the compound dataset there (0.6). */
struct column_place {
	const struct h5_file *file;
	const char *path;
	const char *field;
};

/* Sets kind, n, width, ... of 'c', but not its name. */
int column_describe(const struct column_place *at, struct column *c, struct err *err) MUST_USE;

/*
 * Rows [first, first + n) of a column, for those who need not hold it all. Parts are read in order.
 * Categories are read once, and stay the reader's: release what column_rows_read filled, also after
 * a failure, with column_rows_release. 'at' is borrowed during the call only.
 */
struct column_rows;
struct column_rows *column_rows_open(const struct column_place *at, struct err *err) MUST_USE;
void column_rows_close(struct column_rows *r); /* NULL is fine */
size_t column_rows_n(const struct column_rows *r);
int column_rows_read(struct column_rows *r, size_t first, size_t n, struct column *c,
		     struct err *err) MUST_USE;
void column_rows_release(struct column *c);

/* Fills all values in. After a failure 'c' has to be released as after success. */
int column_read(const struct column_place *at, struct column *c, struct err *err) MUST_USE;

#endif
