/* open.c - opening and closing a file, and what it is. */
#include "base/util.h"

#include "base/notice.h"
#include "h5ad/h5ad_private.h"

/* ---- the outline -------------------------------------------------------------------------- */

static int find_table(struct h5ad *f, const char *path, struct frame **frame, struct err *err)
{
	if (h5_exists(f->h5.file, path))
		return (*frame = frame_of_file(&f->h5, path, err)) ? 0 : -1;
	if (h5_exists(f->h5.file, "/matrix"))
		return err_set(err, "%s: is a 10x file, not an h5ad file (see h5-import)",
			       f->h5.path);
	return err_set(err, "%s: is not an h5ad file (it has no %s)", f->h5.path, path + 1);
}

static int find_raw(struct h5ad *f, struct err *err)
{
	bool dotted = h5_exists(f->h5.file, "/raw.X");

	if (!dotted && !h5_exists(f->h5.file, "/raw/X"))
		return 0;
	f->raw_path = dotted ? "/raw.X" : "/raw/X";
	f->raw_var_path = dotted ? "/raw.var" : "/raw/var";
	if (!h5_exists(f->h5.file, f->raw_var_path))
		f->raw_var_path = "/var"; /* raw without a table: its genes are those of X */
	f->raw_var = frame_of_file(&f->h5, f->raw_var_path, err);
	return f->raw_var ? 0 : -1;
}

/* 0.6 wrote obs as one compound dataset; 0.8 began to say what the file is. */
static const char *find_dialect(const struct h5ad *f)
{
	hid_t obs = H5Oopen(f->h5.file, "/obs", H5P_DEFAULT);
	hid_t root = H5Oopen(f->h5.file, "/", H5P_DEFAULT);
	const char *dialect = h5_is_dataset(obs)                             ? "0.6"
			      : h5_attr_is(root, "encoding-type", "anndata") ? "0.8+"
									     : "0.7";

	h5_close(obs);
	h5_close(root);
	return dialect;
}

static int read_outline(void *file, struct err *err)
{
	struct h5ad *f = file;

	if (find_table(f, "/obs", &f->obs, err) || find_table(f, "/var", &f->var, err) ||
	    find_raw(f, err) || find_slots(f, err) || find_members(f, err))
		return -1;
	f->dialect = find_dialect(f);
	return 0;
}

struct h5ad *h5ad_open(const char *path, struct err *err)
{
	struct h5ad *f = mem_zero(1, sizeof(*f));

	if (!h5_file_open(&f->h5, path, read_outline, f, err))
		return f;
	h5ad_close(f);
	return NULL;
}

void h5ad_close(struct h5ad *f)
{
	if (!f)
		return;
	if (f->n_rounded)
		notice_add("%s: %zu %s above 16777216 and %s rounded to 32-bit floats, which have "
			   "seven digits",
			   f->h5.path, f->n_rounded, f->n_rounded == 1 ? "value is" : "values are",
			   f->n_rounded == 1 ? "was" : "were");
	frame_free(f->obs);
	frame_free(f->var);
	frame_free(f->raw_var);
	h5_file_close(&f->h5);
	free(f->slots);
	free(f);
}

/* ---- what it is --------------------------------------------------------------------------- */

const char *h5ad_path(const struct h5ad *f)
{
	return f->h5.path;
}

const char *h5ad_dialect(const struct h5ad *f)
{
	return f->dialect;
}

size_t h5ad_n_cells(const struct h5ad *f)
{
	return f->obs->n_rows;
}

size_t h5ad_n_genes(const struct h5ad *f)
{
	return f->var->n_rows;
}

struct frame *h5ad_obs(struct h5ad *f)
{
	return f->obs;
}

struct frame *h5ad_var(struct h5ad *f)
{
	return f->var;
}

struct frame *h5ad_raw_var(struct h5ad *f, struct err *err)
{
	return f->raw_var ? f->raw_var : err_null(err, "%s: has no raw", f->h5.path);
}
