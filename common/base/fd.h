/* fd.h - all of the bytes to or from a descriptor, however many calls that takes.
 *
 * -1 is a failure, with errno set. The 'at' forms leave the descriptor's own place alone, so
 * threads may share it.
 *
 *	if (read_at(fd, header, sizeof(header), 0))
 *		return err_errno(err, "%s", path);
 */
#ifndef BASE_FD_H
#define BASE_FD_H

#include "base/util.h"

int write_all(int fd, const void *bytes, size_t n) MUST_USE;
int write_at(int fd, const void *bytes, size_t n, uint64_t at) MUST_USE;

/* 1, with EIO, when the file ends before that. */
int read_at(int fd, void *bytes, size_t n, uint64_t at) MUST_USE;

/* Is this a file of no bytes? A table that has none is what a step that was passed over left. */
bool file_is_empty(const char *path);

/* How large a buffer is for reading a file: 'most', or less where the whole of it is smaller. */
size_t file_room(const char *path, size_t most);

#endif
