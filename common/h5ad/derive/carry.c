/* carry.c - parts of a file that a step leaves alone go into its output as they are. */
#include "base/util.h"

#include "h5ad/h5ad_private.h"
#include "h5ad/hdf5/copy.h"
#include "h5ad/writer_private.h"

/* In the order they are carried, which is the order they have in the file. */
static const char *const parts[] = {"X",    "obs",  "var",  "raw",  "layers",
				    "obsm", "varm", "obsp", "varp", "uns"};

bool is_old_dialect(const struct h5ad *in)
{
	return !str_eq(in->dialect, "0.8+");
}

/* The path in 'in' of a part, or NULL when it has none. 0.6 has "raw.X" beside X. To be freed. */
static char *path_of(const struct h5ad *in, const char *part)
{
	char *path;

	if (str_eq(part, "raw/X"))
		path = in->raw_path ? mem_str(in->raw_path) : NULL;
	else if (str_eq(part, "raw/var"))
		path = in->raw_var_path ? mem_str(in->raw_var_path) : NULL;
	else if (str_eq(part, "raw/varm") && h5_exists(in->h5.file, "/raw.varm"))
		path = mem_str("/raw.varm");
	else
		path = mem_printf("/%s", part);
	if (path && !h5_exists(in->h5.file, path)) {
		free(path);
		path = NULL;
	}
	return path;
}

void writer_leave_out(struct writer *w, const char *member)
{
	names_add(&w->left_out, member);
}

static bool is_left_out(const struct writer *w, const char *part)
{
	for (size_t i = 0; i < w->left_out.n; i++)
		if (str_eq(w->left_out.s[i], part))
			return true;
	return false;
}

static int carry_one(struct writer *w, struct h5ad *in, const char *part, struct err *err)
{
	char *path = path_of(in, part);
	int ret = 0;

	if (path && !put_exists(w->file, part) && !is_left_out(w, part)) {
		ret = writer_place(w, part, err);
		if (ret == 0)
			ret = is_old_dialect(in) ? carry_old(w, in, path, part, err)
						 : copy_object(w, in, path, part, err);
	}
	free(path);
	return ret;
}

/* A group that is there already gets the members it lacks. */
static int carry_members(struct writer *w, struct h5ad *in, const char *group, struct err *err)
{
	size_t n = h5ad_n_members(in, group);
	int ret = put_dict(w->file, group, err);

	for (size_t i = 0; i < n && ret == 0; i++) {
		char *part = mem_printf("%s/%s", group, h5ad_member(in, group, i));
		ret = carry_one(w, in, part, err);
		free(part);
	}
	return ret;
}

/* Making "raw" made an empty varm. */
static int carry_raw_varm(struct writer *w, struct h5ad *in, struct err *err)
{
	if (h5_exists(in->h5.file, "/raw/varm") || h5_exists(in->h5.file, "/raw.varm")) {
		if (H5Ldelete(w->file, "raw/varm", H5P_DEFAULT) < 0)
			return h5_failed(err, "raw/varm cannot be replaced");
		return carry_one(w, in, "raw/varm", err);
	}
	return 0;
}

static int carry_raw(struct writer *w, struct h5ad *in, struct err *err)
{
	if (!in->raw_path)
		return 0;
	if (carry_one(w, in, "raw/X", err) || carry_one(w, in, "raw/var", err))
		return -1;
	return carry_raw_varm(w, in, err);
}

static bool is_group_of_members(const char *part)
{
	static const char *const groups[] = {"layers", "obsm", "varm", "obsp", "varp", "uns"};

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (str_eq(part, groups[i]))
			return true;
	}
	return false;
}

/* 0.6 wrote obsm and varm as one compound dataset. */
static bool is_compound(const struct h5ad *in, const char *part)
{
	char *path = path_of(in, part);
	hid_t object = path ? H5Oopen(in->h5.file, path, H5P_DEFAULT) : H5I_INVALID_HID;
	bool is = h5_is_dataset(object);

	h5_close(object);
	free(path);
	return is;
}

static int carry_compound(struct writer *w, struct h5ad *in, const char *part, struct err *err)
{
	char *path = path_of(in, part);
	int ret = carry_old(w, in, path, part, err);

	free(path);
	return ret;
}

int carry_group(struct writer *w, struct h5ad *in, const char *group, struct err *err)
{
	if (is_compound(in, group))
		return carry_compound(w, in, group, err);
	if (is_old_dialect(in) || put_exists(w->file, group) || w->left_out.n)
		return carry_members(w, in, group, err);
	return carry_one(w, in, group, err);
}

int writer_carry(struct writer *w, struct h5ad *in, const char *part, struct err *err)
{
	int ret;

	if (str_eq(part, "raw"))
		ret = carry_raw(w, in, err);
	else if (str_eq(part, "raw/varm"))
		ret = carry_raw_varm(w, in, err);
	else if (is_group_of_members(part))
		ret = carry_group(w, in, part, err);
	else
		ret = carry_one(w, in, part, err);
	return ret ? writer_failed(w, err) : 0;
}

int writer_carry_rest(struct writer *w, struct h5ad *in, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (writer_carry(w, in, parts[i], err))
			return -1;
	}
	return 0;
}
