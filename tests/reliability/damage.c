/* damage - a reader, and every single damage of a small file.
 *
 *	damage [-s SHARE] [-r SEED] [-m MOST] PARSER FILE...
 *
 * Every byte is changed by three masks (01, 80, ff), and the file is cut at every length; with
 * SHARE, or when that are more than MOST of a file, a seeded choice of these. A trial is fine when
 * the file is read, or refused with an error of one line, within a second of processor time, that of
 * the child which looks at files of HDF5 first included. It is
 * wrong when the reader is killed, ends the process, breaks an invariant, when a sanitizer speaks.
 * Memory that is asked for and not there, said in one line, is a refusal.
 *
 * Trials share a process until one of them ends it. HDF5 crashes on some files, which its handler
 * tells in one line, and what it leaves behind may harm the next: a few of its trials share a process, and
 * one that ends a process which had others before is tried again in a fresh one. Every trial's file
 * is a new one, as HDF5 knows those that it could not close by their inode. The data that is read
 * from these is compared with the undamaged file's: other data without a word is counted ("other").
 *
 * Prints: parser, file, trials, read, refused, crashes of HDF5, other, wrong; before it, for each
 * trial of HDF5 that gave other data, "other", file, byte, way.
 */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fuzz/blame.h"
#include "base/fd.h"
#include "base/rng.h"
#include "h5ad/hdf5/hdf5.h"
#include "parsers.h"

static const unsigned char masks[] = {0x01, 0x80, 0xff};

enum { N_MASKS = 3, WAYS = N_MASKS + 1, HDF5_BATCH = 50 };

/* What the children and this process share. */
static struct shared {
	size_t next; /* the trial that is being tried */
	size_t read, refused, other, wrong;
	bool in_trial;
} * shared;

static struct {
	const struct parser *parser;
	const char *name; /* of the file */
	unsigned char *bytes;
	size_t n;
	char *path, *said;
	size_t *trials, n_trials;
	uint64_t sum; /* of the undamaged file */
	size_t crashed;
} job;

static struct {
	double share;
	size_t seed, most;
} choice = {1, 1, SIZE_MAX};

/* ---- one trial ---------------------------------------------------------------------------- */

NORETURN static void give_up(void)
{
	perror("damage");
	_exit(2);
}

/* The file of a trial. */
static void make_file(size_t trial)
{
	size_t at = trial / WAYS, way = trial % WAYS, n = way == N_MASKS ? at : job.n;
	unsigned char mask = way == N_MASKS ? 0 : masks[way];
	int fd;

	if (unlink(job.path) && errno != ENOENT)
		give_up();
	fd = open(job.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	job.bytes[at] ^= mask;
	if (fd < 0 || write_all(fd, job.bytes, n) || close(fd))
		give_up();
	job.bytes[at] ^= mask;
}

/* Of the children that have ended. */
static double children_seconds(void)
{
	struct rusage used;

	getrusage(RUSAGE_CHILDREN, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void limit_time(long seconds)
{
	struct itimerval most = {.it_value = {.tv_sec = seconds}};

	setitimer(ITIMER_PROF, &most, NULL);
}

static void try_one(size_t trial)
{
	struct err err = ERR_INIT;
	double before = children_seconds();
	uint64_t sum = 0;
	int ret;

	shared->in_trial = true;
	limit_time(1);
	ret = job.parser->read(job.path, &sum, &err);
	limit_time(0);
	shared->in_trial = false;
	if (ret && (!err_is_set(&err) || strchr(err.text, '\n'))) {
		printf("%s %s: trial %zu: refused with \"%s\"\n", job.parser->name, job.name, trial,
		       err.text);
		fflush(stdout);
		shared->wrong++;
	}
	if (children_seconds() - before > 1) {
		printf("%s %s: trial %zu: the look at it took %.1f s: %s\n", job.parser->name,
		       job.name, trial, children_seconds() - before, err.text);
		fflush(stdout);
		shared->wrong++;
	}
	shared->read += ret == 0;
	shared->refused += ret != 0;
	if (ret == 0 && sum != job.sum && job.parser->hdf5) {
		printf("other\t%s\t%zu\t%zu\n", job.name, trial / WAYS, trial % WAYS);
		fflush(stdout);
	}
	shared->other += ret == 0 && sum != job.sum;
}

/* ---- children ----------------------------------------------------------------------------- */

NORETURN static void work(size_t first, size_t last)
{
	if (job.parser->hdf5)
		crash_catch(); /* this process's own: the library was started before the fork */
	int said = open(job.said, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(said, STDERR_FILENO);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	for (shared->next = first; shared->next < last; shared->next++) {
		make_file(job.trials[shared->next]);
		try_one(job.trials[shared->next]);
	}
	exit(0); /* with the look for leaks */
}

static char *what_was_said(void)
{
	struct text all = TEXT_INIT;
	FILE *f = fopen(job.said, "rbe");
	char piece[4096];
	size_t got;

	while (f && (got = fread(piece, 1, sizeof(piece), f)) > 0)
		text_add_bytes(&all, piece, got);
	text_add_char(&all, '\0');
	if (f)
		fclose(f);
	return all.s;
}

/* A child ended within a trial: is that wrong? */
static void judge(int status)
{
	size_t trial = job.trials[MIN(shared->next, job.n_trials - 1)];
	char *said = what_was_said();
	bool memory = strstr(said, ": out of memory (") || strstr(said, "there is no memory");
	bool sanitized = blames_someone(said) && !memory;

	if (job.parser->hdf5 &&
	    (sanitized ? blames_hdf5(said)
		       : strstr(said, "crashed (") != NULL || strstr(said, "gave up")))
		job.crashed++;
	else if (!sanitized && memory && WIFEXITED(status) && WEXITSTATUS(status) == 1)
		shared->refused++;
	else {
		shared->wrong++;
		printf("%s %s: trial %zu (byte %zu, way %zu): status %#x: %.1500s\n",
		       job.parser->name, job.name, trial, trial / WAYS, trial % WAYS,
		       (unsigned)status, said);
		fflush(stdout);
	}
	free(said);
}

static int wait_for(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

static void run_trials(void)
{
	size_t first = 0, most = job.parser->hdf5 ? HDF5_BATCH : SIZE_MAX, batch = most;

	if (job.parser->hdf5)
		h5_start();
	while (first < job.n_trials) {
		size_t last = MIN(job.n_trials - first, batch) + first;

		shared->in_trial = false;
		fflush(stdout);
		pid_t child = fork();
		if (child == 0)
			work(first, last);
		int status = wait_for(child);
		bool within = status && shared->in_trial;
		if (within && job.parser->hdf5 && shared->next > first) {
			first = shared->next;
			batch = 1; /* does it end a fresh one, too? */
			continue;
		}
		if (status)
			judge(status);
		first = within ? shared->next + 1 : last;
		batch = most;
	}
}

/* ---- files -------------------------------------------------------------------------------- */

static void load(const char *file)
{
	FILE *f = fopen(file, "rbe");

	if (!f || fseek(f, 0, SEEK_END)) {
		perror(file);
		exit(2);
	}
	job.n = (size_t)ftell(f);
	rewind(f);
	job.bytes = mem_alloc(job.n + 1, 1);
	if (fread(job.bytes, 1, job.n, f) != job.n) {
		perror(file);
		exit(2);
	}
	fclose(f);
	job.name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
}

static void choose(void)
{
	struct rng rng = rng_seeded(mix64(choice.seed) ^ mix64(job.n));
	size_t all = job.n * WAYS, wanted = MIN(choice.most, (size_t)((double)all * choice.share));

	wanted = MAX(wanted, MIN(all, (size_t)8));
	job.n_trials = 0;
	MEM_ARRAY(job.trials, all);
	for (size_t i = 0; i < all; i++) /* each with the chance that leaves as many as wanted */
		if (rng_below(&rng, all - i) < wanted - job.n_trials)
			job.trials[job.n_trials++] = i;
}

/* The file as it is must be read; its data is what others are compared with. */
static bool read_undamaged(const char *file)
{
	int status = 0;
	pid_t child;
	uint64_t *sum =
		mmap(NULL, sizeof(*sum), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct err err = ERR_INIT;
		int ret = job.parser->read(file, sum, &err);

		if (ret)
			printf("%s %s: is not read as it is: %s\n", job.parser->name, file,
			       err.text);
		fflush(stdout);
		_exit(ret ? 1 : 0);
	}
	waitpid(child, &status, 0);
	job.sum = *sum;
	munmap(sum, sizeof(*sum));
	return status == 0;
}

static bool run_file(const char *file)
{
	bool fine;

	memset(shared, 0, sizeof(*shared));
	job.crashed = 0;
	load(file);
	choose();
	if (!read_undamaged(file)) {
		shared->wrong++;
		job.n_trials = 0;
	}
	run_trials();
	printf("%s\t%s\t%zu\t%zu\t%zu\t%zu\t%zu\t%zu\n", job.parser->name, job.name, job.n_trials,
	       shared->read, shared->refused, job.crashed, shared->other, shared->wrong);
	fine = shared->wrong == 0;
	free(job.bytes);
	free(job.trials);
	return fine;
}

int main(int argc, char **argv)
{
	char folder[] = "/dev/shm/damage.XXXXXX";
	bool fine = true;
	int flag;

	while ((flag = getopt(argc, argv, "s:r:m:")) != -1) {
		if (flag == 's')
			choice.share = strtod(optarg, NULL);
		else if (!parse_size(optarg, 0, SIZE_MAX,
				     flag == 'r' ? &choice.seed : &choice.most))
			fine = false;
	}
	job.parser = optind < argc ? parser_find(argv[optind]) : NULL;
	if (!fine || !job.parser || optind + 1 >= argc) {
		fprintf(stderr, "usage: damage [-s SHARE] [-r SEED] [-m MOST] PARSER FILE...\n");
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED || !mkdtemp(folder)) {
		perror("damage");
		return 2;
	}
	job.path = mem_printf("%s/case%s", folder, job.parser->ending);
	job.said = mem_printf("%s/said", folder);
	for (int i = optind + 1; i < argc; i++)
		fine = run_file(argv[i]) && fine;
	unlink(job.path);
	unlink(job.said);
	rmdir(folder);
	return fine ? 0 : 1;
}
