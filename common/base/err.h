/* err.h - one whole message about what went wrong: one line, whatever names it holds.
 *
 * common/ never prints and never exits: a function that can fail takes a 'struct err *',
 * fills it with one sentence and returns -1 or NULL. The sentence names the subject (file,
 * row, cell, gene), the value that is wrong and, where there is one, the thing to do:
 *
 *	if (code >= n_categories)
 *		return err_set(err, "%s: row %zu: category code %d, but there are %zu categories",
 *			       path, row, code, n_categories);
 *
 * The first message stays: setting a filled err again is ignored, so a caller that adds
 * nothing need not check. Use err_prefix to add what only the caller knows.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/util.h"

struct err {
	bool refused; /* a guard judged the input unfit: the tool exits with 3, not 1 */
	char text[1000];
};

/* clang-format off */
#define ERR_INIT { .text = "" }
/* clang-format on */

/* Fill 'err' unless it is filled already. Always returns -1, to be returned on. */
PRINTF_LIKE(2, 3) int err_set(struct err *err, const char *format, ...);

/* The same for functions that return a pointer. Always returns NULL. */
PRINTF_LIKE(2, 3) void *err_null(struct err *err, const char *format, ...);

/* The same, with ": " and the text of errno added. */
PRINTF_LIKE(2, 3) int err_errno(struct err *err, const char *format, ...);

/* A guard refuses: as err_set, and the tool's exit status becomes 3. */
PRINTF_LIKE(2, 3) int err_refuse(struct err *err, const char *format, ...);

/* Put "subject: " in front of a filled message, unless it begins so. Returns -1. */
PRINTF_LIKE(2, 3) int err_prefix(struct err *err, const char *format, ...);

static inline bool err_is_set(const struct err *err)
{
	return err->text[0] != '\0';
}

/*
 * "where: there is no WHAT name; did you mean ...? there are: a, b, c". For names of columns,
 * slots, models that the user gave. Returns -1.
 */
int err_no_name(struct err *err, const char *where, const char *what, const char *name,
		const char *const *there, size_t n_there);

/* Forget the message, to try another way. */
void err_clear(struct err *err);

#endif
