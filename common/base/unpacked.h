/* unpacked.h - a file that can be sought in, made of one that cannot.
 *
 * A pipe is read once and from its front, and in a gzip file nothing lies where its reader looks
 * for it. The bytes of either, unpacked, become a scratch file under TMPDIR with a name for a
 * library to open.
 *
 *	char *name;
 *	int fd = unpacked_copy(from, path, &name, &err);     // 'from' is closed
 *	...                                                  // open 'name'
 *	scratch_unname(name);                                // as soon as that is done
 *	close(fd);
 *
 * What is not packed is copied as it is. A gzip file that ends too early is an error. Who reads with
 * zlib by oneself asks gz_whole when gzread gives no more.
 */
#ifndef BASE_UNPACKED_H
#define BASE_UNPACKED_H

#include <zlib.h>

#include "base/err.h"

/* Is it a file to seek in that begins as gzip files do? The descriptor's place stays. */
bool is_gzip(int fd);

/*
 * A descriptor of the scratch file, and its name (base/outfile.h: scratch_named); -1 on failure,
 * 'name' then NULL. 'path' is for messages. 'from' is closed in any case.
 */
int unpacked_copy(int from, const char *path, char **name, struct err *err) MUST_USE;

/*
 * 0 when zlib's reading stopped because the file was over and whole; -1 with why it was not, which
 * begins with 'what': the file's name, and where in it if that is known.
 */
int gz_whole(gzFile in, const char *what, struct err *err) MUST_USE;

#endif
