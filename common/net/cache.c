/* cache.c - see cache.h. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/text.h"
#include "format/tsv.h"
#include "net/address.h"
#include "net/cache.h"

char *cache_folder(const char *given, struct err *err)
{
	const char *named = getenv("CELLXGENE_CACHE_DIR");
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (given && *given)
		return mem_str(given);
	if (named && *named)
		return mem_str(named);
	if (xdg && xdg[0] == '/')
		return mem_printf("%s/pipette/references", xdg);
	if (home && *home)
		return mem_printf("%s/.cache/pipette/references", home);
	return err_null(err, "no place for the cache: give --cache, or set CELLXGENE_CACHE_DIR");
}

/* "lung.h5ad-0123456789ab": for people, and distinct for every address. */
static char *folder_name(const char *address)
{
	char *shown = address_shown(address), *file = address_file(address);
	struct sha256 sum;
	char hex[65], *name;

	sha256_start(&sum);
	sha256_add(&sum, shown, strlen(shown));
	sha256_hex(&sum, hex);
	for (char *p = file; *p; p++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-",
			    *p))
			*p = '_';
	name = mem_printf("%.80s-%.16s", *file && *file != '.' ? file : "file", hex);
	free(shown);
	free(file);
	return name;
}

/* A cache that somebody else fills and others may only read. */
static bool is_foreign(const struct cache_entry *e)
{
	int why = errno;
	char *about = cache_path(e, "about.tsv");
	bool foreign = (why == EACCES || why == EROFS) && access(about, R_OK) == 0;

	free(about);
	errno = why;
	return foreign;
}

static int lock(struct cache_entry *e, bool offline, struct err *err)
{
	char *path = cache_path(e, "lock");
	int way = LOCK_EX;

	if (!offline)
		e->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (offline || (e->lock < 0 && is_foreign(e))) {
		way = LOCK_SH;
		e->lock = open(path, O_RDONLY | O_CLOEXEC);
	} else if (e->lock < 0) {
		err_errno(err, "%s: cannot be made", path);
	}
	free(path);
	while (e->lock >= 0 && flock(e->lock, way))
		if (errno != EINTR)
			return err_errno(err, "%s: cannot be locked", e->folder);
	return err_is_set(err) ? -1 : 0;
}

int cache_enter(struct cache_entry *e, const char *cache, const char *address, bool offline,
		struct err *err)
{
	char *name = folder_name(address);

	*e = (struct cache_entry){.lock = -1};
	e->folder = mem_printf("%s/%s", cache, name);
	e->name = mem_str("");
	free(name);
	if (!offline && folder_make(e->folder, err))
		return -1;
	return lock(e, offline, err);
}

void cache_leave(struct cache_entry *e)
{
	if (!e->folder)
		return;
	if (e->lock >= 0)
		close(e->lock);
	free(e->folder);
	free(e->name);
	*e = (struct cache_entry){.lock = -1};
}

char *cache_path(const struct cache_entry *e, const char *name)
{
	return mem_printf("%s/%s", e->folder, name);
}

/* ---- notes: one row ---- */

struct note {
	const char *header;
	const char *fields[3];
};

static int put_note(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct note *n = arg;

	(void)err;
	tsv_header(w, n->header);
	for (size_t i = 0; i < ARRAY_LEN(n->fields); i++)
		tsv_put(w, n->fields[i]);
	tsv_end_row(w);
	return 0;
}

/* A note that cannot be read is no note: what it is about is fetched again. */
static bool read_note(const struct cache_entry *e, const char *name, char *fields[3])
{
	char *path = cache_path(e, name);
	struct err ignored = ERR_INIT;
	struct tsv *in = access(path, R_OK) == 0 ? tsv_open(path, &ignored) : NULL;
	bool good = in && in->n_fields == 3 && tsv_next(in, &ignored) > 0;

	for (size_t i = 0; good && i < 3; i++)
		fields[i] = mem_str(in->fields[i]);
	tsv_close(in);
	free(path);
	return good;
}

static void free_note(char *fields[3])
{
	for (size_t i = 0; i < 3; i++)
		free(fields[i]);
}

static int write_note(const struct cache_entry *e, const char *name, struct note *n,
		      struct err *err)
{
	char *path = cache_path(e, name);
	int ret = tsv_write_file(path, put_note, n, err);

	free(path);
	return ret;
}

/* ---- the file ---- */

static bool is_plain_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

static bool take_note(struct cache_entry *e, char *fields[3])
{
	size_t size;

	if (!is_plain_name(fields[0]) || !parse_size(fields[1], 0, SIZE_MAX, &size) ||
	    strlen(fields[2]) != 64)
		return false;
	free(e->name);
	e->name = mem_str(fields[0]);
	e->size = size;
	memcpy(e->sha256, fields[2], 65);
	return true;
}

int cache_look(struct cache_entry *e, bool *damaged, struct err *err)
{
	char *fields[3] = {NULL}, *path, sum[65];
	bool noted = read_note(e, "about.tsv", fields) && take_note(e, fields);
	struct stat st;
	uint64_t size;
	int ret = 0;

	*damaged = false;
	free_note(fields);
	if (!noted)
		return 0;
	path = cache_path(e, e->name);
	if (stat(path, &st) == 0) {
		*damaged = (uint64_t)st.st_size != e->size;
		ret = *damaged ? 0 : sha256_file(path, sum, &size, err);
		if (ret == 0 && !*damaged)
			*damaged = !str_eq(sum, e->sha256);
		if (ret == 0)
			ret = !*damaged;
	}
	free(path);
	return ret;
}

static void drop_part(const struct cache_entry *e)
{
	static const char *const names[] = {"part", "part.tsv"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = cache_path(e, names[i]);

		unlink(path);
		free(path);
	}
}

int cache_keep(struct cache_entry *e, struct err *err)
{
	char *part = cache_path(e, "part"), *path = cache_path(e, e->name), size[32];
	struct note n = {"name\tsize\tsha256", {e->name, size, e->sha256}};
	int ret = 0;

	snprintf(size, sizeof(size), "%llu", (unsigned long long)e->size);
	if (rename(part, path))
		ret = err_errno(err, "%s: cannot be renamed", part);
	if (ret == 0)
		ret = write_note(e, "about.tsv", &n, err);
	if (ret == 0)
		drop_part(e);
	free(part);
	free(path);
	return ret;
}

/* ---- the part ---- */

char *cache_part(const struct cache_entry *e, uint64_t *total)
{
	char *fields[3] = {NULL}, *validator = NULL;
	size_t whole = 0;

	if (read_note(e, "part.tsv", fields) && parse_size(fields[1], 0, SIZE_MAX, &whole))
		validator = mem_str(fields[0]);
	free_note(fields);
	*total = whole;
	return validator ? validator : mem_str("");
}

int cache_note_part(const struct cache_entry *e, const char *validator, uint64_t total,
		    struct err *err)
{
	char whole[32];
	struct note n = {"validator\ttotal\tform", {validator, whole, "1"}};

	snprintf(whole, sizeof(whole), "%llu", (unsigned long long)total);
	return write_note(e, "part.tsv", &n, err);
}
