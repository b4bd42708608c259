/* column_file.c - one column of a file's frame, in any of the forms anndata has given it. */
#include "base/util.h"

#include <math.h>

#include "h5ad/column_file.h"

static int wrong(const struct column_place *at, const char *what, struct err *err)
{
	return err_set(err, "%s: %s%s%s: %s", at->file->path, at->path, at->field ? "." : "",
		       at->field ? at->field : "", what);
}

/* ---- the forms ---------------------------------------------------------------------------- */

enum form {
	FORM_PLAIN,
	FORM_CODES_IN_UNS, /* 0.6: codes here, categories at /uns/NAME_categories */
	FORM_CODES_LINKED, /* 0.7: an attribute refers to the categories, or lists them */
	FORM_CATEGORICAL,  /* 0.8: a group of codes and categories */
	FORM_NULLABLE,     /* a group of values and mask */
};

static char *join(const char *path, const char *name)
{
	return mem_printf("%s/%s", path, name);
}

static bool has_member(hid_t group, const char *name)
{
	return H5Lexists(group, name, H5P_DEFAULT) > 0;
}

static int form_of_group(const struct column_place *at, hid_t group, enum form *form,
			 struct err *err)
{
	char *kind = h5_attr_string(group, "encoding-type");
	int ret = 0;

	if (kind ? str_eq(kind, "categorical")
		 : has_member(group, "codes") && has_member(group, "categories"))
		*form = FORM_CATEGORICAL;
	else if (kind ? str_starts(kind, "nullable-")
		      : has_member(group, "values") && has_member(group, "mask"))
		*form = FORM_NULLABLE;
	else
		ret = err_set(err, "%s: %s: a column of kind '%s' cannot be read", at->file->path,
			      at->path, kind ? kind : "group");
	free(kind);
	return ret;
}

static char *uns_categories(const struct column_place *at)
{
	return mem_printf("/uns/%s_categories", at->field);
}

static int form_of(const struct column_place *at, enum form *form, struct err *err)
{
	hid_t object = h5_open(at->file, at->path, err);
	int ret = -1;

	*form = FORM_PLAIN;
	if (object < 0)
		return -1;
	if (at->field) {
		char *categories = uns_categories(at);
		if (h5_exists(at->file->file, categories))
			*form = FORM_CODES_IN_UNS;
		free(categories);
		ret = 0;
	} else if (h5_is_dataset(object)) {
		if (H5Aexists(object, "categories") > 0)
			*form = FORM_CODES_LINKED;
		ret = 0;
	} else if (h5_is_group(object)) {
		ret = form_of_group(at, object, form, err);
	} else {
		wrong(at, "is neither an array nor a group", err);
	}
	h5_close(object);
	return ret;
}

/* The array that has a value per row. */
static int open_values(const struct column_place *at, enum form form, struct array *a,
		       struct err *err)
{
	const char *part = form == FORM_CATEGORICAL ? "codes"
			   : form == FORM_NULLABLE  ? "values"
						    : NULL;
	char *path = part ? join(at->path, part) : mem_str(at->path);
	int ret = array_open(a, at->file, path, at->field, err);

	free(path);
	return ret;
}

static bool is_coded(enum form form, const struct array *a)
{
	/* A column of 0.6 may share its name with something in uns and not be coded. */
	return form == FORM_CATEGORICAL || form == FORM_CODES_LINKED ||
	       (form == FORM_CODES_IN_UNS && a->kind == ARRAY_INT);
}

static enum column_kind kind_of(const struct array *a)
{
	return a->kind == ARRAY_INT     ? COLUMN_INT
	       : a->kind == ARRAY_FLOAT ? COLUMN_FLOAT
	       : a->kind == ARRAY_BOOL  ? COLUMN_BOOL
					: COLUMN_STRING;
}

static void describe(enum form form, const struct array *a, struct column *c)
{
	c->kind = is_coded(form, a) ? COLUMN_CATEGORY : kind_of(a);
	c->n = a->n;
	c->nullable = form == FORM_NULLABLE;
	c->width = c->kind == COLUMN_INT || c->kind == COLUMN_FLOAT ? a->width : 0;
	c->is_unsigned = c->kind == COLUMN_INT && a->is_unsigned;
}

int column_describe(const struct column_place *at, struct column *c, struct err *err)
{
	struct array a = {.dataset = H5I_INVALID_HID, .type = H5I_INVALID_HID};
	enum form form;
	int ret = form_of(at, &form, err);

	if (!ret)
		ret = open_values(at, form, &a, err);
	if (!ret)
		describe(form, &a, c);
	array_close(&a);
	return ret;
}

/* ---- categories --------------------------------------------------------------------------- */

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
	c->category_kind = kind_of(a);
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
	char *path = join(at->path, "categories");
	int ret = categories_at(at, path, c, err);
	hid_t group = ret ? H5I_INVALID_HID : h5_open(at->file, at->path, err);

	if (group >= 0)
		c->ordered = h5_attr_flag(group, "ordered");
	h5_close(group);
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
	} else {
		wrong(at, "its categories cannot be found", err);
	}
	array_close(&a);
	h5_close(object);
	return ret;
}

static int fill_categories(const struct column_place *at, enum form form, struct column *c,
			   struct err *err)
{
	int ret;

	if (form == FORM_CATEGORICAL) {
		ret = categories_of_group(at, c, err);
	} else if (form == FORM_CODES_LINKED) {
		ret = categories_linked(at, c, err);
	} else {
		char *path = uns_categories(at);
		ret = categories_at(at, path, c, err);
		free(path);
	}
	return ret ? ret : check_distinct(at, c, err);
}

/* ---- values ------------------------------------------------------------------------------- */

static int fill_codes(const struct array *a, struct column *c, struct err *err)
{
	int64_t *codes;

	MEM_ARRAY(codes, a->n);
	int ret = array_ints(a, codes, err);
	if (!ret)
		MEM_ARRAY(c->codes, a->n);
	for (size_t row = 0; row < a->n && !ret; row++) {
		if (codes[row] < (array_is_u64(a) ? 0 : -1) ||
		    codes[row] >= (int64_t)c->n_categories)
			ret = err_set(err,
				      "%s: %s: row %zu: category code %lld, but there are %zu "
				      "categories",
				      a->file->path, a->path, row, (long long)codes[row],
				      c->n_categories);
		c->codes[row] = (int32_t)codes[row];
	}
	free(codes);
	return ret;
}

static int fill_values(const struct array *a, struct column *c, struct err *err)
{
	switch (a->kind) {
	case ARRAY_STRING:
		return array_strings(a, &c->arena, MEM_ZERO(c->strings, a->n), err);
	case ARRAY_BOOL:
		return array_bools(a, MEM_ARRAY(c->bools, a->n), err);
	case ARRAY_INT:
		return array_ints(a, MEM_ARRAY(c->ints, a->n), err);
	case ARRAY_FLOAT:
		return array_floats(a, MEM_ARRAY(c->floats, a->n), err);
	default:
		return err_set(err, "%s: %s: values of this type cannot be read", a->file->path,
			       a->path);
	}
}

static int fill_mask(const struct column_place *at, struct column *c, struct err *err)
{
	struct array mask;
	char *path = join(at->path, "mask");
	int ret = array_open(&mask, at->file, path, NULL, err);

	if (!ret && mask.n != c->n)
		ret = err_set(err, "%s: %s: has %zu values, but there are %zu rows", at->file->path,
			      path, mask.n, c->n);
	if (!ret)
		ret = array_bools(&mask, MEM_ARRAY(c->missing, c->n), err);
	for (size_t row = 0; row < c->n && !ret; row++) {
		if (c->missing[row])
			column_set_missing(c, row);
	}
	array_close(&mask);
	free(path);
	return ret;
}

static int fill(const struct column_place *at, enum form form, const struct array *a,
		struct column *c, struct err *err)
{
	if (h5_check_stored(at->file, a->dataset, a->path, err))
		return -1;
	if (c->kind == COLUMN_CATEGORY)
		return fill_categories(at, form, c, err) || fill_codes(a, c, err) ? -1 : 0;
	if (fill_values(a, c, err))
		return -1;
	return form == FORM_NULLABLE ? fill_mask(at, c, err) : 0;
}

int column_read(const struct column_place *at, struct column *c, struct err *err)
{
	struct array a = {.dataset = H5I_INVALID_HID, .type = H5I_INVALID_HID};
	enum form form;
	int ret = form_of(at, &form, err);

	if (!ret)
		ret = open_values(at, form, &a, err);
	if (!ret) {
		describe(form, &a, c);
		ret = fill(at, form, &a, c, err);
	}
	array_close(&a);
	return ret;
}
