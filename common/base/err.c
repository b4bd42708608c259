/* err.c - see err.h. */
#include "base/util.h"

#include <errno.h>
#include <stdarg.h>

#include "base/err.h"
#include "base/text.h"

PRINTF_LIKE(2, 0) static void fill(struct err *err, const char *format, va_list args)
{
	if (err_is_set(err))
		return;
	vsnprintf(err->text, sizeof(err->text), format, args);
	text_one_line(err->text); /* names come from files */
}

int err_set(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(err, format, args);
	va_end(args);
	return -1;
}

void *err_null(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(err, format, args);
	va_end(args);
	return NULL;
}

int err_errno(struct err *err, const char *format, ...)
{
	int why = errno;
	char text[sizeof(err->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return err_set(err, "%s: %s", text, strerror(why));
}

int err_refuse(struct err *err, const char *format, ...)
{
	va_list args;

	if (err_is_set(err))
		return -1;
	va_start(args, format);
	fill(err, format, args);
	va_end(args);
	err->refused = true;
	return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
	char was[sizeof(err->text)];
	size_t used;
	va_list args;

	memcpy(was, err->text, sizeof(was));
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = strlen(err->text);
	if (strncmp(was, err->text, used) == 0 && strncmp(was + used, ": ", 2) == 0)
		used = 0; /* who failed had said so already */
	snprintf(err->text + used, sizeof(err->text) - used, used ? ": %s" : "%s", was);
	text_one_line(err->text); /* names come from files */
	return -1;
}

void err_clear(struct err *err)
{
	err->text[0] = '\0';
	err->refused = false;
}

int err_no_name(struct err *err, const char *where, const char *what, const char *name,
		const char *const *there, size_t n_there)
{
	const char *nearest = nearest_name(name, there, n_there);
	struct text list = TEXT_INIT;

	for (size_t i = 0; i < n_there && list.len < 600; i++)
		text_add(&list, "%s%s", i ? ", " : "", there[i]);
	if (list.len >= 600)
		text_add(&list, ", ... (%zu in all)", n_there);
	err_set(err, "%s: there is no %s %s%s%s%s (there %s: %s)", where, what, name,
		nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "",
		n_there == 1 ? "is" : "are", n_there ? list.s : "none");
	text_release(&list);
	return -1;
}
