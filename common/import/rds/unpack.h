/* unpack.h - gzip, bzip2, xz and plain streams behind one call.
 *
 * Only rds_source.c uses this. A stream is read from a descriptor with a small input buffer;
 * unpack_some fills an output buffer, and says the end when the packed data has ended whole:
 * a stream that stops early or fails its checksum is an error.
 *
 *	struct unpack *u = unpack_new(fd, path, err);
 *	do {
 *		if (!u || unpack_some(u, out, room, &made, err))
 *			return -1;
 *		use(out, made);
 *	} while (made == room);
 *	unpack_free(u);
 */
#ifndef IMPORT_RDS_UNPACK_H
#define IMPORT_RDS_UNPACK_H

#include "base/err.h"

struct unpack;

/*
 * The packing is told by the first bytes; a file that is something else is named in the error.
 * 'fd' is owned from here on. 'path' names it in messages and must stay valid.
 */
struct unpack *unpack_new(int fd, const char *path, struct err *err) MUST_USE;
void unpack_free(struct unpack *u);

const char *unpack_packing(const struct unpack *u);
uint64_t unpack_taken(const struct unpack *u); /* packed bytes read so far */

/* Fill out[0..room) as far as the data goes; '*made' < room means that it has ended. */
int unpack_some(struct unpack *u, unsigned char *out, size_t room, size_t *made,
		struct err *err) MUST_USE;

#endif
