/* copy_file.c - a file as it is, under another name. */
#include "base/util.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/write_behind.h"
#include "h5ad/derive/plainer.h"
#include "h5ad/h5ad_private.h"
#include "h5ad/hdf5/place.h"
#include "h5ad/writer.h"

#define PIECE_BYTES ((size_t)4 << 20)

static int copy_bytes(int from, struct outfile *out, struct err *err)
{
	const char *path = outfile_path(out);
	struct behind *b = behind_new(path, PIECE_BYTES, outfile_is_lasting(out), err);
	int to = b ? open(path, O_WRONLY | O_CLOEXEC) : -1, ret = -1;
	struct stat st;

	outfile_opened(out);
	if (b && (to < 0 || fstat(from, &st)))
		err_errno(err, "cannot be copied");
	else if (b && !behind_copy(b, from, 0, (uint64_t)st.st_size, 0, err) &&
		 !behind_drain(b, err))
		ret = 0;
	behind_free(b);
	if (ret == 0 && ftruncate(to, st.st_size)) /* more may have been reserved */
		ret = err_errno(err, "cannot be completed");
	if (to >= 0)
		close(to);
	return ret;
}

/* Part by part, for what is in it to be put plainer. */
static int carry_all(struct h5ad *f, const char *target, struct err *err)
{
	struct pool *pool = pool_new(1);
	struct writer *w = writer_open(target, "none", pool, err);
	int ret = -1;

	if (w && !writer_carry_rest(w, f, err))
		ret = writer_finish(w, err);
	else
		writer_abort(w);
	pool_free(pool);
	return ret;
}

int h5ad_copy_file(struct h5ad *f, const char *target, struct err *err)
{
	if (plainer_is_needed(&f->h5))
		return carry_all(f, target, err);

	struct outfile *out = outfile_open_binary(target, err);
	int from = place_descriptor(f->h5.file); /* that file, whatever its name means by now */

	if (!out)
		return -1;
	if (copy_bytes(from, out, err)) {
		err_prefix(err, "%s", outfile_target(out));
		outfile_abort(out);
		return -1;
	}
	return outfile_commit(out, err);
}
