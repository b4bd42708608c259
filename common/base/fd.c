/* fd.c - see fd.h. */
#include "base/util.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#define MOST ((size_t)1 << 30) /* of one call: the system takes no more than 2 GB */

int write_all(int fd, const void *bytes, size_t n)
{
	const char *from = bytes;

	while (n) {
		ssize_t put = write(fd, from, MIN(n, MOST));

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		from += put;
		n -= (size_t)put;
	}
	return 0;
}

int write_at(int fd, const void *bytes, size_t n, uint64_t at)
{
	const char *from = bytes;

	while (n) {
		ssize_t put = pwrite(fd, from, MIN(n, MOST), (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		from += put;
		at += (uint64_t)put;
		n -= (size_t)put;
	}
	return 0;
}

int read_at(int fd, void *bytes, size_t n, uint64_t at)
{
	char *to = bytes;

	while (n) {
		ssize_t got = pread(fd, to, MIN(n, MOST), (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0) {
			errno = EIO;
			return 1;
		}
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

bool file_is_empty(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

size_t file_room(const char *path, size_t most)
{
	const size_t least = 4096;
	struct stat st;

	if (str_eq(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode))
		return most;
	return MIN(most, MAX(least, (size_t)st.st_size + 1));
}
