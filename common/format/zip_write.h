/* zip_write.h - a zip archive of stored entries, as torch reads them.
 *
 *	struct zip_writer z = {.file = stream};
 *	zip_add(&z, "model/data.pkl", bytes, len);
 *	if (zip_finish(&z, err)) ...
 *
 * No dates, no compression: the same entries give the same bytes. Sizes are those of the plain
 * format: 4 GiB and 65,535 entries are the most, more is an error in zip_finish.
 */
#ifndef FORMAT_ZIP_WRITE_H
#define FORMAT_ZIP_WRITE_H

#include "base/err.h"

struct zip_writer {
	FILE *file; /* borrowed; written from its start */
	struct zip_written *entries;
	size_t n, cap;
	uint64_t at;
};

/* Add an entry; its name and bytes are read during the call. */
void zip_add(struct zip_writer *z, const char *name, const void *bytes, size_t len);

/* Write the directory and release; -1 when the stream failed or the archive grew too large. */
int zip_finish(struct zip_writer *z, struct err *err) MUST_USE;

#endif
