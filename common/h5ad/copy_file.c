/* copy_file.c - a file as it is, under another name. */
#include "base/util.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/outfile.h"
#include "h5ad/internal.h"
#include "h5ad/place.h"

#define PIECE_BYTES ((size_t)1 << 20)

static int copy_bytes(const struct h5ad *f, int from, int to, const char *target, struct err *err)
{
	char *bytes = mem_alloc(PIECE_BYTES, 1);
	off_t at = 0;
	ssize_t got;
	int ret = 0;

	while ((got = pread(from, bytes, PIECE_BYTES, at)) != 0 && !ret) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			ret = err_errno(err, "%s", f->path);
		else if (write_all(to, bytes, (size_t)got))
			ret = err_errno(err, "%s", target);
		at += got;
	}
	free(bytes);
	return ret;
}

int h5ad_copy_file(struct h5ad *f, const char *target, struct err *err)
{
	struct outfile *out = outfile_open_binary(target, err);
	int from = place_descriptor(f->file); /* that file, whatever its name means by now */
	int to, ret = -1;

	if (!out)
		return -1;
	to = open(outfile_path(out), O_WRONLY | O_CLOEXEC);
	if (from < 0)
		err_set(err, "%s: cannot be copied", f->path);
	else if (to < 0)
		err_errno(err, "%s", outfile_target(out));
	else
		ret = copy_bytes(f, from, to, outfile_target(out), err);
	if (to >= 0 && close(to) && !ret)
		ret = err_errno(err, "%s", outfile_target(out));
	if (ret) {
		outfile_abort(out);
		return -1;
	}
	return outfile_commit(out, err);
}
