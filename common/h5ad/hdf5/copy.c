/* copy.c - objects from file to file. */
#include "base/util.h"

#include "base/mem.h"
#include "base/strtab.h"
#include "h5ad/hdf5/bounded.h"
#include "h5ad/hdf5/copy.h"
#include "h5ad/hdf5/copy_data.h"
#include "h5ad/hdf5/create.h"
#include "h5ad/hdf5/hdf5.h"

/* The innermost failure is told. */
static int cannot(const char *path, struct err *err)
{
	return err_is_set(err) ? -1 : h5_failed(err, "'%s' cannot be copied", path);
}

/* A type that is named in its file stands for itself in another. */
static hid_t plain_type(hid_t type)
{
	hid_t copy = H5Tcopy(type);
	H5Tclose(type);
	return copy;
}

/* ---- attributes --------------------------------------------------------------------------- */

struct copying {
	hid_t to;
	const char *path;
	struct behind *behind;
	const struct copy_hook *hook;
	struct err *err;
};

static int copy_attr_value(hid_t attr, hid_t type, hid_t space, hid_t to, const char *name)
{
	size_t n = H5Sget_simple_extent_type(space) == H5S_NULL
			   ? 0
			   : (size_t)H5Sget_simple_extent_npoints(space);
	hid_t copy = H5Acreate2(to, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	void *value = mem_zero(MAX(1, n), H5Tget_size(type));
	herr_t failed = copy < 0 ? -1 : 0;

	if (failed >= 0 && n > 0)
		failed = h5_read_attribute(attr, type, value);
	if (failed >= 0 && n > 0)
		failed = H5Awrite(copy, type, value);
	if (n > 0 && copy_is_indirect(type))
		H5Dvlen_reclaim(type, space, H5P_DEFAULT, value);
	free(value);
	if (copy >= 0 && H5Aclose(copy) < 0)
		failed = -1;
	return failed < 0 ? -1 : 0;
}

static herr_t copy_attr(hid_t from, const char *name, const H5A_info_t *info UNUSED, void *data)
{
	struct copying *c = data;
	hid_t attr = H5Aopen(from, name, H5P_DEFAULT);
	hid_t type = attr < 0 ? -1 : plain_type(H5Aget_type(attr));
	hid_t space = attr < 0 ? -1 : H5Aget_space(attr);
	int ret = type < 0 || space < 0 ? -1 : 0;

	if (ret == 0 && H5Tdetect_class(type, H5T_REFERENCE) <= 0)
		ret = copy_attr_value(attr, type, space, c->to, name);
	if (ret)
		cannot(c->path, c->err);
	h5_close(space);
	h5_close(type);
	h5_close(attr);
	return ret;
}

static int copy_attrs(hid_t from, hid_t to, const char *path, struct err *err)
{
	struct copying c = {.to = to, .path = path, .err = err};

	if (H5Aiterate2(from, H5_INDEX_NAME, H5_ITER_INC, NULL, copy_attr, &c) < 0)
		return cannot(path, err);
	return 0;
}

/* ---- datasets ----------------------------------------------------------------------------- */

static int fill_dataset(struct copy_data *d, hid_t to, const char *where, struct err *err)
{
	copy_data_prepare(d);
	d->to = H5Dcreate2(to, where, d->type, d->space, put_links(), d->creation, H5P_DEFAULT);
	if (d->to < 0)
		return cannot(where, err);
	int ret = copy_attrs(d->from, d->to, where, err);
	if (ret == 0 && copy_data(d, err))
		ret = err_is_set(err) ? err_prefix(err, "'%s'", where) : cannot(where, err);
	if (H5Dclose(d->to) < 0 && ret == 0)
		ret = cannot(where, err);
	return ret;
}

static int copy_dataset(hid_t from, hid_t to, const char *where, struct behind *behind,
			struct err *err)
{
	struct copy_data d = {.from = from,
			      .type = plain_type(H5Dget_type(from)),
			      .space = H5Dget_space(from),
			      .creation = H5Dget_create_plist(from),
			      .behind = behind};
	int ret = 0;

	if (H5Tdetect_class(d.type, H5T_REFERENCE) <= 0) {
		d.rank = MAX(0, H5Sget_simple_extent_ndims(d.space));
		H5Sget_simple_extent_dims(d.space, d.dims, NULL);
		ret = fill_dataset(&d, to, where, err);
	}
	h5_close(d.creation);
	h5_close(d.space);
	h5_close(d.type);
	return ret;
}

/* ---- groups ------------------------------------------------------------------------------- */

/* Objects in groups that were copied before, beyond as many as there are, that a copy may have. */
#define AGAIN_MOST 10000

/* A copy on its way, of this thread. */
static _Thread_local struct {
	int depth;            /* groups that are being copied, one in another */
	int again;            /* of these, such as were copied before */
	size_t n, n_again;    /* objects, and those of them within groups that were copied before */
	struct strtab groups; /* that were copied, by their addresses */
} way;

/* Is it the first time that this group is copied? */
static bool is_first_time(hid_t group)
{
	size_t n = way.groups.n;
	char address[64];
	H5O_info_t info;

	if (H5Oget_info2(group, &info, H5O_INFO_BASIC) < 0)
		return true;
	snprintf(address, sizeof(address), "%llu", (unsigned long long)info.addr);
	return strtab_add(&way.groups, address) == n;
}

static int refuse_group(hid_t group, const struct copying *c, const char *why)
{
	char file[500] = "";

	H5Fget_name(group, file, sizeof(file));
	return err_set(c->err, "%s: '%s': groups %s", file, c->path, why);
}

static herr_t copy_link(hid_t group, const char *name, const H5L_info_t *info UNUSED, void *data)
{
	struct copying *c = data;

	if (!h5_exists(group, name))
		return 0; /* a soft link to nothing */
	way.n++;
	way.n_again += way.again > 0;
	if (way.n_again > AGAIN_MOST && way.n_again > way.n / 2)
		return refuse_group(group, c,
				    "are held by so many others that a copy would not end");
	return copy_tree(group, name, c->to, name, c->behind, c->hook, c->err);
}

/*
 * Groups may hold themselves, by links of either kind, and soft ones are seen only when followed:
 * what lies too deep to be meant ends the copy. So does what holds others that hold others, each
 * twice, until there are more of them than any disk has room for.
 */
static int copy_members(hid_t from, struct copying *c)
{
	bool again = !is_first_time(from);
	int ret = 0;

	if (way.depth == H5_DEEPEST)
		return refuse_group(from, c, "lie more than 100 deep, or hold each other");
	way.depth++;
	way.again += again;
	if (H5Literate(from, H5_INDEX_NAME, H5_ITER_INC, NULL, copy_link, c) < 0)
		ret = cannot(c->path, c->err);
	way.again -= again;
	if (--way.depth == 0) {
		strtab_release(&way.groups);
		memset(&way, 0, sizeof(way));
	}
	return ret;
}

static int copy_group(hid_t from, hid_t to, const char *where, struct behind *behind,
		      const struct copy_hook *hook, struct err *err)
{
	hid_t group = H5Gcreate2(to, where, put_links(), H5P_DEFAULT, H5P_DEFAULT);
	struct copying c = {group, where, behind, hook, err};
	int ret = 0;

	if (group < 0)
		return cannot(where, err);
	ret = copy_attrs(from, group, where, err);
	ret = ret ? ret : copy_members(from, &c);
	if (H5Gclose(group) < 0 && ret == 0)
		ret = cannot(where, err);
	return ret;
}

int copy_tree(hid_t from, const char *path, hid_t to, const char *where, struct behind *behind,
	      const struct copy_hook *hook, struct err *err)
{
	hid_t object = H5Oopen(from, path, H5P_DEFAULT);
	int ret = 0;

	if (object < 0)
		return cannot(path, err);
	if (hook)
		ret = hook->instead(hook->arg, object, to, where, err);
	if (ret)
		ret = ret < 0 ? -1 : 0;
	else if (h5_is_group(object))
		ret = copy_group(object, to, where, behind, hook, err);
	else if (h5_is_dataset(object))
		ret = copy_dataset(object, to, where, behind, err);
	h5_close(object);
	return ret;
}
