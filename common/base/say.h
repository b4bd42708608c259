/* say.h - how a tool speaks, and how it leaves.
 *
 * The only part of common/ that prints messages or ends the process. Only tools call it, and what
 * serves them alone: options and progress. Everyone else fills a struct err.
 *
 *	say("%zu of %zu genes are known", n, all);      // "lognorm: 17 of 20 genes are known"
 *	if (failed)
 *		die_err(&err);
 *
 * Messages are lines on stderr with the tool's name in front, whole even when threads speak; no
 * name from a file gets a control character to the terminal. Every way out removes the temporaries
 * of outputs that are not complete.
 */
#ifndef BASE_SAY_H
#define BASE_SAY_H

#include "base/err.h"

extern const char *tool_name; /* as tool_begin was told */
extern bool tool_quiet;       /* --quiet */

#define EXIT_FAILED 1
#define EXIT_USAGE 2
#define EXIT_REFUSED 3

/* Leave: status 1 (or 3 when a guard refused), 2 for wrong usage. 'err' must be set. */
NORETURN void die_err(const struct err *err);
NORETURN PRINTF_LIKE(1, 2) void die(const char *format, ...);
NORETURN PRINTF_LIKE(1, 2) void refuse(const char *format, ...);
NORETURN PRINTF_LIKE(1, 2) void die_usage(const char *format, ...);

/* Speak: a decision or count (silent with --quiet), or something the user should look at. */
PRINTF_LIKE(1, 2) void say(const char *format, ...);
PRINTF_LIKE(1, 2) void warn(const char *format, ...);

/* Each line of a text that is not empty; NULL is an empty text. */
void say_lines(const char *lines);
void warn_lines(const char *lines);

/* Nothing more goes to stdout: a full disk or closed device is a failure, and dies. */
void stdout_close(void);

#endif
