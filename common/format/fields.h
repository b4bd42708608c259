/* fields.h - the fields of one line of a delimited table.
 *
 * Fields may be quoted as in csv: a delimiter within quotes is text, and "" is one quote. The line
 * is cut in place.
 *
 *	char delimiter = delimiter_guess(in->text), *at = in->text;
 *	struct field f = {.last = false};
 *	while (!f.last && field_next(&at, delimiter, &f))
 *		use(f.s, f.len);
 */
#ifndef FORMAT_FIELDS_H
#define FORMAT_FIELDS_H

#include "base/names.h"
#include "format/lines.h"

enum { WORDS = ' ' }; /* as a delimiter: any run of blanks */

struct field {
	char *s; /* in the line; no NUL ends it */
	size_t len;
	bool last;
};

/* The first of tab, comma and semicolon that the line has outside quotes; else WORDS. */
char delimiter_guess(const char *line);

/* "commas", "blanks", ... */
const char *delimiter_name(char delimiter);

/*
 * The place of a column in a header of 'n' names, for one that must be there, once: of two columns
 * of one name nobody can say which is meant.
 */
int column_place(const char *path, char *const *header, size_t n, const char *name, size_t *column,
		 struct err *err) MUST_USE;

/* Cut the next field off the line at '*at'. False when quotes are broken. */
bool field_next(char **at, char delimiter, struct field *f);

/* All fields of the line at hand as names, added to 'fields'; the line stays as it is. */
int fields_split(const struct lines *in, char delimiter, struct names *fields,
		 struct err *err) MUST_USE;

/* -1 and the message that the quotes of the line at hand do not match. */
int fields_broken(const struct lines *in, struct err *err);

#endif
