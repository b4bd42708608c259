/* notice.c - see notice.h. */
#include "base/util.h"

#include <stdarg.h>

#include "base/names.h"
#include "base/notice.h"

static struct names lines;

static bool is_there(const char *line)
{
	for (size_t i = 0; i < lines.n; i++)
		if (str_eq(lines.s[i], line))
			return true;
	return false;
}

void notice_add(const char *format, ...)
{
	char line[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (!is_there(line))
		names_add(&lines, line);
}

void notice_tell(void tell(const char *line))
{
	for (size_t i = 0; i < lines.n; i++)
		tell(lines.s[i]);
	names_release(&lines);
}
