/* zip.h - the entries of a zip archive, as torch writes them: stored, not compressed.
 *
 * The central directory is what counts (zip64 too); local headers only say where data begin. Sizes,
 * places and checksums are checked against the file before anything is handed out; what is
 * compressed, encrypted or spans disks is refused by name.
 *
 *	struct zip *z = zip_open("model.pt", err);
 *	size_t at = zip_find(z, "data.pkl");                    // by the end of its path
 *	unsigned char *bytes = zip_read(z, at, &len, err);      // the caller frees
 *	zip_close(z);
 */
#ifndef FORMAT_ZIP_H
#define FORMAT_ZIP_H

#include "base/err.h"

struct zip;

/* NULL on failure: not a zip archive, damaged, or more than a million entries. */
struct zip *zip_open(const char *path, struct err *err) MUST_USE;
void zip_close(struct zip *z); /* NULL is fine */

size_t zip_n(const struct zip *z);
size_t zip_size(const struct zip *z, size_t i);

/* The first entry whose path is 'root', a slash and 'name' for any one folder 'root'; SIZE_MAX. */
size_t zip_find(const struct zip *z, const char *name);

/* All of an entry, its checksum compared. NULL on failure; the caller frees, 'len' may be 0. */
unsigned char *zip_read(struct zip *z, size_t i, size_t *len, struct err *err) MUST_USE;

#endif
