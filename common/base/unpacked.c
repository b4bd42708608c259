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

static int read_failed(gzFile in, const char *path, struct err *err)
{
	int code;
	const char *why = gzerror(in, &code);

	if (code == Z_ERRNO)
		return err_errno(err, "%s", path);
	return err_set(err, "%s: what gzip packed is cut off or damaged (%s)", path, why);
}

/* zlib passes on what is not packed. It tells of a file that ends too early when asked at the end. */
static int copy(gzFile in, int to, const char *path, struct err *err)
{
	char *bytes = mem_alloc(PIECE, 1);
	int got, code = Z_OK, ret = 0;

	while (!ret && (got = gzread(in, bytes, PIECE)) > 0)
		if (write_all(to, bytes, (size_t)got))
			ret = err_errno(err, "%s: no room for a temporary copy (set TMPDIR)", path);
	if (!ret && got == 0)
		gzerror(in, &code);
	if (!ret && (got < 0 || code != Z_OK))
		ret = read_failed(in, path, err);
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
