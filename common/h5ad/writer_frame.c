/* writer_frame.c - obs and var, in anndata's current dialect. */
#include "base/util.h"

#include "h5ad/frame/frame_source.h"
#include "h5ad/writer_private.h"

hid_t type_int(size_t width, bool is_unsigned)
{
	switch (width) {
	case 1:
		return is_unsigned ? H5T_STD_U8LE : H5T_STD_I8LE;
	case 2:
		return is_unsigned ? H5T_STD_U16LE : H5T_STD_I16LE;
	case 4:
		return is_unsigned ? H5T_STD_U32LE : H5T_STD_I32LE;
	default:
		return is_unsigned ? H5T_STD_U64LE : H5T_STD_I64LE;
	}
}

/* 'values' of type 'from' as an array of type 'to'. */
static int put_converted(hid_t parent, const char *name, hid_t from, hid_t to, const void *values,
			 size_t n, const struct encoding *e, struct err *err)
{
	const hsize_t dims[1] = {n};
	void *copy = mem_copy(values, n, H5Tget_size(from));
	int ret;

	if (H5Tconvert(from, to, n, copy, NULL, H5P_DEFAULT) < 0)
		ret = h5_failed(err, "'%s' cannot be converted", name);
	else
		ret = put_array(parent, name, to, 1, dims, copy, e, err);
	free(copy);
	return ret;
}

static int put_bools(hid_t parent, const char *name, const uint8_t *values, size_t n,
		     const struct encoding *e, struct err *err)
{
	const hsize_t dims[1] = {n};
	hid_t type = type_bool();
	int ret = put_array(parent, name, type, 1, dims, values, e, err);
	H5Tclose(type);
	return ret;
}

hid_t type_half(void)
{
	hid_t type = H5Tcopy(H5T_IEEE_F32LE);

	return put_if(H5Tset_fields(type, 15, 10, 5, 0, 10) >= 0 && H5Tset_size(type, 2) >= 0 &&
			      H5Tset_ebias(type, 15) >= 0,
		      type);
}

static int put_floats(hid_t parent, const char *name, const struct column *c,
		      const struct encoding *e, struct err *err)
{
	hid_t half = type_half();
	hid_t type = c->width == 2 ? half : c->width == 4 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
	int ret = put_converted(parent, name, H5T_NATIVE_DOUBLE, type, c->floats, c->n, e, err);

	H5Tclose(half);
	return ret;
}

static int put_values(hid_t parent, const char *name, const struct column *c,
		      const struct encoding *e, struct err *err)
{
	switch (c->kind) {
	case COLUMN_STRING:
		return put_strings(parent, name, c->strings, c->n, err);
	case COLUMN_BOOL:
		return put_bools(parent, name, c->bools, c->n, e, err);
	case COLUMN_INT:
		return put_converted(parent, name,
				     column_is_u64(c) ? H5T_NATIVE_UINT64 : H5T_NATIVE_INT64,
				     type_int(c->width, c->is_unsigned), c->ints, c->n, e, err);
	default:
		return put_floats(parent, name, c, e, err);
	}
}

/* Values and a mask of what is missing. */
static int put_nullable(hid_t parent, const char *name, const struct column *c,
			const struct encoding *e, struct err *err)
{
	const char *encoding = c->kind == COLUMN_BOOL ? "nullable-boolean" : "nullable-integer";
	uint8_t *mask;
	hid_t group = put_group(parent, name, encoding, "0.1.0", err);
	if (group < 0)
		return -1;
	MEM_ARRAY(mask, c->n);
	for (size_t row = 0; row < c->n; row++)
		mask[row] = column_missing(c, row);
	int ret = put_values(group, "values", c, e, err) ||
		  put_bools(group, "mask", mask, c->n, e, err);
	free(mask);
	H5Gclose(group);
	return ret ? -1 : 0;
}

/* Codes are of the smallest type, by pandas' limits. */
static hid_t code_type(size_t n_categories)
{
	if (n_categories < INT8_MAX)
		return H5T_STD_I8LE;
	return n_categories < INT16_MAX ? H5T_STD_I16LE : H5T_STD_I32LE;
}

/* Categories that were numbers or booleans are so again, in the widest type of their kind. */
static int put_typed_categories(hid_t parent, const struct column *c, const struct encoding *e,
				struct err *err)
{
	struct column typed = column_new("categories", c->category_kind, c->n_categories);
	int ret;

	for (size_t i = 0; i < c->n_categories; i++) {
		const char *text = c->categories[i];
		if (c->category_kind == COLUMN_BOOL)
			typed.bools[i] = str_eq(text, "True");
		else if (c->category_kind == COLUMN_FLOAT)
			parse_double(text, &typed.floats[i]);
		else
			parse_int(text, INT64_MIN, INT64_MAX, &typed.ints[i]);
	}
	ret = put_values(parent, "categories", &typed, e, err);
	column_release(&typed);
	return ret;
}

static int put_categories(hid_t parent, const struct column *c, const struct encoding *e,
			  struct err *err)
{
	return c->category_kind == COLUMN_STRING
		       ? put_strings(parent, "categories", c->categories, c->n_categories, err)
		       : put_typed_categories(parent, c, e, err);
}

static int put_category(hid_t parent, const char *name, const struct column *c,
			const struct encoding *e, struct err *err)
{
	hid_t group = put_group(parent, name, "categorical", "0.2.0", err);
	if (group < 0)
		return -1;
	int ret = put_attr_bool(group, "ordered", c->ordered, err) ||
		  put_categories(group, c, e, err) ||
		  put_converted(group, "codes", H5T_NATIVE_INT32, code_type(c->n_categories),
				c->codes, c->n, e, err);
	H5Gclose(group);
	return ret ? -1 : 0;
}

static bool any_missing(const struct column *c)
{
	for (size_t row = 0; row < c->n; row++) {
		if (column_missing(c, row))
			return true;
	}
	return false;
}

int put_column(hid_t parent, const char *name, const struct column *c, const struct encoding *e,
	       struct err *err)
{
	if (c->kind == COLUMN_CATEGORY)
		return put_category(parent, name, c, e, err);
	if (c->nullable && c->kind != COLUMN_FLOAT && c->kind != COLUMN_STRING)
		return put_nullable(parent, name, c, e, err);
	if (c->kind == COLUMN_FLOAT || !any_missing(c))
		return put_values(parent, name, c, e, err);
	if (c->kind != COLUMN_STRING)
		return put_nullable(parent, name, c, e, err);
	/* Plain strings cannot be missing, and nullable ones are unknown to anndata before 0.11:
	 * it made them categories, and so do we. */
	struct column as = column_categories(name, c->strings, c->n);
	int ret = put_category(parent, name, &as, e, err);
	column_release(&as);
	return ret;
}

/* The index must not share its name with a column. */
static const char *index_name(const struct frame *f)
{
	const char *name = f->key_name && *f->key_name ? f->key_name : "_index";
	return frame_find(f, name) ? "_index" : name;
}

static int put_order(hid_t group, const struct frame *f, struct err *err)
{
	const char **names;

	MEM_ARRAY(names, f->n_columns);
	for (size_t i = 0; i < f->n_columns; i++)
		names[i] = f->columns[i].name;
	int ret = put_attr_texts(group, "column-order", names, f->n_columns, err);
	free(names);
	return ret;
}

/* A column of a file goes over as it is stored, if it can; else by way of its values. */
static int put_column_at(hid_t group, struct frame *f, size_t i, const struct encoding *e,
			 struct err *err)
{
	bool was_loaded = f->columns[i].loaded;

	if (f->columns[i].from_file && f->source) {
		int copied = f->source->copy(f, i, group, err);
		if (copied)
			return copied < 0 ? -1 : 0;
	}
	const struct column *c = frame_column_at(f, i, err);
	if (!c || put_column(group, c->name, c, e, err))
		return -1;
	if (!was_loaded)
		frame_forget(f, c);
	return 0;
}

static int put_columns(hid_t group, struct frame *f, const struct encoding *e, struct err *err)
{
	for (size_t i = 0; i < f->n_columns; i++) {
		if (put_column_at(group, f, i, e, err))
			return -1;
	}
	return 0;
}

int put_frame(hid_t parent, const char *name, struct frame *f, const struct encoding *e,
	      struct err *err)
{
	char **keys = frame_keys(f, err);
	const char *index = index_name(f);

	if (!keys)
		return -1;
	hid_t group = put_group(parent, name, "dataframe", "0.2.0", err);
	if (group < 0)
		return -1;
	int ret = put_attr_text(group, "_index", index, err) || put_order(group, f, err) ||
		  put_strings(group, index, keys, f->n_rows, err) || put_columns(group, f, e, err);
	H5Gclose(group);
	return ret ? -1 : 0;
}

int writer_frame(struct writer *w, const char *where, struct frame *f, struct err *err)
{
	if (writer_place(w, where, err) || put_frame(w->file, where, f, &w->encoding, err))
		return writer_failed(w, err);
	return 0;
}
