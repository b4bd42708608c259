/* column.h - one column of a table: a name, and a value or none for every row.
 *
 * There are five kinds. A column made here owns all it points to; the columns of a frame are the
 * frame's (frame.h).
 *
 *	struct column c = column_new("score", COLUMN_FLOAT, n);
 *	column_set_number(&c, 0, 0.5);      // the other rows are missing
 *	column_release(&c);
 */
#ifndef H5AD_FRAME_COLUMN_H
#define H5AD_FRAME_COLUMN_H

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

/* Free the values, keep what describes the column. */
void column_empty(struct column *c);

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
