/* say.c - see say.h. */
#include "base/util.h"

#include <errno.h>
#include <stdarg.h>

#include "base/say.h"
#include "base/text.h"

const char *tool_name = "pipette";
bool tool_quiet;

PRINTF_LIKE(1, 0) static void vmessage(const char *format, va_list args)
{
	char text[4096], *longer = NULL;
	va_list again;

	va_copy(again, args);
	if ((size_t)vsnprintf(text, sizeof(text), format, args) >= sizeof(text) &&
	    vasprintf(&longer, format, again) < 0)
		longer = NULL; /* its beginning will do */
	va_end(again);
	text_one_line(longer ? longer : text);
	fflush(stdout);
	fprintf(stderr, "%s: %s\n", tool_name, longer ? longer : text);
	free(longer);
}

/* The message, then out. exit() runs outfile's handler, which removes the temporaries. */
#define LEAVE(status, format)           \
	do {                            \
		va_list args;           \
		va_start(args, format); \
		vmessage(format, args); \
		va_end(args);           \
		exit(status);           \
	} while (0)

void die(const char *format, ...)
{
	LEAVE(EXIT_FAILED, format);
}

void refuse(const char *format, ...)
{
	LEAVE(EXIT_REFUSED, format);
}

void die_usage(const char *format, ...)
{
	LEAVE(EXIT_USAGE, format);
}

void die_err(const struct err *err)
{
	if (!err_is_set(err))
		BUG("a failure without a message");
	if (err->refused)
		refuse("%s", err->text);
	die("%s", err->text);
}

void say(const char *format, ...)
{
	va_list args;

	if (tool_quiet)
		return;
	va_start(args, format);
	vmessage(format, args);
	va_end(args);
}

void warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vmessage(format, args);
	va_end(args);
}

static void each_line(const char *lines, void (*speak)(const char *format, ...))
{
	for (const char *at = lines, *end; at && *at; at = *end ? end + 1 : end) {
		end = at + strcspn(at, "\n");
		if (end > at)
			speak("%.*s", (int)(end - at), at);
	}
}

void say_lines(const char *lines)
{
	each_line(lines, say);
}

void warn_lines(const char *lines)
{
	each_line(lines, warn);
}

void stdout_close(void)
{
	if (fflush(stdout) || ferror(stdout) || (fclose(stdout) && errno != EBADF))
		die("stdout: %s", strerror(errno));
}
