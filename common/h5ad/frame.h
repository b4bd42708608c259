/* frame.h - the obs or var table.
 *
 * A frame has one key column (cell or gene names) and named columns of five kinds, each with
 * missing values. Frames of a file read a column only when it is asked for.
 *
 *	struct frame *obs = h5ad_obs(file, err);
 *	const struct column *label = frame_column(obs, "cell_type", err);
 *	if (!label)
 *		die_err(err);               // lists the columns there are, nearest first
 *	struct text t = TEXT_INIT;
 *	for (size_t row = 0; row < obs->n_rows; row++)
 *		puts(column_text(label, row, &t));
 */
#ifndef H5AD_FRAME_H
#define H5AD_FRAME_H

#include "base/err.h"
#include "base/mem.h"
#include "base/strtab.h"
#include "base/text.h"

enum column_kind { COLUMN_STRING, COLUMN_CATEGORY, COLUMN_BOOL, COLUMN_INT, COLUMN_FLOAT };

struct column {
	char *name;
	enum column_kind kind;
	bool loaded;    /* of a file's frame: has it been read? Use frame_column, not this. */
	bool from_file; /* it can be forgotten, and read again from the source */
	size_t n;
	bool nullable;     /* anndata's nullable dtype (int, bool, string): written back as such */
	uint8_t *missing;  /* 1 where there is no value, NULL when none is missing; no categories */
	char **strings;    /* STRING: NULL where missing; owned by 'arena' */
	int32_t *codes;    /* CATEGORY: -1 where missing */
	char **categories; /* CATEGORY: distinct, in file order; owned by 'arena' */
	enum column_kind category_kind; /* STRING; or what they are written back as */
	size_t n_categories;
	bool ordered;
	uint8_t *bools; /* BOOL */
	int64_t *ints;  /* INT; where column_is_u64, the bits of uint64_t */
	double *floats; /* FLOAT: NaN where missing */
	uint8_t width;  /* bytes of the stored INT or FLOAT: 1, 2, 4, 8 */
	bool is_unsigned;
	struct arena arena;
};

struct frame {
	size_t n_rows;
	char *key_name;         /* name of the key column: "_index", "index", "cell", ... */
	char **keys;            /* n_rows names; NULL until frame_keys */
	struct column *columns; /* in the file's column-order */
	size_t n_columns, cap_columns;
	struct frame_source *source; /* where unread columns come from, h5ad/source.h; or NULL */
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
char **frame_keys(struct frame *f, struct err *err);
void frame_set_keys(struct frame *f, char *const *keys); /* copies */

/*
 * Names [first, first + n) alone, for those who take them in order and need not hold them all.
 * Valid until the next call. NULL on failure.
 */
char *const *frame_keys_at(struct frame *f, size_t first, size_t n, struct err *err);

/*
 * A column by name, read now if need be. NULL with an error that lists the columns there are.
 * frame_find only looks (NULL, no error). Borrowed, until frame_free or frame_forget. A column's
 * name stays the same string whether or not its values are read, until the column is replaced or
 * dropped.
 */
const struct column *frame_column(struct frame *f, const char *name, struct err *err);
const struct column *frame_column_at(struct frame *f, size_t i, struct err *err);
const struct column *frame_find(const struct frame *f, const char *name);

/* Free the values of a column of a file's frame; it is read again when asked for. */
void frame_forget(struct frame *f, const struct column *c);

/* Add or replace a column; the contents move into the frame and '*c' is zeroed. */
void frame_add(struct frame *f, struct column *c);
int frame_drop(struct frame *f, const char *name); /* -1 when there is none */

/*
 * Making columns. The arrays of column_new are allocated for 'n' rows of the kind, all missing,
 * numbers 8 bytes wide; the setters take the mark of missing away.
 */
struct column column_new(const char *name, enum column_kind kind, size_t n);
void column_set_string(struct column *c, size_t row, const char *value); /* copies */
void column_set_number(struct column *c, size_t row, double value);      /* BOOL, INT or FLOAT */
void column_set_missing(struct column *c, size_t row);

/*
 * Strings to a category column: categories sorted by bytes, as pandas does. NULL is missing.
 */
struct column column_categories(const char *name, char *const *values, size_t n);

void column_release(struct column *c);

bool column_missing(const struct column *c, size_t row);

/* Unsigned and 8 bytes wide: what is in 'ints' is to be read as uint64_t. */
static inline bool column_is_u64(const struct column *c)
{
	return c->kind == COLUMN_INT && c->is_unsigned && c->width == 8;
}

/*
 * The value as text: categories and strings as they are; booleans True and False; integers in
 * full; floats %.9g (as many as give it back for 8-byte columns); missing is "". Uses 'scratch'
 * where it must; valid until the next call with it.
 */
const char *column_text(const struct column *c, size_t row, struct text *scratch);

/* The value as a number, NaN when missing or not a number. */
double column_number(const struct column *c, size_t row);

/* The rows listed, in that order, as a new column. Categories stay, also those without a row. */
struct column column_take(const struct column *c, const size_t *rows, size_t n);

/*
 * Take the categories that no row has away, as anndata does when it copies part of an object. Other
 * kinds of columns stay as they are.
 */
void column_drop_unused(struct column *c);

/*
 * Group rows by a column's text: code per row (-1 for missing) and the distinct texts sorted by
 * bytes. The caller frees with column_groups_release.
 */
struct column_groups {
	int32_t *codes;
	char **names;
	size_t *counts;
	size_t n;
	size_t n_missing;
	struct arena arena;
};
struct column_groups column_group(const struct column *c);
void column_groups_release(struct column_groups *g);

#endif
