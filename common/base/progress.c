/* progress.c - see progress.h. */
#include "base/util.h"

#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/say.h"
#include "base/text.h"

double clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct progress progress_start(const char *what, size_t total)
{
	double now = clock_seconds();

	return (struct progress){.what = what,
				 .total = total,
				 .started = now,
				 .shown = now,
				 .on_terminal = isatty(STDERR_FILENO)};
}

static void add_duration(struct text *line, double seconds)
{
	unsigned long s = (unsigned long)(seconds + 0.5);

	if (s < 3600)
		text_add(line, "%lu:%02lu", s / 60, s % 60);
	else
		text_add(line, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

static void show(struct progress *p, double now, const char *note)
{
	struct text line = TEXT_INIT;
	char count[32], total[32], per_second[32];
	double elapsed = now - p->started;
	double rate = elapsed > 0 ? (double)p->done / elapsed : 0;

	text_add(&line, "%s: %s", tool_name, format_count(count, p->done));
	if (p->total)
		text_add(&line, " of %s", format_count(total, p->total));
	text_add(&line, " %s", p->what);
	if (p->total)
		text_add(&line, " (%.0f%%)", 100.0 * (double)p->done / (double)p->total);
	text_add(&line, ", %s/s", format_count(per_second, (size_t)rate));
	if (p->total && rate > 0 && p->done < p->total) {
		text_add(&line, ", ");
		add_duration(&line, (double)(p->total - p->done) / rate);
		text_add(&line, " left");
	}
	if (note)
		text_add(&line, ", %s", note);
	if (p->on_terminal)
		fprintf(stderr, "\r%s\033[K", line.s);
	else
		fprintf(stderr, "%s\n", line.s);
	text_release(&line);
	p->drawn = true;
	p->shown = now;
}

static bool is_due(const struct progress *p, double now)
{
	if (tool_quiet)
		return false;
	if (p->on_terminal)
		return now - p->started > 1 && now - p->shown > 0.2;
	return now - p->shown >= 10;
}

void progress_at(struct progress *p, size_t done)
{
	double now = clock_seconds();

	p->done = done;
	if (is_due(p, now))
		show(p, now, NULL);
}

void progress_note(struct progress *p, size_t done, const char *format, ...)
{
	double now = clock_seconds();
	char note[200];
	va_list args;

	p->done = done;
	if (!is_due(p, now))
		return;
	va_start(args, format);
	vsnprintf(note, sizeof(note), format, args);
	va_end(args);
	show(p, now, note);
}

void progress_end(struct progress *p)
{
	if (p->drawn && p->on_terminal)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}
