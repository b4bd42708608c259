#include "base/tool.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"

const char *tool_name = "pipette";
bool tool_quiet;

static void on_signal(int number)
{
	outfile_remove_all();
	signal(number, SIG_DFL);
	raise(number);
}

void tool_begin(const char *name, int argc, char **argv)
{
	static const int fatal[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT};

	tool_name = name;
	mallopt(M_ARENA_MAX, 1); /* threads share one heap: large blocks, seldom asked for */
	for (size_t i = 0; i < ARRAY_LEN(fatal); i++) {
		struct sigaction now;

		if (sigaction(fatal[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaction(fatal[i], &(struct sigaction){.sa_handler = on_signal}, NULL);
	}
	signal(SIGXFSZ, SIG_IGN); /* a file too large is an error to report, not a death */
	manifest_start(argc, argv);
}

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

int tool_end(void)
{
	struct err err = ERR_INIT;

	if (fflush(stdout) || ferror(stdout) || (fclose(stdout) && errno != EBADF))
		die("stdout: %s", strerror(errno));
	if (manifest_write(tool_manifest, tool_manifest_hash, &err))
		die_err(&err);
	opt_release();
	return 0;
}
