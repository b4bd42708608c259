/* copy_object.c - an object of a file in today's dialect, as every reader of it can take it. */
#include "base/util.h"

#include "h5ad/derive/plainer.h"
#include "h5ad/h5ad_private.h"
#include "h5ad/hdf5/copy.h"
#include "h5ad/writer_private.h"

int copy_object(struct writer *w, const struct h5ad *in, const char *path, const char *where,
		struct err *err)
{
	struct plainer plainer = {.file = &in->h5};
	struct copy_hook hook = {plainer_copy, &plainer};

	return copy_tree(in->h5.file, path, w->file, where, w->behind, &hook, err);
}
