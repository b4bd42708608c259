/* column_categories.c - the categories of a file's column, wherever its form keeps them. */
#include "base/util.h"

#include "h5ad/column_private.h"

/* Pandas wants them distinct, and so do codes that are to mean something. */
static int check_distinct(const struct column_place *at, const struct column *c, struct err *err)
{
	struct strtab seen = {0};
	int ret = 0;

	for (size_t i = 0; i < c->n_categories && !ret; i++) {
		if (strtab_find(&seen, c->categories[i]) != STRTAB_NONE)
			ret = err_set(err, "%s: %s%s%s: the category '%.200s' is listed twice",
				      at->file->path, at->path, at->field ? "." : "",
				      at->field ? at->field : "", c->categories[i]);
		strtab_add(&seen, c->categories[i]);
	}
	strtab_release(&seen);
	return ret;
}

static int read_categories(struct array *a, struct column *c, struct err *err)
{
	if (h5_check_stored(a->file, a->dataset, a->path, err))
		return -1;
	if (a->n > INT32_MAX)
		return err_set(err, "%s: %s: %zu categories are more than can be read",
			       a->file->path, a->path, a->n);
	MEM_ZERO(c->categories, MAX(a->n, 1));
	c->n_categories = a->n;
	c->category_kind = column_kind_of(a);
	c->ordered = h5_attr_flag(a->dataset, "ordered");
	return array_texts(a, &c->arena, c->categories, err);
}

static int categories_at(const struct column_place *at, const char *path, struct column *c,
			 struct err *err)
{
	struct array a;
	int ret = array_open(&a, at->file, path, NULL, err);

	if (!ret)
		ret = read_categories(&a, c, err);
	array_close(&a);
	return ret;
}

static int categories_of_group(const struct column_place *at, struct column *c, struct err *err)
{
	char *newer =
		column_path(at->path, "categories/values"); /* nullable text: none is missing */
	char *path = h5_exists(at->file->file, newer) ? mem_str(newer)
						      : column_path(at->path, "categories");
	int ret = categories_at(at, path, c, err);
	hid_t group = ret ? H5I_INVALID_HID : h5_open(at->file, at->path, err);

	if (group >= 0)
		c->ordered = h5_attr_flag(group, "ordered");
	h5_close(group);
	free(newer);
	free(path);
	return ret;
}

/* What an attribute's reference points to. */
static hid_t follow(hid_t object, const char *name)
{
	hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), target = H5I_INVALID_HID;
	hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
	hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
	hobj_ref_t reference;

	if (type >= 0 && H5Tequal(type, H5T_STD_REF_OBJ) > 0 && space >= 0 &&
	    H5Sget_simple_extent_npoints(space) == 1 &&
	    H5Aread(attribute, H5T_STD_REF_OBJ, &reference) >= 0)
		target = H5Rdereference2(object, H5P_DEFAULT, H5R_OBJECT, &reference);
	h5_close(space);
	h5_close(type);
	h5_close(attribute);
	return target;
}

static int categories_linked(const struct column_place *at, struct column *c, struct err *err)
{
	hid_t object = h5_open(at->file, at->path, err);
	hid_t target = object < 0 ? H5I_INVALID_HID : follow(object, "categories");
	struct array a = {.dataset = H5I_INVALID_HID, .type = H5I_INVALID_HID};
	char path[300] = "";
	char **strings;
	int ret = -1;

	if (target >= 0) {
		if (H5Iget_name(target, path, sizeof(path)) <= 0)
			snprintf(path, sizeof(path), "%s", at->path);
		ret = array_of(&a, at->file, target, path, NULL, err);
		if (!ret)
			ret = read_categories(&a, c, err);
	} else if (object >= 0 && h5_attr_strings(at->file, object, "categories", &c->arena,
						  &strings, &c->n_categories, err) == 1) {
		c->categories = mem_copy(strings, c->n_categories, sizeof(*strings));
		ret = 0;
	} else if (object >= 0) {
		err_clear(err); /* it names an attribute, not the column */
		column_wrong(at, "its categories cannot be found", err);
	}
	array_close(&a);
	h5_close(object);
	return ret;
}

int column_fill_categories(const struct column_place *at, enum form form, struct column *c,
			   struct err *err)
{
	int ret;

	if (form == FORM_CATEGORICAL) {
		ret = categories_of_group(at, c, err);
	} else if (form == FORM_CODES_LINKED) {
		ret = categories_linked(at, c, err);
	} else {
		char *path = column_uns_categories(at);
		ret = categories_at(at, path, c, err);
		free(path);
	}
	return ret ? ret : check_distinct(at, c, err);
}
