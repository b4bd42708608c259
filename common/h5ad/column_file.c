/* column_file.c - see column_file.h. */
#include "base/util.h"

#include "h5ad/column_private.h"

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
				      a->file->path, a->path, a->from + row, (long long)codes[row],
				      c->n_categories);
		c->codes[row] = (int32_t)codes[row];
	}
	free(codes);
	return ret;
}

static int fill_values(struct array *a, struct column *c, struct err *err)
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

static int fill_mask(const struct array *mask, struct column *c, struct err *err)
{
	int ret = array_bools(mask, MEM_ARRAY(c->missing, c->n), err);

	for (size_t row = 0; row < c->n && !ret; row++) {
		if (c->missing[row])
			column_set_missing(c, row);
	}
	return ret;
}

/* ---- a part at a time --------------------------------------------------------------------- */

struct column_rows {
	enum form form;
	struct array values, mask; /* 'mask' of nullable columns */
	struct column shared;      /* the categories */
};

static int open_mask(struct column_rows *r, const struct column_place *at, struct err *err)
{
	char *path = column_path(at->path, "mask");
	int ret = array_open(&r->mask, at->file, path, NULL, err);

	if (!ret && r->mask.n != r->values.n)
		ret = err_set(err, "%s: %s: has %zu values, but there are %zu rows", at->file->path,
			      path, r->mask.n, r->values.n);
	if (!ret)
		ret = array_keep_chunk(&r->mask, err);
	free(path);
	return ret;
}

static int open_rows(struct column_rows *r, const struct column_place *at, struct err *err)
{
	struct column *c = &r->shared;

	if (column_form(at, &r->form, err) || column_open_values(at, r->form, &r->values, err) ||
	    array_keep_chunk(&r->values, err))
		return -1;
	column_set_form(r->form, &r->values, c);
	if (h5_check_stored(at->file, r->values.dataset, at->path, err))
		return -1;
	if (c->kind == COLUMN_CATEGORY)
		return column_fill_categories(at, r->form, c, err);
	return r->form == FORM_NULLABLE ? open_mask(r, at, err) : 0;
}

struct column_rows *column_rows_open(const struct column_place *at, struct err *err)
{
	struct column_rows *r = mem_zero(1, sizeof(*r));

	r->values.dataset = r->values.type = H5I_INVALID_HID;
	r->mask.dataset = r->mask.type = H5I_INVALID_HID;
	if (!open_rows(r, at, err))
		return r;
	column_rows_close(r);
	return NULL;
}

void column_rows_close(struct column_rows *r)
{
	if (!r)
		return;
	array_close(&r->values);
	array_close(&r->mask);
	column_release(&r->shared);
	free(r);
}

size_t column_rows_n(const struct column_rows *r)
{
	return r->shared.n;
}

int column_rows_read(struct column_rows *r, size_t first, size_t n, struct column *c,
		     struct err *err)
{
	array_part(&r->values, first, n);
	array_part(&r->mask, first, n);
	column_set_form(r->form, &r->values, c);
	if (c->kind != COLUMN_CATEGORY && fill_values(&r->values, c, err))
		return -1;
	if (c->kind != COLUMN_CATEGORY)
		return r->form == FORM_NULLABLE ? fill_mask(&r->mask, c, err) : 0;
	c->categories = r->shared.categories;
	c->n_categories = r->shared.n_categories;
	c->category_kind = r->shared.category_kind;
	c->ordered = r->shared.ordered;
	return fill_codes(&r->values, c, err);
}

void column_rows_release(struct column *c)
{
	c->categories = NULL;
	column_release(c);
}

/* ---- all of it ---------------------------------------------------------------------------- */

int column_describe(const struct column_place *at, struct column *c, struct err *err)
{
	struct array a = {.dataset = H5I_INVALID_HID, .type = H5I_INVALID_HID};
	enum form form;
	int ret = column_form(at, &form, err);

	if (!ret)
		ret = column_open_values(at, form, &a, err);
	if (!ret)
		column_set_form(form, &a, c);
	array_close(&a);
	return ret;
}

int column_read(const struct column_place *at, struct column *c, struct err *err)
{
	struct column_rows *r = column_rows_open(at, err);
	int ret;

	if (!r)
		return -1;
	ret = column_rows_read(r, 0, r->shared.n, c, err);
	if (c->categories) { /* they and the arena that has them move to the column */
		c->arena = r->shared.arena;
		r->shared.categories = NULL;
		r->shared.arena = (struct arena){0};
	}
	column_rows_close(r);
	return ret;
}
