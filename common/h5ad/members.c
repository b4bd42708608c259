/* members.c - the other parts of a file: their names, and single numbers of uns. */
#include "base/util.h"

#include <math.h>

#include "h5ad/array.h"
#include "h5ad/h5ad_private.h"
#include "h5ad/put.h"

static const char *const group_names[N_MEMBER_GROUPS] = {
	[IN_OBSM] = "obsm", [IN_VARM] = "varm",     [IN_OBSP] = "obsp",
	[IN_VARP] = "varp", [IN_LAYERS] = "layers", [IN_UNS] = "uns",
};

/* ---- names -------------------------------------------------------------------------------- */

/* 0.6 kept the categories of obs and var in uns: they are not part of it. */
static bool is_categories(const struct h5ad *f, const char *name)
{
	size_t n = str_ends(name, "_categories") ? strlen(name) - strlen("_categories") : 0;
	char *column = mem_strn(name, n);
	bool is = n && (frame_find(f->obs, column) || frame_find(f->var, column));

	free(column);
	return is;
}

static void leave_out_categories(const struct h5ad *f, struct members *uns)
{
	hid_t obs = H5Oopen(f->h5.file, "/obs", H5P_DEFAULT);
	size_t n = 0;

	for (size_t i = 0; h5_is_dataset(obs) && i < uns->n; i++)
		if (!is_categories(f, uns->names[i]))
			uns->names[n++] = uns->names[i];
	if (h5_is_dataset(obs))
		uns->n = n;
	h5_close(obs);
}

int find_members(struct h5ad *f, struct err *err)
{
	for (size_t i = 0; i < N_MEMBER_GROUPS; i++) {
		char path[16];
		snprintf(path, sizeof(path), "/%s", group_names[i]);
		if (list_members(&f->h5, path, &f->members[i], err))
			return -1;
	}
	leave_out_categories(f, &f->members[IN_UNS]);
	return 0;
}

static const struct members *members_of(const struct h5ad *f, const char *group)
{
	for (size_t i = 0; i < N_MEMBER_GROUPS; i++)
		if (str_eq(group_names[i], group))
			return &f->members[i];
	BUG("no group of members is called '%s'", group);
}

size_t h5ad_n_members(const struct h5ad *f, const char *group)
{
	return members_of(f, group)->n;
}

const char *h5ad_member(const struct h5ad *f, const char *group, size_t i)
{
	return members_of(f, group)->names[i];
}

/* ---- uns ---------------------------------------------------------------------------------- */

bool h5ad_uns_number(const struct h5ad *f, const char *path, double *value)
{
	struct err err = ERR_INIT;
	struct array a = {0};
	char *at = mem_printf("/uns/%s", path);
	int64_t whole;
	bool found = false;

	if (put_exists(f->h5.file, at + 1)) {
		if (!array_open(&a, &f->h5, at, NULL, &err) && a.n == 1) {
			if (a.kind == ARRAY_FLOAT) {
				found = !array_floats(&a, value, &err);
			} else if (a.kind == ARRAY_INT) {
				found = !array_ints(&a, &whole, &err);
				*value = (double)whole;
			}
		}
		array_close(&a);
	}
	free(at);
	return found && isfinite(*value);
}
