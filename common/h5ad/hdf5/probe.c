/* probe.c - look at a file in a child process first.
 *
 * HDF5 crashes, loops or asks for all memory on some damaged files. Most of that happens while it
 * finds its way through the structure; so a child does all of it once, under limits, and its end
 * tells whether it is safe. What is in the data is met later, under crash.c.
 */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/say.h"
#include "h5ad/hdf5/hdf5.h"

#define CPU_SECONDS 5    /* for all that is in a large file; a small one has less to be found */
#define SMALL_SECONDS .8 /* for its first megabyte, and for each more */
#define WALL_SECONDS 60  /* a child that waits for something, rather than works */
#define MEMORY_BYTES ((rlim_t)2 << 30)
#define EXIT_UNTOLD 99 /* of a child whose report could not be written */

struct probing {
	const char *path; /* for messages */
	uint64_t n_bytes; /* of the file */
	h5_look *look;
	void *arg;
	int to[2]; /* the child's report */
	pid_t child;
};

static void limit(int what, rlim_t most)
{
	struct rlimit now;

	if (getrlimit(what, &now) == 0 && (now.rlim_max == RLIM_INFINITY || now.rlim_max > most))
		setrlimit(what, &(struct rlimit){most, most});
}

/* Where HDF5 goes round in circles, a small file shows it early. */
static void limit_time(uint64_t n_bytes)
{
	double seconds = SMALL_SECONDS * (double)(1 + (n_bytes >> 20));
	struct itimerval most = {.it_value = {.tv_sec = (time_t)MIN(seconds, CPU_SECONDS)}};

	if (seconds < CPU_SECONDS)
		most.it_value.tv_usec =
			(suseconds_t)(1e6 * (seconds - (double)most.it_value.tv_sec));
	signal(SIGPROF, SIG_DFL);
	setitimer(ITIMER_PROF, &most, NULL);
	limit(RLIMIT_CPU, CPU_SECONDS);
}

/* What the process has already, and some more. */
static void limit_memory(void)
{
#if !defined(__SANITIZE_ADDRESS__)
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f && fscanf(f, "%lu", &pages) == 1)
		limit(RLIMIT_AS, (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + MEMORY_BYTES);
	if (f)
		fclose(f);
#endif
}

NORETURN static void be_the_child(const struct probing *p)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL};
	struct err err = ERR_INIT;
	int nowhere = open("/dev/null", O_RDWR);

	dup2(nowhere, STDERR_FILENO);
	dup2(nowhere, STDOUT_FILENO);
	for (size_t i = 0; i < ARRAY_LEN(crashes); i++)
		signal(crashes[i], SIG_DFL);
	limit(RLIMIT_CORE, 0);
	limit_time(p->n_bytes);
	alarm(WALL_SECONDS);
	limit_memory();
	int ret = p->look(p->arg, &err);
	if (!ret || crash_was_unread()) /* of which HDF5's words sound like damage */
		err_clear(&err);
	if (ret && crash_was_unread())
		err_set(&err, "%s: cannot be read: %s", p->path, crash_was_unread());
	ssize_t n = write(p->to[1], &err, sizeof(err));
	_exit(n == (ssize_t)sizeof(err) ? 0 : EXIT_UNTOLD);
}

/*
 * The address sanitizer's allocator may be locked by another thread as this one forks, and would
 * stay locked in the child: under it there is no probe once there are threads.
 */
static bool may_fork(void)
{
#ifdef __SANITIZE_ADDRESS__
	struct stat threads;

	return stat("/proc/self/task", &threads) == 0 && threads.st_nlink == 2 + 1;
#else
	return true;
#endif
}

/* Forked within a call of HDF5: this thread has its lock, so the child is not left waiting. */
static herr_t fork_here(hid_t class UNUSED, const char *name UNUSED, void *data)
{
	struct probing *p = data;

	p->child = fork();
	if (p->child == 0)
		be_the_child(p);
	return 1;
}

/* True when the whole report has come. */
static bool read_report(int from, struct err *report)
{
	size_t n = 0;

	while (n < sizeof(*report)) {
		ssize_t got = read(from, (char *)report + n, sizeof(*report) - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	return true;
}

static const char *end_of(int status)
{
	if (!WIFSIGNALED(status))
		return "HDF5 gave up on it";
	if (WTERMSIG(status) == SIGPROF || WTERMSIG(status) == SIGXCPU ||
	    WTERMSIG(status) == SIGKILL)
		return "HDF5 does not find its way through it";
	return "HDF5 crashes on it";
}

/* It did not end in time, or could not say what it found. */
static bool has_no_verdict(int status)
{
	return WIFSIGNALED(status) ? WTERMSIG(status) == SIGALRM
				   : WEXITSTATUS(status) == EXIT_UNTOLD;
}

int probe(const char *path, int fd, h5_look *look, void *arg, struct err *err)
{
	struct probing p = {.path = path, .look = look, .arg = arg, .child = -1};
	struct stat st;
	struct err report;
	int status = 0, ret = 0;

	if (!may_fork())
		return 0;
	if (fstat(fd, &st) == 0)
		p.n_bytes = (uint64_t)st.st_size;
	if (pipe2(p.to, O_CLOEXEC))
		return err_errno(err, "%s", path);
	H5Piterate(H5P_FILE_ACCESS, NULL, fork_here, &p);
	close(p.to[1]);
	if (p.child > 0) {
		bool whole = read_report(p.to[0], &report);
		while (waitpid(p.child, &status, 0) < 0 && errno == EINTR)
			continue;
		if (!whole && has_no_verdict(status))
			ret = 0; /* the handler of crashes is still there */
		else if (!whole && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILED)
			ret = err_set(err,
				      "%s: there is no memory to look at it: too little is "
				      "left, or the file is damaged",
				      path);
		else if (!whole)
			ret = err_set(err, "%s: the file is damaged: %s", path, end_of(status));
		else if (err_is_set(&report))
			ret = err_set(err, "%s", report.text);
	}
	close(p.to[0]);
	return ret;
}
