/* util.c - see util.h. */
#include "base/util.h"

#include <stdarg.h>

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

void bug(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "BUG at %s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
