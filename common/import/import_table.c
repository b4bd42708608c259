/* import_table.c - delimited tables: where the names are, what the rows are, and the values. */
#include "base/util.h"

#include <ctype.h>
#include <strings.h>

#include "base/strtab.h"
#include "base/text.h"
#include "format/fields.h"
#include "format/lines.h"
#include "import/import.h"
#include "import/import_words.h"
#include "matrix/spool.h"

struct import_table {
	struct lines *in;
	char delimiter;
	struct names columns; /* names of the columns that hold values */
	bool has_header, has_row_names;
	size_t n_skipped; /* comment and header lines before the values */
};

/* ---- what the file looks like ---- */

static bool is_number(const char *s)
{
	float value;

	return import_number(s, strlen(s), &value);
}

/* The next line that holds something; blanks and comments count as nothing. */
static int next_row(struct lines *in, struct err *err)
{
	int got;

	do
		got = lines_next(in, err);
	while (got > 0 && (in->text[0] == '#' || in->text[strspn(in->text, " ")] == '\0'));
	return got;
}

/* The same for the first row, with the last comment before it, which the caller frees. */
static int first_row(struct lines *in, char **comment, struct err *err)
{
	int got;

	while ((got = lines_next(in, err)) > 0) {
		if (in->text[0] == '#') {
			free(*comment);
			*comment = mem_str(in->text + strspn(in->text, "# "));
		} else if (in->text[strspn(in->text, " ")]) {
			break;
		}
	}
	return got;
}

static void number_columns(struct import_table *t, size_t n)
{
	char name[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		names_add(&t->columns, name);
	}
}

/* Names of columns from the header, whose first field may stand over the row names. */
static void take_header(struct import_table *t, const struct names *header, bool corner)
{
	for (size_t i = corner; i < header->n; i++)
		names_add(&t->columns, header->s[i]);
}

/*
 * Decide from the first two rows. A first row that ends in a number is values already, unless
 * its corner is empty or named as only a header's is.
 */
static int read_shape(struct import_table *t, const struct names *first, const struct names *second,
		      struct err *err)
{
	const char *corner = first->s[0];
	bool named = !*corner || says_genes(corner) || says_cells(corner);

	t->has_header = !is_number(first->s[first->n - 1]) || named || second->n == first->n + 1;
	if (!t->has_header) {
		t->has_row_names = !is_number(first->s[0]);
		number_columns(t, first->n - t->has_row_names);
		return 0;
	}
	if (second->n == 0)
		return err_set(err, "%s: there is a header and no row", t->in->path);
	bool short_header = second->n == first->n + 1;
	if (!short_header && second->n != first->n)
		return err_set(err, "%s: line %zu: %zu columns, but the header has %zu%s",
			       t->in->path, t->in->number, second->n, first->n,
			       t->delimiter == ',' && second->n + 1 == 2 * first->n
				       ? " (decimal commas? points are read: save it in an "
					 "English locale)"
				       : "");
	t->has_row_names = short_header || named || !is_number(second->s[0]);
	take_header(t, first, t->has_row_names && !short_header);
	return 0;
}

/* A header may be the last comment ("#cell,GAPDH,CD4"), as in anndata, if it has a name for each.
 */
static int read_comment(struct import_table *t, const char *comment, char **corner, struct err *err)
{
	struct names names = {0};
	struct lines line = {t->in->path, (char *)comment, strlen(comment), t->n_skipped, NULL};

	if (fields_split(&line, t->delimiter, &names, err))
		err_clear(err);
	else if (names.n == t->columns.n || names.n == t->columns.n + t->has_row_names) {
		bool has_corner = names.n > t->columns.n;
		names_release(&t->columns);
		take_header(t, &names, has_corner);
		*corner = mem_str(has_corner ? names.s[0] : "");
	}
	names_release(&names);
	return *corner ? import_check_text(line.path, line.number, comment, line.len, err) : 0;
}

/* Open the table, and stop before its first row of values. 'corner' is the caller's. */
static int open_table(struct import_table *t, const char *path, char **corner, struct err *err)
{
	struct names first = {0}, second = {0};
	char *comment = NULL;
	int ret = -1, got;

	t->in = lines_open(path, err);
	if (!t->in)
		return -1;
	got = first_row(t->in, &comment, err);
	if (got < 0)
		goto release;
	if (got > 0 && memchr(t->in->text, '\r', t->in->len)) {
		err_set(err,
			"%s: line 1: carriage returns within the line: ends of lines of old "
			"Macintoshes? (tr '\\r' '\\n' makes them newlines)",
			t->in->path);
		goto release;
	}
	if (got == 0) {
		err_set(err, "%s: the file is empty", t->in->path);
		goto release;
	}
	t->delimiter = delimiter_guess(t->in->text);
	t->n_skipped = t->in->number;
	if (import_check_text(path, t->in->number, t->in->text, t->in->len, err) ||
	    fields_split(t->in, t->delimiter, &first, err))
		goto release;
	got = next_row(t->in, err);
	if (got < 0 || (got > 0 && fields_split(t->in, t->delimiter, &second, err)))
		goto release;
	if (read_shape(t, &first, &second, err))
		goto release;
	t->n_skipped -= !t->has_header;
	if (!t->has_header && comment && read_comment(t, comment, corner, err))
		goto release;
	if (!*corner)
		*corner = mem_str(t->has_header && t->columns.n < first.n ? first.s[0] : "");
	ret = lines_rewind(t->in, err);
release:
	free(comment);
	names_release(&first);
	names_release(&second);
	return ret;
}

/* Go to the first row of values. */
static int to_values(struct import_table *t, struct err *err)
{
	if (lines_rewind(t->in, err))
		return -1;
	for (size_t i = 0; i < t->n_skipped; i++)
		if (lines_next(t->in, err) < 0)
			return -1;
	return 0;
}

/* ---- what the rows are ---- */

/* Read the row names alone: do they hold genes? */
static int rows_hold_genes(struct import_table *t, bool *genes, struct err *err)
{
	struct field f;
	int got = 0;

	*genes = false;
	if (!t->has_row_names)
		return 0;
	if (to_values(t, err))
		return -1;
	while (!*genes && (got = next_row(t->in, err)) > 0) {
		char *at = t->in->text;
		if (!field_next(&at, t->delimiter, &f))
			return fields_broken(t->in, err);
		f.s[f.len] = '\0';
		*genes = names_gene(f.s);
	}
	return *genes || got == 0 ? 0 : -1;
}

static bool columns_hold_genes(const struct import_table *t)
{
	for (size_t i = 0; i < t->columns.n; i++)
		if (names_gene(t->columns.s[i]))
			return true;
	return false;
}

/* What the rows are, from names first, and then as CellTypist guesses. */
static int find_orientation(struct import_table *t, const char *corner, enum orient *rows,
			    const char **why, struct err *err)
{
	bool genes;

	if (says_genes(corner) || says_cells(corner)) {
		*rows = says_genes(corner) ? ORIENT_GENES : ORIENT_CELLS;
		*why = "the header says so";
		return 0;
	}
	*rows = ORIENT_CELLS;
	*why = "columns have gene names";
	if (columns_hold_genes(t))
		return 0;
	if (rows_hold_genes(t, &genes, err))
		return -1;
	*rows = ORIENT_GENES;
	*why = "rows have gene names";
	if (genes)
		return 0;
	*why = "there are 100,000 columns or more";
	if (t->columns.n >= 100000)
		return 0;
	*why = "the columns have names of 30 letters or more";
	if (strlen(t->columns.s[0]) >= 30)
		return 0;
	*rows = ORIENT_CELLS;
	*why = "nothing says otherwise";
	return 0;
}

/* ---- the values ---- */

static int ragged(const struct import_table *t, size_t found, struct err *err)
{
	size_t column = MIN(found, t->columns.n) + 1 + t->has_row_names;

	return err_set(err, "%s: line %zu, column %zu: %zu values, but the first row has %zu",
		       t->in->path, t->in->number, column, found, t->columns.n);
}

/* "1,5" and "1.234,5", as half of the world writes them. */
static bool has_decimal_comma(const struct field *f)
{
	size_t n_commas = 0;

	for (size_t i = 0; i < f->len; i++) {
		if (!strchr("0123456789.,eE+- ", f->s[i]) || !f->s[i])
			return false;
		n_commas += f->s[i] == ',';
	}
	return n_commas == 1;
}

/* Words, and not a number that C's library would spell so. */
static bool is_word(const struct field *f)
{
	return isalpha((unsigned char)*f->s) && strncasecmp(f->s, "nan", 3) != 0 &&
	       strncasecmp(f->s, "inf", 3) != 0;
}

static int not_a_number(const struct import_table *t, size_t column, const struct field *f,
			struct err *err)
{
	const char *name = t->columns.s[column];
	size_t number = column + 1 + t->has_row_names;
	const char *cut = t->delimiter == '\t'  ? ""
			  : t->delimiter == ';' ? " -d';'"
			  : t->delimiter == ',' ? " -d,"
						: " -d' '";

	if (f->len == 0)
		return err_set(err,
			       "%s: line %zu, column %zu (%.60s): empty, where a number "
			       "should be",
			       t->in->path, t->in->number, number, name);
	if (has_decimal_comma(f))
		return err_set(err,
			       "%s: line %zu, column %zu (%.60s): \"%.*s\" has a decimal comma: "
			       "points are read (save it in an English locale%s)",
			       t->in->path, t->in->number, number, name, (int)MIN(f->len, 60), f->s,
			       t->delimiter == ',' ? "" : ", or tr , .");
	err_set(err, "%s: line %zu, column %zu (%.60s): \"%.*s\" is not a finite number",
		t->in->path, t->in->number, number, name, (int)MIN(f->len, 60), f->s);
	if (is_word(f)) {
		size_t len = strlen(err->text);
		snprintf(err->text + len, sizeof(err->text) - len,
			 " (a column of words: cut%s --complement -f%zu takes it out)", cut,
			 number);
	}
	return -1;
}

/* Numbers may be padded with blanks. */
static bool padded_number(const struct field *f, float *value)
{
	const char *s = f->s, *end = f->s + f->len;

	while (s < end && *s == ' ')
		s++;
	while (s < end && end[-1] == ' ')
		end--;
	return s < end && import_number(s, (size_t)(end - s), value);
}

static int add_value(struct spool *spool, bool rows_are_cells, size_t row, size_t column,
		     float value, struct err *err)
{
	if (rows_are_cells)
		return spool_add(spool, (uint32_t)row, (uint32_t)column, value, err);
	return spool_add(spool, (uint32_t)column, (uint32_t)row, value, err);
}

/*
 * Most of a matrix is "0,": pass over such fields, four at a time while there are so many, and
 * at most 'most'. Returns how many.
 */
static size_t pass_zeros(const struct import_table *t, char **at, size_t most)
{
	const char zero[2] = {'0', t->delimiter}, *end = t->in->text + t->in->len;
	uint16_t one;
	uint64_t four, here;
	char *s = *at;
	size_t n = 0;

	memcpy(&one, zero, sizeof(one));
	four = one * UINT64_C(0x0001000100010001);
	for (; n + 4 <= most && end - s >= 8; s += 8, n += 4) {
		memcpy(&here, s, sizeof(here));
		if (here != four)
			break;
	}
	for (; n < most && s[0] == '0' && s[1] == t->delimiter; s += 2)
		n++;
	*at = s;
	return n;
}

static int read_row(struct import_table *t, size_t row, bool rows_are_cells,
		    struct names *row_names, struct spool *spool, struct err *err)
{
	char *at = t->in->text;
	struct field f = {.last = false};
	char number[32];
	float value;

	if (t->has_row_names) {
		if (!field_next(&at, t->delimiter, &f))
			return fields_broken(t->in, err);
		if (import_check_text(t->in->path, t->in->number, f.s, f.len, err))
			return -1;
		names_add_n(row_names, f.s, f.len);
	} else {
		snprintf(number, sizeof(number), "%zu", row);
		names_add(row_names, number);
	}
	for (size_t column = 0; column < t->columns.n; column++) {
		if (f.last)
			return ragged(t, column, err);
		if (t->delimiter != WORDS)
			column += pass_zeros(t, &at, t->columns.n - column);
		if (column == t->columns.n)
			break;
		if (!field_next(&at, t->delimiter, &f))
			return fields_broken(t->in, err);
		if (!import_number(f.s, f.len, &value) && !padded_number(&f, &value))
			return not_a_number(t, column, &f, err);
		if (value != 0 && add_value(spool, rows_are_cells, row, column, value, err))
			return -1;
	}
	if (!f.last) {
		size_t n = t->columns.n;
		for (; !f.last && field_next(&at, t->delimiter, &f); n++)
			;
		return ragged(t, n, err);
	}
	return 0;
}

static int read_values(struct import_table *t, bool rows_are_cells, struct names *row_names,
		       struct spool *spool, struct err *err)
{
	int got;

	if (to_values(t, err))
		return -1;
	while ((got = next_row(t->in, err)) > 0) {
		if (row_names->n >= STRTAB_NONE)
			return err_set(err, "%s: too many rows", t->in->path);
		if (read_row(t, row_names->n, rows_are_cells, row_names, spool, err))
			return -1;
	}
	return got;
}

/* Read the values into a stream. Takes the column names over. */
static int finish(struct import_table *t, enum orient rows, struct import *in, struct err *err)
{
	bool rows_are_cells = rows == ORIENT_CELLS;
	size_t n_columns = t->columns.n;
	struct spool *spool = spool_new(
		spool_bucket(rows_are_cells ? 0 : n_columns, rows_are_cells ? n_columns : 0), err);

	if (!spool)
		return -1;
	if (read_values(t, rows_are_cells, rows_are_cells ? &in->cells : &in->genes, spool, err)) {
		spool_free(spool);
		return -1;
	}
	if (rows_are_cells)
		in->genes = t->columns;
	else
		in->cells = t->columns;
	t->columns = (struct names){0};
	in->stream = spool_stream(spool, in->cells.n, in->genes.n);
	return 0;
}

int import_table(const char *path, enum orient rows, struct import *in, struct err *err)
{
	struct import_table t = {.in = NULL};
	const char *why = "as told";
	char *corner = NULL;
	int ret = -1;

	*in = (struct import){.stream = NULL};
	if (open_table(&t, path, &corner, err))
		goto close;
	if (t.columns.n == 0 || t.columns.n >= STRTAB_NONE) {
		err_set(err, "%s: no column of values was found (separated by %s)", t.in->path,
			delimiter_name(t.delimiter));
		goto close;
	}
	if (rows == ORIENT_AUTO && find_orientation(&t, corner, &rows, &why, err))
		goto close;
	if (finish(&t, rows, in, err))
		goto close;
	snprintf(in->decision, sizeof(in->decision), "rows are %s (%s), separated by %s",
		 rows == ORIENT_CELLS ? "cells" : "genes", why, delimiter_name(t.delimiter));
	ret = 0;
close:
	free(corner);
	names_release(&t.columns);
	lines_close(t.in);
	if (ret)
		import_release(in);
	return ret;
}
