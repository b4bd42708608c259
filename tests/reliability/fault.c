/* fault - run a command, and let one of its system calls go wrong.
 *
 *	fault [-c CLASS] [-n N] [-d DEED] [-e] [-l LOG] [-o COUNT] COMMAND...
 *
 * Counts the calls of a class over all threads and children of the command; the N-th (with -e, it
 * and all after it) fails with an errno (ENOSPC, EIO, ...), moves half of its bytes (short), or is
 * the last thing the process does (kill; int, term: it is sent that signal when the call is over).
 * Nothing is preloaded and nothing is built for it: a seccomp filter stops the process at these
 * calls only, so that libc, HDF5 and zlib are caught as well, at no cost to the rest.
 *
 *	write   to files and pipes (not stderr)       sync    fsync, fdatasync
 *	read    of files (not of the system's own)    close   of files that were open for writing
 *	rename  rename and its kin                    link    link, unlink and their kin
 *	cut     ftruncate, fallocate                  open    of files to be written
 *	fault   all of these but reads                change  all that changes a file system
 *	space   what a full disk refuses              count   none
 *
 * With -l what is opened, executed, connected or signalled goes to LOG, a line each.
 *
 * As a preloaded object (fault.so) it does the same to many runs of one process: a line of these
 * options is a trial (serve.h).
 *
 * The exit status is the command's, 128 + the signal's number when one ended it. COUNT is the file
 * that gets the number of calls of the class. x86-64 only.
 */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "serve.h"

#ifndef __x86_64__
#error "fault.c knows the registers of x86-64 only"
#endif

enum class {
	WRITE = 1,
	SYNC = 2,
	READ = 4,
	CLOSE = 8,
	RENAME = 16,
	LINK = 32,
	CUT = 64,
	OPEN = 128,
	WATCH = 256, /* told with -l, never harmed */
};

static const struct {
	long number;
	enum class class;
	const char *name;
} calls[] = {
	{SYS_write, WRITE, "write"},
	{SYS_pwrite64, WRITE, "pwrite"},
	{SYS_writev, WRITE, "writev"},
	{SYS_pwritev, WRITE, "pwritev"},
	{SYS_fsync, SYNC, "fsync"},
	{SYS_fdatasync, SYNC, "fdatasync"},
	{SYS_read, READ, "read"},
	{SYS_pread64, READ, "pread"},
	{SYS_readv, READ, "readv"},
	{SYS_close, CLOSE, "close"},
	{SYS_rename, RENAME, "rename"},
	{SYS_renameat, RENAME, "renameat"},
	{SYS_renameat2, RENAME, "renameat2"},
	{SYS_link, LINK, "link"},
	{SYS_linkat, LINK, "linkat"},
	{SYS_unlink, LINK, "unlink"},
	{SYS_unlinkat, LINK, "unlinkat"},
	{SYS_mkdir, LINK, "mkdir"},
	{SYS_rmdir, LINK, "rmdir"},
	{SYS_symlink, LINK, "symlink"},
	{SYS_ftruncate, CUT, "ftruncate"},
	{SYS_fallocate, CUT, "fallocate"},
	{SYS_open, OPEN, "open"},
	{SYS_openat, OPEN, "openat"},
	{SYS_creat, OPEN, "creat"},
	{SYS_execve, WATCH, "execve"},
	{SYS_execveat, WATCH, "execveat"},
	{SYS_connect, WATCH, "connect"},
	{SYS_sendto, WATCH, "sendto"},
	{SYS_bind, WATCH, "bind"},
	{SYS_kill, WATCH, "kill"},
	{SYS_fork, WATCH, "fork"},
	{SYS_vfork, WATCH, "vfork"},
};

static const struct {
	const char *name;
	int classes;
} classes[] = {
	{"write", WRITE},
	{"sync", SYNC},
	{"read", READ},
	{"close", CLOSE},
	{"rename", RENAME},
	{"link", LINK},
	{"cut", CUT},
	{"open", OPEN},
	{"fault", WRITE | SYNC | CLOSE | RENAME | LINK | CUT | OPEN},
	{"space", WRITE | SYNC | CUT | OPEN},
	{"change", WRITE | SYNC | RENAME | LINK | CUT | OPEN},
	{"count", 0},
};

static const struct {
	const char *name;
	int number;
} errors[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EDQUOT", EDQUOT},
	      {"EINTR", EINTR},   {"EACCES", EACCES}, {"EROFS", EROFS},
	      {"EINVAL", EINVAL}, {"EAGAIN", EAGAIN}, {"EMFILE", EMFILE},
	      {"ENOSYS", ENOSYS}, {"EXDEV", EXDEV},   {"EOPNOTSUPP", EOPNOTSUPP}};

enum deed { DO_COUNT, DO_ERROR, DO_SHORT, DO_SIGNAL };

static struct {
	int classes;
	enum deed deed;
	int number; /* of the error or the signal */
	size_t at, seen;
	bool ever;
	FILE *log;
	pid_t first; /* the command itself */
} plan;

NORETURN static void fail(const char *what)
{
	fprintf(stderr, "fault: %s: %s\n", what, strerror(errno));
	exit(125);
}

/* ---- the command -------------------------------------------------------------------------- */

/* Stop at each call of the table, allow all others. */
static void filter_calls(void)
{
	static struct sock_filter code[ARRAY_LEN(calls) + 3];
	size_t n = ARRAY_LEN(calls);
	struct sock_fprog program = {.len = (unsigned short)(n + 3), .filter = code};

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					       offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n; i++)
		code[1 + i] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].number, (uint8_t)(n - i), 0);
	code[n + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		fail("seccomp");
}

/* In the process that is to be watched. */
static void be_watched(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		fail("ptrace");
	raise(SIGSTOP);
	filter_calls();
}

/* ---- what a call is about ----------------------------------------------------------------- */

/* The name of an open file, "" when it cannot be had. */
static void name_of(pid_t pid, unsigned long long fd, char *name, size_t room)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/%d/fd/%llu", pid, fd);
	ssize_t n = readlink(link, name, room - 1);
	name[n < 0 ? 0 : n] = '\0';
}

/* Text of the process, "" when it cannot be read. */
static void text_at(pid_t pid, unsigned long long at, char *text, size_t room)
{
	size_t n = 0;

	for (; n + 1 < room; n++) {
		struct iovec to = {text + n, 1}, from = {(void *)(uintptr_t)(at + n), 1};
		if (process_vm_readv(pid, &to, 1, &from, 1, 0) != 1 || text[n] == '\0')
			break;
	}
	text[n] = '\0';
}

static bool is_for_writing(pid_t pid, unsigned long long fd)
{
	char path[64], line[128];
	bool writes = false;
	unsigned flags;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%llu", pid, fd);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "flags: %o", &flags) == 1)
			writes = (flags & O_ACCMODE) != O_RDONLY;
	if (file)
		fclose(file);
	return writes;
}

/* What the system brings along: libraries, wherever they lie, its settings and devices. */
static bool is_systems(const char *name)
{
	static const char *const places[] = {"/lib/", "/lib64/", "/usr/", "/etc/", "/proc/",
					     "/sys/", "/dev/",   "pipe:", "anon",  "socket:"};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (strncmp(name, places[i], strlen(places[i])) == 0)
			return strncmp(name, "/dev/shm/", 9) != 0;
	return name[0] == '\0' || strstr(name, ".so.");
}

/* What a build that counts lines writes of itself (make coverage). */
static bool is_counts(pid_t pid, const struct user_regs_struct *r, enum class class)
{
	char name[4096] = "";

	if (class == OPEN)
		text_at(pid, r->orig_rax == SYS_openat ? r->rsi : r->rdi, name, sizeof(name));
	else if (class & (WRITE | READ | CLOSE | CUT))
		name_of(pid, r->rdi, name, sizeof(name));
	size_t n = strlen(name);

	return n > 5 && str_eq(name + n - 5, ".gcda");
}

static bool is_meant(pid_t pid, const struct user_regs_struct *r, enum class class)
{
	char name[4096];

	if (!(plan.classes & (int)class) || is_counts(pid, r, class))
		return false;
	if (class == WRITE)
		return r->rdi != STDERR_FILENO;
	if (class == OPEN)
		return r->orig_rax == SYS_creat ||
		       ((r->orig_rax == SYS_openat ? r->rdx : r->rsi) & O_ACCMODE) != O_RDONLY;
	if (class != READ && class != CLOSE)
		return true;
	name_of(pid, r->rdi, name, sizeof(name));
	return !is_systems(name) && (class == READ || is_for_writing(pid, r->rdi));
}

static void tell(pid_t pid, const struct user_regs_struct *r, const char *call)
{
	char text[4096] = "";

	if (r->orig_rax == SYS_openat || r->orig_rax == SYS_unlinkat)
		text_at(pid, r->rsi, text, sizeof(text));
	else if (r->orig_rax == SYS_open || r->orig_rax == SYS_execve ||
		 r->orig_rax == SYS_unlink || r->orig_rax == SYS_rename ||
		 r->orig_rax == SYS_creat || r->orig_rax == SYS_mkdir)
		text_at(pid, r->rdi, text, sizeof(text));
	fprintf(plan.log, "%s\t%s\n", call, text);
}

/* ---- the deed ----------------------------------------------------------------------------- */

/* True when the process has to be stopped again at the end of the call. */
static bool harm(pid_t pid, struct user_regs_struct *r)
{
	switch (plan.deed) {
	case DO_ERROR:
		r->orig_rax = (unsigned long long)-1;
		r->rax = (unsigned long long)-plan.number;
		break;
	case DO_SHORT:
		r->rdx = r->rdx > 1 ? r->rdx / 2 : r->rdx;
		break;
	case DO_SIGNAL:
		return true;
	case DO_COUNT:
		return false;
	}
	if (ptrace(PTRACE_SETREGS, pid, NULL, r))
		fail("ptrace");
	return false;
}

/* A process stands before a call; how it is to go on. */
static int at_call(pid_t pid)
{
	struct user_regs_struct r;
	size_t i = 0;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &r))
		return PTRACE_CONT;
	while (i < ARRAY_LEN(calls) && (unsigned long long)calls[i].number != r.orig_rax)
		i++;
	if (i == ARRAY_LEN(calls))
		return PTRACE_CONT;
	if (plan.log)
		tell(pid, &r, calls[i].name);
	if (!is_meant(pid, &r, calls[i].class))
		return PTRACE_CONT;
	plan.seen++;
	if (plan.seen == plan.at || (plan.ever && plan.at && plan.seen > plan.at))
		return harm(pid, &r) ? PTRACE_SYSCALL : PTRACE_CONT;
	return PTRACE_CONT;
}

static void one_stop(pid_t pid, int status)
{
	int signal = WSTOPSIG(status), how = PTRACE_CONT;

	if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8))) {
		how = at_call(pid);
		signal = 0;
	} else if (signal == (SIGTRAP | 0x80)) { /* the call is over */
		signal = pid == plan.first ? plan.number : 0;
		if (!signal)
			kill(plan.first, plan.number);
	} else if (signal == SIGTRAP || signal == SIGSTOP) {
		signal = 0; /* a new thread or program */
	}
	ptrace((enum __ptrace_request)how, pid, NULL, (void *)(uintptr_t)signal);
}

/* Until the process and all that it made have ended: its wait status. */
static int follow(pid_t first)
{
	int status, ended = 0;
	pid_t pid;

	plan.first = first;
	if (waitpid(plan.first, &status, 0) != plan.first || !WIFSTOPPED(status))
		fail("the command does not start");
	if (ptrace(PTRACE_SETOPTIONS, plan.first, NULL,
		   (void *)(uintptr_t)(PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE |
				       PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
				       PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD |
				       PTRACE_O_EXITKILL)))
		fail("ptrace");
	ptrace(PTRACE_CONT, plan.first, NULL, NULL);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			one_stop(pid, status);
		else if (pid == plan.first)
			ended = status;
	}
	return ended;
}

/* ---- the command line --------------------------------------------------------------------- */

static bool set_deed(const char *word)
{
	if (str_eq(word, "short")) {
		plan.deed = DO_SHORT;
		return true;
	}
	plan.number = str_eq(word, "kill")   ? SIGKILL
		      : str_eq(word, "int")  ? SIGINT
		      : str_eq(word, "term") ? SIGTERM
					     : 0;
	if (plan.number) {
		plan.deed = DO_SIGNAL;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (str_eq(word, errors[i].name))
			plan.number = errors[i].number;
	plan.deed = DO_ERROR;
	return plan.number != 0;
}

static bool set_class(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (str_eq(word, classes[i].name)) {
			plan.classes = classes[i].classes;
			return true;
		}
	return false;
}

/* What stands before the command; false when it is not understood. */
static bool take_options(int argc, char **argv, const char **count)
{
	bool fine = true;
	int flag;

	while ((flag = getopt(argc, argv, "+c:n:d:el:o:")) != -1) {
		if (flag == 'c')
			fine = fine && set_class(optarg);
		else if (flag == 'n')
			plan.at = strtoul(optarg, NULL, 10);
		else if (flag == 'd')
			fine = fine && set_deed(optarg);
		else if (flag == 'e')
			plan.ever = true;
		else if (flag == 'l')
			fine = fine && (plan.log = fopen(optarg, "we"));
		else if (flag == 'o')
			*count = optarg;
		else
			fine = false;
	}
	return fine;
}

#ifndef SERVED

int main(int argc, char **argv)
{
	const char *count = NULL;

	if (!take_options(argc, argv, &count) || optind == argc) {
		fprintf(stderr, "usage: fault [-c CLASS] [-n N] [-d DEED] [-e] [-l LOG] [-o COUNT] "
				"COMMAND...\n");
		return 125;
	}
	pid_t first = fork();
	if (first == 0) {
		be_watched();
		execvp(argv[optind], argv + optind);
		fail(argv[optind]);
	}
	int status = follow(first);
	FILE *out = count ? fopen(count, "we") : NULL;
	if (out) {
		fprintf(out, "%zu\n", plan.seen);
		fclose(out);
	}
	if (plan.log)
		fclose(plan.log);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#else

/* A line of options, as many trials of one process want it. */
static bool plan_trial(char *words)
{
	static char name[] = "fault";
	char *argv[16] = {name}, *rest = NULL;
	const char *count = NULL;
	int argc = 1;

	for (char *word = strtok_r(words, " ", &rest); word && argc < 15;
	     word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	memset(&plan, 0, sizeof(plan));
	optind = 0; /* from the beginning */
	return take_options(argc, argv, &count) && optind == argc;
}

static size_t count_of_trial(void)
{
	return plan.seen;
}

const struct serving serving = {plan_trial, be_watched, follow, count_of_trial, 20};

#endif
