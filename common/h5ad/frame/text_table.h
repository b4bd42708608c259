/* text_table.h - tables of text as columns of a frame.
 *
 * A TSV is read whole, its rows are matched to names by the first column, and columns get the kind
 * their values have; and columns are written as a TSV. A column that repeats itself keeps every
 * value once and 4 bytes a row; any other, numbers above all, costs the bytes of its text.
 *
 *	struct text_table *t = text_table_read("calls.tsv", &err);
 *	struct text_match met = text_table_match(t, keys, n);
 *	char **values = text_table_values(t, text_table_column(t, "label"), &met, n);
 *	struct column c = column_from_text("label", values, n, false);
 */
#ifndef H5AD_FRAME_TEXT_TABLE_H
#define H5AD_FRAME_TEXT_TABLE_H

#include "format/tsv.h"
#include "h5ad/frame/frame.h"

struct text_table {
	char *path;
	char **names; /* n_columns; the first is the key */
	size_t n_columns, n_rows;
	struct text_column *columns;
};

/* The whole table, keys all different (else the error counts them). NULL on failure. */
struct text_table *text_table_read(const char *path, struct err *err) MUST_USE;
void text_table_free(struct text_table *t); /* NULL is fine */

/* The column of that name, or SIZE_MAX. */
size_t text_table_column(const struct text_table *t, const char *name);

/* How names and rows met. */
struct text_match {
	size_t *rows;        /* per name, the table's row or SIZE_MAX; freed by the caller */
	size_t n_matched;    /* names with a row */
	size_t n_unknown;    /* rows of the table that no name has */
	const char *unknown; /* the first of them */
};
struct text_match text_table_match(const struct text_table *t, char *const *names, size_t n);

/* The texts of a column in the order of the names: NULL where empty. The caller frees the array,
 * not the texts. */
char **text_table_values(const struct text_table *t, size_t column, const struct text_match *m,
			 size_t n);

/*
 * Texts as the column they are: booleans (True and False), whole numbers, numbers (NA and nan are
 * missing there), or text; text with missing values, or with at most half as many different
 * values as rows, becomes a category. 'is_text' skips the numbers.
 */
struct column column_from_text(const char *name, char *const *values, size_t n, bool is_text);

/* The other way: a header of 'key_name' and the columns' names, then a row for each key. The
 * columns are loaded. */
void frame_put_rows(const char *key_name, char *const *keys, const struct column *const *columns,
		    size_t n_columns, size_t n_rows, struct tsv_writer *out);

#endif
