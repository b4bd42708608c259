/* copy_file.c - a file as it is, under another name. */
#include "base/util.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/behind.h"
#include "base/outfile.h"
#include "h5ad/internal.h"
#include "h5ad/place.h"

#define PIECE_BYTES ((size_t)4 << 20)

static int copy_bytes(int from, const struct outfile *out, struct err *err)
{
	const char *to = outfile_path(out);
	struct behind *b = behind_new(to, PIECE_BYTES, outfile_is_lasting(out), err);
	struct stat st;
	int ret = -1;

	if (!b)
		return -1;
	if (fstat(from, &st))
		err_errno(err, "cannot be read");
	else if (!behind_copy(b, from, 0, (uint64_t)st.st_size, 0, err) && !behind_drain(b, err))
		ret = 0;
	behind_free(b);
	if (ret == 0 && truncate(to, st.st_size)) /* more may have been reserved */
		ret = err_errno(err, "cannot be completed");
	return ret;
}

int h5ad_copy_file(struct h5ad *f, const char *target, struct err *err)
{
	struct outfile *out = outfile_open_binary(target, err);
	int from = place_descriptor(f->file); /* that file, whatever its name means by now */

	if (!out)
		return -1;
	if (copy_bytes(from, out, err)) {
		err_prefix(err, "%s", outfile_target(out));
		outfile_abort(out);
		return -1;
	}
	return outfile_commit(out, err);
}
