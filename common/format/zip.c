/* zip.c - the entries of a zip archive; see zip.h. */
#include "base/util.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/strtab.h"
#include "format/zip.h"

#define MOST_ENTRIES ((uint64_t)1000000)
#define TAIL ((size_t)65557) /* the end record and the longest comment behind it */

struct entry {
	char *name;
	uint64_t size, packed, header; /* header: where the local one is */
	uint32_t checksum;
	unsigned method, flags;
};

struct zip {
	char *path;
	int fd;
	uint64_t size;
	struct entry *entries;
	size_t n, cap;
	struct strtab tails; /* names without their first folder, and which entry is the first so */
	size_t *of_tail, cap_tails;
	struct arena arena;
};

static uint64_t little(const unsigned char *at, size_t n)
{
	uint64_t value = 0;

	for (size_t i = n; i-- > 0;)
		value = value << 8 | at[i];
	return value;
}

static int damaged(const struct zip *z, const char *what, struct err *err)
{
	return err_set(err, "%s: not a whole zip archive: %s", z->path, what);
}

static int fetch(const struct zip *z, uint64_t at, void *to, size_t n, struct err *err)
{
	if (at > z->size || n > z->size - at)
		return damaged(z, "it is cut", err);
	return read_at(z->fd, to, n, at) == 0 ? 0 : err_errno(err, "%s: cannot be read", z->path);
}

/* ---- the central directory ---- */

struct directory {
	uint64_t at, size, n;
};

/* The zip64 end record, which the locator before the plain one leads to. */
static int find_large(const struct zip *z, uint64_t end, struct directory *d, struct err *err)
{
	unsigned char locator[20], record[56];

	if (end < sizeof(locator) || fetch(z, end - 20, locator, 20, err) ||
	    little(locator, 4) != 0x07064b50)
		return damaged(z, "its zip64 locator is missing", err);
	if (fetch(z, little(locator + 8, 8), record, sizeof(record), err))
		return -1;
	if (little(record, 4) != 0x06064b50)
		return damaged(z, "its zip64 record is missing", err);
	*d = (struct directory){little(record + 48, 8), little(record + 40, 8),
				little(record + 32, 8)};
	return 0;
}

static int find_directory(const struct zip *z, struct directory *d, struct err *err)
{
	size_t n = (size_t)MIN(z->size, TAIL);
	unsigned char *tail = mem_alloc(n + 1, 1);
	int ret = -1;

	if (n < 22) {
		damaged(z, "it is too short", err);
	} else if (fetch(z, z->size - n, tail, n, err) == 0) {
		size_t at = n - 22;

		while (at > 0 && little(tail + at, 4) != 0x06054b50)
			at--;
		*d = (struct directory){little(tail + at + 16, 4), little(tail + at + 12, 4),
					little(tail + at + 10, 2)};
		if (little(tail + at, 4) != 0x06054b50)
			damaged(z, "it has no end record", err);
		else if (d->at == 0xffffffff || d->size == 0xffffffff || d->n == 0xffff)
			ret = find_large(z, z->size - n + at, d, err);
		else
			ret = 0;
	}
	free(tail);
	return ret;
}

/* 64-bit sizes of an entry, where the plain ones are all ones. */
static int read_extra(const struct zip *z, const unsigned char *at, size_t n, struct entry *e,
		      struct err *err)
{
	while (n >= 4) {
		size_t len = little(at + 2, 2);
		const unsigned char *value = at + 4, *end;

		if (len > n - 4)
			return 0; /* padding need not be well formed */
		end = value + len;
		if (little(at, 2) == 1) {
			uint64_t *const fields[] = {&e->size, &e->packed, &e->header};

			for (size_t i = 0; i < 3; i++) {
				if (*fields[i] != 0xffffffff)
					continue;
				if (end - value < 8)
					return damaged(z, "a zip64 field is cut", err);
				*fields[i] = little(value, 8);
				value += 8;
			}
		}
		n -= 4 + len;
		at = end;
	}
	return 0;
}

/* One record of the directory; 'at' moves behind it. */
static int read_entry(struct zip *z, const unsigned char **at, size_t *left, struct err *err)
{
	const unsigned char *r = *at;
	size_t name, extra, comment;
	struct entry e;

	if (*left < 46 || little(r, 4) != 0x02014b50)
		return damaged(z, "its directory is cut", err);
	name = little(r + 28, 2);
	extra = little(r + 30, 2);
	comment = little(r + 32, 2);
	if (*left - 46 < name + extra + comment)
		return damaged(z, "its directory is cut", err);
	e = (struct entry){.flags = (unsigned)little(r + 8, 2),
			   .method = (unsigned)little(r + 10, 2),
			   .checksum = (uint32_t)little(r + 16, 4),
			   .packed = little(r + 20, 4),
			   .size = little(r + 24, 4),
			   .header = little(r + 42, 4)};
	if (read_extra(z, r + 46 + name, extra, &e, err))
		return -1;
	if (memchr(r + 46, 0, name))
		return damaged(z, "an entry's name holds NUL", err);
	e.name = arena_str(&z->arena, (const char *)r + 46, name);
	MEM_GROW(z->entries, z->n + 1, z->cap);
	z->entries[z->n++] = e;
	*at += 46 + name + extra + comment;
	*left -= 46 + name + extra + comment;
	return 0;
}

/* Two entries of one name: readers differ in which they take, so neither is to be trusted. */
static int check_names(const struct zip *z, struct err *err)
{
	struct strtab names = {0};
	size_t i = 0;

	while (i < z->n && strtab_add(&names, z->entries[i].name) == i)
		i++;
	strtab_release(&names);
	return i == z->n ? 0
			 : err_set(err, "%s: the archive holds %s twice: refused", z->path,
				   z->entries[i].name);
}

static void index_tails(struct zip *z)
{
	for (size_t i = 0; i < z->n; i++) {
		const char *slash = strchr(z->entries[i].name, '/');
		size_t known = z->tails.n;

		if (!slash || strtab_add(&z->tails, slash + 1) < known)
			continue;
		MEM_GROW(z->of_tail, known + 1, z->cap_tails);
		z->of_tail[known] = i;
	}
}

static int read_directory(struct zip *z, struct err *err)
{
	struct directory d;
	unsigned char *bytes;
	const unsigned char *at;
	size_t left;
	int ret;

	if (find_directory(z, &d, err))
		return -1;
	if (d.n > MOST_ENTRIES || d.size / 46 < d.n)
		return damaged(z, "its directory claims more entries than it has room for", err);
	if (d.at > z->size || d.size > z->size - d.at)
		return damaged(z, "its directory lies outside it", err);
	bytes = mem_alloc(d.size + 1, 1);
	at = bytes;
	left = d.size;
	ret = fetch(z, d.at, bytes, d.size, err);
	for (uint64_t i = 0; i < d.n && ret == 0; i++)
		ret = read_entry(z, &at, &left, err);
	free(bytes);
	if (ret || check_names(z, err))
		return -1;
	index_tails(z);
	return 0;
}

/* ---- the archive ---- */

struct zip *zip_open(const char *path, struct err *err)
{
	struct zip *z;
	struct stat status;

	MEM_ZERO(z, 1);
	z->path = mem_str(path);
	z->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (z->fd < 0 || fstat(z->fd, &status) < 0) {
		err_errno(err, "%s: cannot be opened", path);
	} else {
		z->size = (uint64_t)status.st_size;
		if (read_directory(z, err) == 0)
			return z;
	}
	zip_close(z);
	return NULL;
}

void zip_close(struct zip *z)
{
	if (!z)
		return;
	if (z->fd >= 0)
		close(z->fd);
	free(z->path);
	free(z->entries);
	free(z->of_tail);
	strtab_release(&z->tails);
	arena_release(&z->arena);
	free(z);
}

size_t zip_n(const struct zip *z)
{
	return z->n;
}

size_t zip_size(const struct zip *z, size_t i)
{
	return z->entries[i].size;
}

size_t zip_find(const struct zip *z, const char *name)
{
	uint32_t tail = strtab_find(&z->tails, name);

	return tail == STRTAB_NONE ? SIZE_MAX : z->of_tail[tail];
}

unsigned char *zip_read(struct zip *z, size_t i, size_t *len, struct err *err)
{
	const struct entry *e = &z->entries[i];
	unsigned char header[30], *bytes;
	uint64_t at;

	if (e->method != 0 || e->packed != e->size || (e->flags & 1))
		return err_null(err, "%s: %.200s: compressed or encrypted, which torch never does",
				z->path, e->name);
	if (fetch(z, e->header, header, sizeof(header), err))
		return NULL;
	at = e->header + 30 + little(header + 26, 2) + little(header + 28, 2);
	if (little(header, 4) != 0x04034b50 || at > z->size || e->size > z->size - at)
		return err_null(err, "%s: %.200s: lies outside the archive", z->path, e->name);
	*len = e->size;
	bytes = mem_alloc(e->size + 1, 1);
	if (fetch(z, at, bytes, e->size, err) == 0) {
		if (crc32_z(0, bytes, e->size) == e->checksum)
			return bytes;
		err_set(err, "%s: %.200s: its checksum is wrong: the file is damaged", z->path,
			e->name);
	}
	free(bytes);
	return NULL;
}
