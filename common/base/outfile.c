/* outfile.c - see outfile.h. */
#include "base/util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "base/text.h"

#define UNIQUE 6 /* letters at the end of a temporary's name, which mkostemp chooses */

/* ---- how much is to be on the disk when an output has its name ---- */

enum sync { SYNC_NONE, SYNC_FILE, SYNC_ALL };

const char *outfile_sync;
const char *const outfile_sync_words[] = {"none", "file", "all", NULL};

static int sync_wanted(enum sync *wanted, struct err *err)
{
	const char *word = outfile_sync ? outfile_sync : getenv("PIPETTE_SYNC");

	*wanted = !word || !*word || str_eq(word, "file") ? SYNC_FILE
		  : str_eq(word, "all")                   ? SYNC_ALL
							  : SYNC_NONE;
	if (*wanted == SYNC_NONE && !str_eq(word, "none"))
		return err_set(err, "PIPETTE_SYNC: there is no %s (none, file or all)", word);
	return 0;
}

/* ---- an output ---- */

enum way {
	WAY_RENAME, /* written beside the target, then renamed */
	WAY_STREAM, /* straight to stdout or a device */
	WAY_SPOOL,  /* by name into an unlinked file, then copied to stdout or a device */
};

struct outfile {
	enum way way;
	char *target, *path;
	FILE *file;
	int fd; /* of the temporary or the spool */
	enum sync sync;
};

/* ---- the temporaries of this process, for signal handlers and exit ---- */

static char *volatile temporaries[256];
static pthread_mutex_t temporaries_lock = PTHREAD_MUTEX_INITIALIZER;

void outfile_remove_all(void)
{
	for (size_t i = 0; i < ARRAY_LEN(temporaries); i++)
		if (temporaries[i])
			unlink(temporaries[i]);
}

static void remember(char *path)
{
	static bool at_exit;
	size_t i = 0;

	pthread_mutex_lock(&temporaries_lock);
	if (!at_exit)
		at_exit = atexit(outfile_remove_all) == 0 && at_quick_exit(outfile_remove_all) == 0;
	while (i < ARRAY_LEN(temporaries) && temporaries[i])
		i++;
	if (i == ARRAY_LEN(temporaries))
		BUG("more than %zu files being written", i);
	temporaries[i] = path;
	pthread_mutex_unlock(&temporaries_lock);
}

static void forget(const char *path)
{
	pthread_mutex_lock(&temporaries_lock);
	for (size_t i = 0; i < ARRAY_LEN(temporaries); i++)
		if (temporaries[i] == path)
			temporaries[i] = NULL;
	pthread_mutex_unlock(&temporaries_lock);
}

static void take_away(const char *path)
{
	unlink(path);
	forget(path);
}

/* ---- what killed processes left ---- */

/*
 * A temporary is locked by the process that writes it, until that ends in whatever way; so one that
 * can be locked is nobody's. These locks are the open file's: HDF5's own (flock) do not meet them.
 */
static bool lock_it(int fd)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

static void remove_if_left(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return;
	if (lock_it(fd))
		unlinkat(folder, name, 0);
	close(fd);
}

/* Remove what runs that were killed left of a target: "path" is a temporary's name to be. */
static void sweep(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	size_t stem = strlen(name) - UNIQUE;
	char *place = mem_strn(path, (size_t)(name - path));
	DIR *folder = opendir(place);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (strncmp(entry->d_name, name, stem) == 0 &&
		    strlen(entry->d_name) == stem + UNIQUE)
			remove_if_left(dirfd(folder), entry->d_name);
	if (folder)
		closedir(folder);
	free(place);
}

/*
 * mkostemp, remembered first: it fills in the name before there is a file, so a signal at any
 * moment finds what there is to remove. Between the file and its lock another run may sweep it.
 */
static int make_temporary(char *path)
{
	char *unique = path + strlen(path) - UNIQUE;
	struct stat st;
	int fd;

	for (int attempt = 0;; attempt++) {
		memset(unique, 'X', UNIQUE);
		remember(path);
		fd = mkostemp(path, O_CLOEXEC);
		if (fd < 0)
			forget(path);
		if (fd < 0 || attempt == 10)
			return fd;
		lock_it(fd); /* where there are no locks, nobody sweeps either */
		if (fstat(fd, &st) || st.st_nlink)
			return fd;
		forget(path);
		close(fd);
	}
}

/* ---- opening ---- */

/* Where the target really is: a link is followed, so that it stays a link. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : mem_str(path);
}

static int open_temporary(struct outfile *out, struct err *err)
{
	if (sync_wanted(&out->sync, err))
		return -1;
	char *real = resolve(out->target);
	char *for_dirname = mem_str(real), *for_basename = mem_str(real);
	mode_t mask = umask(0);

	umask(mask);
	out->path = mem_printf("%s/.%.200s.pipette.XXXXXX", dirname(for_dirname),
			       basename(for_basename));
	sweep(out->path);
	free(for_dirname);
	free(for_basename);
	free(out->target);
	out->target = real;
	out->fd = make_temporary(out->path);
	if (out->fd < 0)
		return err_errno(err, "%s: cannot write here", out->target);
	if (fchmod(out->fd, 0666 & ~mask))
		return err_errno(err, "%s", out->target);
	return 0;
}

static char *scratch_name(const char *dir)
{
	const char *place = dir ? dir : getenv("TMPDIR");

	return mem_printf("%s/pipette.spool.XXXXXX", place && *place ? place : "/tmp");
}

int scratch_named(const char *dir, char **path, struct err *err)
{
	int fd;

	*path = scratch_name(dir);
	sweep(*path);
	fd = make_temporary(*path);
	if (fd >= 0)
		return fd;
	err_errno(err, "%s: no place for a temporary file (set TMPDIR)", *path);
	free(*path);
	*path = NULL;
	return -1;
}

void scratch_unname(char *path)
{
	if (!path)
		return;
	take_away(path);
	free(path);
}

/* A file that never had a name leaves none, however the process ends: where that can be had. */
int scratch_open(const char *dir, struct err *err)
{
	char *path = scratch_name(dir), *end = strrchr(path, '/');
	int fd;

	*end = '\0';
	fd = open(end == path ? "/" : path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	free(path);
	if (fd >= 0)
		return fd;
	fd = scratch_named(dir, &path, err);
	scratch_unname(path);
	return fd;
}

/* A spool has a name until outfile_opened: HDF5 does not open files that have none. */
static int open_spool(struct outfile *out, struct err *err)
{
	out->fd = scratch_named(NULL, &out->path, err);
	return out->fd < 0 ? -1 : 0;
}

void outfile_opened(struct outfile *out)
{
	if (out->way != WAY_SPOOL)
		return;
	take_away(out->path);
	out->path[0] = '\0';
}

static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static struct outfile *outfile_new(const char *path, bool is_stdout)
{
	struct outfile *out = mem_zero(1, sizeof(*out));

	out->fd = -1;
	out->target = mem_str(is_stdout ? "stdout" : path);
	return out;
}

static int check_directory(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(err, "%s: is a folder, but the name of a file was expected", path);
	return 0;
}

/* ---- gzip as a stream ---- */

static ssize_t gz_cookie_write(void *gz, const char *bytes, size_t len)
{
	return len == 0 ? 0 : gzwrite(gz, bytes, (unsigned)MIN(len, 1u << 30));
}

static int gz_cookie_close(void *gz)
{
	return gzclose(gz) == Z_OK ? 0 : -1;
}

static FILE *gzip_stream(int fd)
{
	const cookie_io_functions_t functions = {.write = gz_cookie_write,
						 .close = gz_cookie_close};
	gzFile gz = gzdopen(fd, "wb6");

	return gz ? fopencookie(gz, "w", functions) : NULL;
}

struct outfile *outfile_open(const char *path, struct err *err)
{
	bool is_stdout = str_eq(path, "-");
	struct outfile *out = outfile_new(path, is_stdout);
	int fd;

	if (is_stdout) {
		out->way = WAY_STREAM;
		out->file = stdout;
		return out;
	}
	if (check_directory(path, err))
		goto fail;
	if (is_special(path)) {
		out->way = WAY_STREAM;
		out->file = fopen(path, "w");
	} else {
		out->way = WAY_RENAME;
		if (open_temporary(out, err))
			goto fail;
		fd = fcntl(out->fd, F_DUPFD_CLOEXEC, 0); /* our own is kept for the sync */
		out->file = str_ends(path, ".gz") ? gzip_stream(fd) : fdopen(fd, "w");
	}
	if (!out->file) {
		err_errno(err, "%s", path);
		goto fail;
	}
	return out;
fail:
	outfile_abort(out);
	return NULL;
}

struct outfile *outfile_open_whole(const char *path, struct err *err)
{
	bool is_stdout = str_eq(path, "-");
	struct outfile *out;

	if (!is_stdout && !is_special(path))
		return outfile_open(path, err);
	out = outfile_new(path, is_stdout);
	out->way = WAY_SPOOL;
	if (open_spool(out, err))
		goto fail;
	outfile_opened(out);
	out->file = fdopen(fcntl(out->fd, F_DUPFD_CLOEXEC, 0), "w");
	if (!out->file) {
		err_errno(err, "%s", out->target);
		goto fail;
	}
	return out;
fail:
	outfile_abort(out);
	return NULL;
}

struct outfile *outfile_open_binary(const char *path, struct err *err)
{
	bool is_stdout = str_eq(path, "-");
	struct outfile *out = outfile_new(path, is_stdout);

	if (is_stdout && isatty(STDOUT_FILENO)) {
		err_set(err,
			"stdout is a terminal and this is binary data (use -o FILE, or a pipe)");
		goto fail;
	}
	if (!is_stdout && check_directory(path, err))
		goto fail;
	out->way = is_stdout || is_special(path) ? WAY_SPOOL : WAY_RENAME;
	if (out->way == WAY_SPOOL ? open_spool(out, err) : open_temporary(out, err))
		goto fail;
	return out;
fail:
	outfile_abort(out);
	return NULL;
}

FILE *outfile_stream(struct outfile *out)
{
	return out->file;
}

const char *outfile_path(const struct outfile *out)
{
	return out->path;
}

bool outfile_is_lasting(const struct outfile *out)
{
	return out->way == WAY_RENAME && out->sync != SYNC_NONE;
}

const char *outfile_target(const struct outfile *out)
{
	return out->target;
}

/* ---- ending ---- */

static int copy_spool(struct outfile *out, struct err *err)
{
	bool is_stdout = str_eq(out->target, "stdout");
	int to = is_stdout ? STDOUT_FILENO : open(out->target, O_WRONLY | O_CLOEXEC);
	size_t size = (size_t)1 << 20;
	char *buffer = mem_alloc(size, 1);
	int ret = -1;
	ssize_t n;

	if (to < 0 || lseek(out->fd, 0, SEEK_SET) < 0)
		goto done;
	while ((n = read(out->fd, buffer, size)) > 0)
		if (write_all(to, buffer, (size_t)n))
			goto done;
	ret = n < 0 ? -1 : 0;
	if (!is_stdout && close(to))
		ret = -1;
done:
	if (ret)
		err_errno(err, "%s", out->target);
	free(buffer);
	return ret;
}

static int end_stream(struct outfile *out, struct err *err)
{
	bool failed = fflush(out->file) || ferror(out->file);
	int why = errno;

	if (out->file != stdout && fclose(out->file)) {
		why = failed ? why : errno;
		failed = true;
	}
	out->file = NULL;
	errno = why;
	return failed ? err_errno(err, "%s", out->target) : 0;
}

/* The folder's entry of a file that has its name. What cannot be synced (not every file system
 * has that for folders) is as it was. */
static int sync_folder(const char *path, struct err *err)
{
	char *copy = mem_str(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = fd >= 0 && fsync(fd) && errno != EINVAL && errno != ENOTSUP
			  ? err_errno(err, "%s: its folder", path)
			  : 0;

	if (fd >= 0)
		close(fd);
	free(copy);
	return ret;
}

static int end_rename(struct outfile *out, struct err *err)
{
	if ((out->sync != SYNC_NONE && fsync(out->fd)) || close(out->fd)) {
		out->fd = -1;
		return err_errno(err, "%s", out->target);
	}
	out->fd = -1;
	if (rename(out->path, out->target))
		return err_errno(err, "%s", out->target);
	forget(out->path);
	return out->sync == SYNC_ALL ? sync_folder(out->target, err) : 0;
}

static void outfile_free(struct outfile *out)
{
	free(out->target);
	free(out->path);
	free(out);
}

static _Atomic(const char *) vetoed; /* why, or NULL */

void outfile_veto(const char *why)
{
	vetoed = why;
}

int outfile_commit(struct outfile *out, struct err *err)
{
	int ret = vetoed ? err_set(err, "%s: %s", out->target, vetoed) : 0;

	if (ret == 0 && out->file)
		ret = end_stream(out, err);
	if (ret == 0 && out->way == WAY_RENAME)
		ret = end_rename(out, err);
	if (ret == 0 && out->way == WAY_SPOOL)
		ret = copy_spool(out, err);
	outfile_abort(out);
	return ret;
}

int outfile_empty(const char *path, struct err *err)
{
	struct outfile *out = outfile_open(path, err);

	return out ? outfile_commit(out, err) : -1;
}

void outfile_abort(struct outfile *out)
{
	if (!out)
		return;
	if (out->file && out->file != stdout)
		fclose(out->file);
	if (out->fd >= 0)
		close(out->fd);
	if (out->path)
		take_away(out->path); /* gone already after a commit, or outfile_opened */
	outfile_free(out);
}
