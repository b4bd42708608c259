/* lines.h - the lines of a text file, plain or gzip.
 *
 * For matrices as text, where a line may be megabytes long. Lines come one at a time, without
 * their end (LF or CR LF); a leading byte-order mark is taken off. gzip is recognised by
 * content. The file may be read again from the start, standard input too (a pipe is spooled to
 * an unlinked temporary file).
 *
 *	struct lines *in = lines_open(path, err);
 *	while ((got = lines_next(in, err)) > 0)
 *		use(in->text, in->len);
 *	lines_close(in);
 *
 * A line holding a NUL byte, or longer than LINES_LONGEST, is an error: such a file is no text.
 */
#ifndef FORMAT_LINES_H
#define FORMAT_LINES_H

#include "base/err.h"

#define LINES_LONGEST ((size_t)512 << 20)

struct lines {
	const char *path; /* as given, "stdin" for "-"; borrowed */
	char *text;       /* the current line, NUL-terminated; may be edited in place */
	size_t len;
	size_t number; /* of the current line, from 1 */
	struct lines_source *source;
};

struct lines *lines_open(const char *path, struct err *err) MUST_USE;
void lines_close(struct lines *l); /* NULL is fine */

/* 1 and a line, 0 at the end, -1 with 'err' naming file and line. */
int lines_next(struct lines *l, struct err *err) MUST_USE;

/* Start again at the first line. */
int lines_rewind(struct lines *l, struct err *err) MUST_USE;

#endif
