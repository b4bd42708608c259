/* modern.c - the parts beside X, obs and var as anndata 0.8 and later keep them. */
#include "base/util.h"

#include <unistd.h>

#include "h5ad/derive/modern.h"

/* Parts of an old dialect go through a scratch file in today's. */
static int rewrite(struct modern *m, struct h5ad *in, struct err *err)
{
	static const char *const groups[] = {"obsm", "varm", "obsp", "varp", "uns"};
	char *path;
	int ret = 0, fd = scratch_named(NULL, &path, err);

	if (fd < 0)
		return -1;
	m->copy.file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
	if (m->copy.file < 0)
		ret = h5_failed(err, "%s: cannot be made", path);
	scratch_unname(path);
	close(fd);
	for (size_t i = 0; i < ARRAY_LEN(groups) && ret == 0; i++)
		ret = carry_group(&m->copy, in, groups[i], err);
	return ret;
}

int modern_open(struct modern *m, struct h5ad *in, struct err *err)
{
	int ret;

	*m = (struct modern){.view = {.h5 = {.path = in->h5.path,
					     .file = in->h5.file,
					     .n_bytes = in->h5.n_bytes}}};
	m->view.dialect = "0.8+";
	m->copy.file = H5I_INVALID_HID;
	m->opened = true;
	if (!is_old_dialect(in))
		return 0;
	ret = rewrite(m, in, err);
	m->view.h5.file = m->copy.file;
	m->view.h5.n_bytes = UINT64_MAX; /* our own: nothing in it claims too much */
	return ret;
}

void modern_close(struct modern *m)
{
	if (!m->opened)
		return;
	arena_release(&m->view.h5.arena);
	if (m->copy.file >= 0)
		H5Fclose(m->copy.file);
	m->opened = false;
}
