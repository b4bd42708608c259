/* frame.h - the obs or var table.
 *
 * A frame has one key column (cell or gene names) and named columns (column.h). Frames of a file
 * read a column only when it is asked for.
 *
 *	struct frame *obs = h5ad_obs(file);
 *	const struct column *label = frame_column(obs, "cell_type", err);
 *	if (!label)
 *		die_err(err);               // lists the columns there are, nearest first
 *	struct text t = TEXT_INIT;
 *	for (size_t row = 0; row < obs->n_rows; row++)
 *		puts(column_text(label, row, &t));
 */
#ifndef H5AD_FRAME_FRAME_H
#define H5AD_FRAME_FRAME_H

#include "base/err.h"
#include "h5ad/frame/column.h"

struct frame {
	size_t n_rows;
	char *key_name;         /* name of the key column: "_index", "index", "cell", ... */
	char **keys;            /* n_rows names; NULL until frame_keys */
	struct column *columns; /* in the file's column-order */
	size_t n_columns, cap_columns;
	struct frame_source *source; /* where unread columns come from (frame_source.h), or NULL */
	struct arena arena;          /* owns the keys */
	struct key_part {
		char **names;
		size_t cap;
		struct arena arena;
	} part; /* what frame_keys_at gave last */
};

/* A frame made in memory. Columns are added with frame_add. */
struct frame *frame_new(size_t n_rows);
void frame_free(struct frame *f);

/* The key column, read now if need be. NULL on failure. Borrowed. */
char **frame_keys(struct frame *f, struct err *err) MUST_USE;
void frame_set_keys(struct frame *f, char *const *keys); /* copies */

/*
 * Names [first, first + n) alone, for those who take them in order and need not hold them all.
 * Valid until the next call. NULL on failure.
 */
char *const *frame_keys_at(struct frame *f, size_t first, size_t n, struct err *err) MUST_USE;

/*
 * A column by name, read now if need be. NULL with an error that lists the columns there are.
 * frame_find only looks (NULL, no error). Borrowed, until frame_free or frame_forget. A column's
 * name stays the same string whether or not its values are read, until the column is replaced or
 * dropped.
 */
const struct column *frame_column(struct frame *f, const char *name, struct err *err) MUST_USE;
const struct column *frame_column_at(struct frame *f, size_t i, struct err *err) MUST_USE;
const struct column *frame_find(const struct frame *f, const char *name);

/* Free the values of a column of a file's frame; it is read again when asked for. */
void frame_forget(struct frame *f, const struct column *c);

/* Add or replace a column; the contents move into the frame and '*c' is zeroed. */
void frame_add(struct frame *f, struct column *c);

#endif
