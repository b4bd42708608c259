/* crash.c - a crash on a damaged file is one line and status 1, and so are HDF5's own exit and a
 * disk that does not give what it has.
 *
 * HDF5 trusts a file's structure and may fall over a damaged one, in any thread. There is nothing
 * to be done then but to remove what was being written, say which files were open, and leave.
 * The handler uses nothing but what a signal handler may use. Sanitizers have their own.
 */
#include "base/util.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/say.h"
#include "h5ad/hdf5/hdf5.h"

#if defined(__SANITIZE_ADDRESS__)
#define CATCH false
#else
#define CATCH true
#endif

#define STACK_BYTES (64 << 10)

static const char *volatile open_names[64];
static pid_t itself; /* this process, not a probe of its (probe.c) */
static int unread;   /* in a probe: the first errno of crash_unread */

void crash_name(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(open_names); i++) {
		const char *empty = NULL;
		if (__atomic_compare_exchange_n(&open_names[i], &empty, path, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return;
	}
}

void crash_unname(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(open_names); i++) {
		const char *own = path;
		if (__atomic_compare_exchange_n(&open_names[i], &own, NULL, false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			return;
	}
}

struct line {
	char s[2000];
	size_t n;
};

static void add(struct line *line, const char *s)
{
	while (*s && line->n < sizeof(line->s) - 1)
		line->s[line->n++] = *s++;
}

static const char *signal_name(int number)
{
	switch (number) {
	case SIGSEGV:
		return "segmentation fault";
	case SIGBUS:
		return "bus error: was the file cut short meanwhile?";
	case SIGFPE:
		return "arithmetic error";
	case SIGABRT:
		return "abort";
	default:
		return "illegal instruction";
	}
}

/* "tool: file, file: "; true when a file is open. */
static bool add_names(struct line *line)
{
	bool any = false;

	add(line, tool_name);
	add(line, ": ");
	for (size_t i = 0; i < ARRAY_LEN(open_names); i++) {
		if (!open_names[i])
			continue;
		add(line, any ? ", " : "");
		add(line, open_names[i]);
		any = true;
	}
	add(line, any ? ": " : "");
	return any;
}

NORETURN static void leave(const struct line *line)
{
	outfile_remove_all();
	if (write(STDERR_FILENO, line->s, line->n) < 0)
		_exit(EXIT_FAILED);
	_exit(EXIT_FAILED);
}

static void on_crash(int number)
{
	struct line line = {.n = 0};
	bool any = add_names(&line);

	add(&line, "crashed (");
	add(&line, signal_name(number));
	add(&line, any ? ") while reading: the file is most likely damaged\n" : ")\n");
	leave(&line);
}

/* HDF5 1.10 calls exit(-1) without a word where it finds no memory for an id. Nobody else does. */
static void on_end(int status, void *unused UNUSED)
{
	struct line line = {.n = 0};

	if ((status & 0xff) != 0xff)
		return;
	if (getpid() != itself)
		_exit(status); /* a probe: what the parent writes is not to be removed */
	add_names(&line);
	add(&line, "HDF5 gave up, most likely for want of memory\n");
	leave(&line);
}

static const char *why_unread(int why)
{
	return why == ENOMEM ? "there is no memory for it: too little is left, or the file is "
			       "damaged"
			     : strerror(why);
}

void crash_unread(int why)
{
	struct line line = {.n = 0};

	if (getpid() != itself) {
		unread = unread ? unread : why;
		return;
	}
	add_names(&line);
	add(&line, "cannot be read: ");
	add(&line, why_unread(why));
	add(&line, "\n");
	leave(&line);
}

const char *crash_was_unread(void)
{
	return unread ? why_unread(unread) : NULL;
}

void crash_catch(void)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL};
	struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK | SA_RESETHAND};

	for (size_t i = 0; CATCH && i < ARRAY_LEN(crashes); i++)
		sigaction(crashes[i], &action, NULL);
	itself = getpid();
	on_exit(on_end, NULL);
}

/* A stack that has overflowed cannot carry the handler: it has its own. */
void crash_catch_thread(void)
{
	static _Thread_local char stack[STACK_BYTES];
	stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};

	if (CATCH)
		sigaltstack(&own, NULL);
}
