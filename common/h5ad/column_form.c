/* column_form.c - in which of anndata's forms a column of a file is; see column_file.h. */
#include "base/util.h"

#include "h5ad/column_private.h"

int column_wrong(const struct column_place *at, const char *what, struct err *err)
{
	return err_set(err, "%s: %s%s%s: %s", at->file->path, at->path, at->field ? "." : "",
		       at->field ? at->field : "", what);
}

char *column_path(const char *path, const char *name)
{
	return mem_printf("%s/%s", path, name);
}

static bool has_member(hid_t group, const char *name)
{
	return h5_yes(H5Lexists(group, name, H5P_DEFAULT));
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

char *column_uns_categories(const struct column_place *at)
{
	return mem_printf("/uns/%s_categories", at->field);
}

int column_form(const struct column_place *at, enum form *form, struct err *err)
{
	hid_t object = h5_open(at->file, at->path, err);
	int ret = -1;

	*form = FORM_PLAIN;
	if (object < 0)
		return -1;
	if (at->field) {
		char *categories = column_uns_categories(at);
		if (h5_exists(at->file->file, categories))
			*form = FORM_CODES_IN_UNS;
		free(categories);
		ret = 0;
	} else if (h5_is_dataset(object)) {
		if (h5_yes(H5Aexists(object, "categories")))
			*form = FORM_CODES_LINKED;
		ret = 0;
	} else if (h5_is_group(object)) {
		ret = form_of_group(at, object, form, err);
	} else {
		column_wrong(at, "is neither an array nor a group", err);
	}
	h5_close(object);
	return ret;
}

int column_open_values(const struct column_place *at, enum form form, struct array *a,
		       struct err *err)
{
	const char *part = form == FORM_CATEGORICAL ? "codes"
			   : form == FORM_NULLABLE  ? "values"
						    : NULL;
	char *path = part ? column_path(at->path, part) : mem_str(at->path);
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

enum column_kind column_kind_of(const struct array *a)
{
	return a->kind == ARRAY_INT     ? COLUMN_INT
	       : a->kind == ARRAY_FLOAT ? COLUMN_FLOAT
	       : a->kind == ARRAY_BOOL  ? COLUMN_BOOL
					: COLUMN_STRING;
}

void column_set_form(enum form form, const struct array *a, struct column *c)
{
	c->kind = is_coded(form, a) ? COLUMN_CATEGORY : column_kind_of(a);
	c->n = a->n;
	c->nullable = form == FORM_NULLABLE;
	c->width = c->kind == COLUMN_INT || c->kind == COLUMN_FLOAT ? a->width : 0;
	c->is_unsigned = c->kind == COLUMN_INT && a->is_unsigned;
}
