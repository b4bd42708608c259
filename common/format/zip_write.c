/* zip_write.c - writing a zip archive; see zip_write.h. */
#include "base/util.h"

#include <zlib.h>

#include "base/mem.h"
#include "format/zip_write.h"

#define ALIGNMENT 64     /* where data begin, as torch likes them */
#define FIRST_DAY 0x0021 /* 1 January 1980: the format's zero */

struct zip_written {
	char *name;
	uint64_t at, size;
	uint32_t checksum;
};

/* Numbers of 2 and 4 bytes, little-endian, described by a string of '2' and '4'. */
static void put_numbers(struct zip_writer *z, const char *widths, const uint64_t *values)
{
	for (; *widths; widths++, values++)
		for (int i = 0; i < *widths - '0'; i++, z->at++)
			fputc((int)(*values >> 8 * i & 0xff), z->file);
}

static void put_bytes(struct zip_writer *z, const void *bytes, size_t n)
{
	fwrite(bytes, 1, n, z->file);
	z->at += n;
}

void zip_add(struct zip_writer *z, const char *name, const void *bytes, size_t len)
{
	static const char zeros[ALIGNMENT];
	struct zip_written e = {mem_str(name), z->at, len, (uint32_t)crc32_z(0, bytes, len)};
	size_t padding = (ALIGNMENT - (z->at + 34 + strlen(name)) % ALIGNMENT) % ALIGNMENT;

	put_numbers(z, "42222244422",
		    (const uint64_t[]){0x04034b50, 20, 0x800, 0, 0, FIRST_DAY, e.checksum, len, len,
				       strlen(name), 4 + padding});
	put_bytes(z, name, strlen(name));
	put_numbers(z, "22", (const uint64_t[]){0x4246, padding}); /* "FB": what torch calls it */
	put_bytes(z, zeros, padding);
	put_bytes(z, bytes, len);
	MEM_GROW(z->entries, z->n + 1, z->cap);
	z->entries[z->n++] = e;
}

int zip_finish(struct zip_writer *z, struct err *err)
{
	uint64_t directory = z->at;
	bool fits = z->n < 0xffff && z->at < 0xffffffff;

	for (size_t i = 0; i < z->n; i++) {
		const struct zip_written *e = &z->entries[i];

		put_numbers(z, "42222224442222244",
			    (const uint64_t[]){0x02014b50, 20, 20, 0x800, 0, 0, FIRST_DAY,
					       e->checksum, e->size, e->size, strlen(e->name), 0, 0,
					       0, 0, 0, e->at});
		put_bytes(z, e->name, strlen(e->name));
		free(e->name);
	}
	put_numbers(
		z, "42222442",
		(const uint64_t[]){0x06054b50, 0, 0, z->n, z->n, z->at - directory, directory, 0});
	free(z->entries);
	z->entries = NULL;
	if (!fits)
		return err_set(err, "more than 4 GiB: the zip format ends there");
	return ferror(z->file) ? err_errno(err, "cannot be written") : 0;
}
