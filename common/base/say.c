/* say.c - see say.h. */
#include "base/util.h"

#include <errno.h>
#include <stdarg.h>

#include "base/say.h"

const char *tool_name = "pipette";
bool tool_quiet;

PRINTF_LIKE(1, 0) static void vmessage(const char *format, va_list args)
{
	fflush(stdout);
	flockfile(stderr);
	fprintf(stderr, "%s: ", tool_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	funlockfile(stderr);
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

void stdout_close(void)
{
	if (fflush(stdout) || ferror(stdout) || (fclose(stdout) && errno != EBADF))
		die("stdout: %s", strerror(errno));
}
