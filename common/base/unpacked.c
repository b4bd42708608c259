/* unpacked.c - see unpacked.h. */
#include "base/util.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "base/unpacked.h"

#define PIECE ((size_t)1 << 20)

bool is_gzip(int fd)
{
	unsigned char start[2];

	return pread(fd, start, 2, 0) == 2 && start[0] == 0x1f && start[1] == 0x8b;
}

/* zlib passes on what is not packed. It tells of a file that ends too early when asked at the end. */
int gz_whole(gzFile in, const char *what, struct err *err)
{
	int code;
	const char *why = gzerror(in, &code), *reason = strstr(why, ": "); /* behind its name */

	switch (code) {
	case Z_OK:
	case Z_STREAM_END:
		return 0;
	case Z_ERRNO:
		return err_errno(err, "%s", what);
	case Z_MEM_ERROR:
		return err_set(err, "%s: there is no memory to unpack it", what);
	case Z_BUF_ERROR:
		return err_set(err, "%s: the gzip data is cut short", what);
	default:
		return err_set(err, "%s: the gzip data is damaged (%s)", what,
			       reason ? reason + 2 : why);
	}
}

static int copy(gzFile in, int to, const char *path, struct err *err)
{
	char *bytes = mem_alloc(PIECE, 1);
	int got, ret = 0;

	while (!ret && (got = gzread(in, bytes, PIECE)) > 0)
		if (write_all(to, bytes, (size_t)got))
			ret = err_errno(err, "%s: no room for a temporary copy (set TMPDIR)", path);
	ret = ret ? ret : gz_whole(in, path, err);
	free(bytes);
	return ret;
}

int unpacked_copy(int from, const char *path, char **name, struct err *err)
{
	gzFile in = gzdopen(from, "rb");
	int to = -1;

	*name = NULL;
	if (!in) {
		close(from);
		return err_set(err, "%s: cannot be read", path);
	}
	gzbuffer(in, 1 << 18);
	to = scratch_named(NULL, name, err);
	if (to >= 0 && copy(in, to, path, err)) {
		scratch_unname(*name);
		*name = NULL;
		close(to);
		to = -1;
	}
	gzclose_r(in);
	return to;
}
