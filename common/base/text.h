/* text.h - text that grows, numbers read whole, names cut short or nearly right.
 *
 *	struct text t = TEXT_INIT;
 *	text_add(&t, "%zu cells", n);
 *	puts(t.s);
 *	text_release(&t);
 *
 * Everything here is independent of the locale.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/err.h"

struct text {
	char *s; /* always NUL-terminated, "" when empty */
	size_t len, cap;
};

extern char text_empty[1];
/* clang-format off */
#define TEXT_INIT { .s = text_empty }
/* clang-format on */

PRINTF_LIKE(2, 3) void text_add(struct text *t, const char *format, ...);
void text_add_bytes(struct text *t, const char *s, size_t len);
void text_add_char(struct text *t, char c);
void text_add_utf8(struct text *t, uint32_t c); /* as UTF-8, without judging it */

/*
 * Add what a stream has up to its end, or more than 'most' bytes of it, which tells that there are
 * more. -1 when it cannot be read.
 */
int text_add_stream(struct text *t, FILE *in, size_t most) MUST_USE;
void text_clear(struct text *t); /* keeps the memory */
char *text_take(struct text *t); /* the caller owns the string, 't' is empty again */
void text_release(struct text *t);

/* A number with nothing before or after it, within [min, max]. False otherwise. */
bool parse_size(const char *s, size_t min, size_t max, size_t *value);
bool parse_int(const char *s, int64_t min, int64_t max, int64_t *value);
bool parse_double(const char *s, double *value); /* finite, or nan/inf spelled out */

/* "512M", "2G", "64k": bytes. */
bool parse_bytes(const char *s, size_t *value);

/* %.9g, %.17g and %zu, with "." whatever the locale. Returns the length; 'out' holds 32. */
int format_float(char *out, double value);
int format_double(char *out, double value);
int format_size(char *out, size_t value);

/* The fewest digits from 15 on that give the same value back. */
int format_shortest(char *out, double value);

/* "1,234,567" for people. 'out' holds 32; returns out. */
char *format_count(char *out, size_t value);

/* Is s[0..len) well-formed UTF-8 (no surrogates, no overlong forms)? */
bool utf8_valid(const char *s, size_t len);

/* The bytes of the code point that the string 's' begins with; 0 when they are no UTF-8. */
size_t utf8_length(const char *s);

/*
 * What would end the line or speak to a terminal (control characters, of 7 or 8 bits) becomes '?',
 * in place; tabs stay. For messages: names in them come from files.
 */
void text_one_line(char *s);

/* A file's name without its folders: what follows the last slash, or all of it where nothing does. */
const char *path_file(const char *path);

/* The next code point of valid UTF-8; advances *s. */
uint32_t utf8_next(const char **s);

/*
 * The candidate nearest to 'word' by edit distance, case aside, or NULL when none is near
 * enough to be what was meant. Ties go to the first.
 */
const char *nearest_name(const char *word, const char *const *candidates, size_t n);

#endif
