/* column_concat.c - see column_concat.h. */
#include "base/util.h"

#include <math.h>

#include "base/natural.h"
#include "h5ad/frame/column_concat.h"

/* ---- what the parts have in common ---- */

struct column_parts {
	const struct column *const *c;
	const size_t *sizes;
	size_t n, n_rows;
	bool has[COLUMN_FLOAT + 1]; /* kinds there are */
	size_t n_kinds;
	bool holes;    /* a part is not there */
	bool nullable; /* a part is of a nullable type */
	const struct column *first;
};

static struct column_parts survey_parts(const struct column *const *c, const size_t *sizes,
					size_t n)
{
	struct column_parts p = {.c = c, .sizes = sizes, .n = n};

	for (size_t i = 0; i < n; i++) {
		p.n_rows += sizes[i];
		if (!c[i]) {
			p.holes |= sizes[i] > 0;
			continue;
		}
		p.n_kinds += !p.has[c[i]->kind];
		p.has[c[i]->kind] = true;
		p.nullable |= c[i]->nullable;
		if (!p.first)
			p.first = c[i];
	}
	return p;
}

/* ---- one kind at a time ---- */

static void set_present(struct column *c, size_t row)
{
	if (c->missing)
		c->missing[row] = 0;
}

static struct column concat_texts(const char *name, const struct column_parts *p)
{
	struct column out = column_new(name, COLUMN_STRING, p->n_rows);
	struct text scratch = TEXT_INIT;

	out.nullable = p->nullable && p->n_kinds == 1 && p->has[COLUMN_STRING];
	for (size_t i = 0, row = 0; i < p->n; i++)
		for (size_t k = 0; k < p->sizes[i]; k++, row++)
			if (p->c[i] && !column_missing(p->c[i], k))
				column_set_string(&out, row, column_text(p->c[i], k, &scratch));
	text_release(&scratch);
	return out;
}

static struct column concat_bools(const char *name, const struct column_parts *p)
{
	struct column out = column_new(name, COLUMN_BOOL, p->n_rows);

	out.nullable = p->nullable || p->holes;
	for (size_t i = 0, row = 0; i < p->n; i++) {
		for (size_t k = 0; k < p->sizes[i]; k++, row++) {
			if (!p->c[i] || column_missing(p->c[i], k))
				continue;
			out.bools[row] = p->c[i]->bools[k];
			set_present(&out, row);
		}
	}
	return out;
}

/* The integer type that holds all parts, as numpy promotes; false when only a float does. */
static bool common_integer(const struct column_parts *p, uint8_t *width, bool *is_unsigned)
{
	uint8_t with_sign = 0, without = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct column *c = p->c[i];
		if (c && c->is_unsigned)
			without = MAX(without, c->width);
		else if (c)
			with_sign = MAX(with_sign, c->width);
	}
	*is_unsigned = !with_sign;
	*width = MAX(with_sign, without);
	if (with_sign && without >= with_sign)
		*width = (uint8_t)(without * 2);
	return *width <= 8;
}

static struct column concat_ints(const char *name, const struct column_parts *p)
{
	struct column out = column_new(name, COLUMN_INT, p->n_rows);

	out.nullable = p->nullable;
	common_integer(p, &out.width, &out.is_unsigned);
	for (size_t i = 0, row = 0; i < p->n; i++) {
		for (size_t k = 0; k < p->sizes[i]; k++, row++) {
			if (!p->c[i] || column_missing(p->c[i], k))
				continue;
			out.ints[row] =
				p->c[i]->kind == COLUMN_BOOL ? p->c[i]->bools[k] : p->c[i]->ints[k];
			set_present(&out, row);
		}
	}
	return out;
}

/* Bytes of the float that holds a column, as numpy promotes; integers with holes go to 8. */
static uint8_t float_width(const struct column *c, bool holes)
{
	if (c->kind == COLUMN_FLOAT)
		return c->width;
	if (holes || c->width > 2)
		return 8;
	if (c->kind == COLUMN_BOOL)
		return 2;
	return c->width == 1 ? 2 : 4;
}

static struct column concat_floats(const char *name, const struct column_parts *p)
{
	struct column out = column_new(name, COLUMN_FLOAT, p->n_rows);

	out.nullable = p->nullable;
	out.width = 2;
	for (size_t i = 0, row = 0; i < p->n; i++) {
		if (p->c[i])
			out.width = MAX(out.width, float_width(p->c[i], p->holes));
		for (size_t k = 0; k < p->sizes[i]; k++, row++) {
			if (!p->c[i] || column_missing(p->c[i], k))
				continue;
			out.floats[row] = column_number(p->c[i], k);
			set_present(&out, row);
		}
	}
	return out;
}

/* ---- categories ---- */

static bool same_categories(const struct column *a, const struct column *b)
{
	if (a->n_categories != b->n_categories || a->ordered != b->ordered)
		return false;
	for (size_t i = 0; i < a->n_categories; i++)
		if (!str_eq(a->categories[i], b->categories[i]))
			return false;
	return true;
}

/* Ordered categories have no union: they must be the same everywhere. */
static bool categories_meet(const struct column_parts *p, bool *ordered)
{
	bool same = true;

	*ordered = false;
	for (size_t i = 0; i < p->n; i++) {
		if (!p->c[i])
			continue;
		*ordered |= p->c[i]->ordered;
		same &= same_categories(p->first, p->c[i]);
	}
	return !*ordered || same;
}

static int by_nature(const void *a, const void *b)
{
	return natural_compare(*(char *const *)a, *(char *const *)b);
}

static int by_number(const void *a, const void *b)
{
	double x = NAN, y = NAN;

	parse_double(*(char *const *)a, &x);
	parse_double(*(char *const *)b, &y);
	if (x != y)
		return x < y ? -1 : 1;
	return natural_compare(*(char *const *)a, *(char *const *)b);
}

/* What all parts have, or text. */
static enum column_kind common_categories(const struct column_parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->c[i] && p->c[i]->category_kind != p->first->category_kind)
			return COLUMN_STRING;
	return p->first->category_kind;
}

static bool is_number(enum column_kind kind)
{
	return kind == COLUMN_INT || kind == COLUMN_FLOAT;
}

/*
 * The categories of the result, in its arena and as a table of places. Where the first part has
 * them all, pandas keeps its order.
 */
static void unite(const struct column_parts *p, bool ordered, struct column *out,
		  struct strtab *places)
{
	struct strtab all = {0};
	bool sorted;

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; p->c[i] && k < p->c[i]->n_categories; k++)
			strtab_add(&all, p->c[i]->categories[k]);
	sorted = !ordered && all.n > p->first->n_categories;
	out->n_categories = all.n;
	MEM_ARRAY(out->categories, all.n);
	for (size_t i = 0; i < all.n; i++)
		out->categories[i] = arena_str(&out->arena, all.strings[i], strlen(all.strings[i]));
	if (sorted)
		qsort(out->categories, all.n, sizeof(*out->categories),
		      is_number(out->category_kind) ? by_number : by_nature);
	for (size_t i = 0; i < all.n; i++)
		strtab_add(places, out->categories[i]);
	strtab_release(&all);
}

static struct column concat_categories(const char *name, const struct column_parts *p, bool ordered)
{
	struct column out = column_new(name, COLUMN_CATEGORY, p->n_rows);
	struct strtab places = {0};

	out.ordered = ordered;
	out.category_kind = common_categories(p);
	unite(p, ordered, &out, &places);
	for (size_t i = 0, row = 0; i < p->n; row += p->sizes[i++]) {
		const struct column *c = p->c[i];
		if (!c)
			continue;
		int32_t *place;
		MEM_ARRAY(place, c->n_categories);
		for (size_t k = 0; k < c->n_categories; k++)
			place[k] = (int32_t)strtab_find(&places, c->categories[k]);
		for (size_t k = 0; k < p->sizes[i]; k++)
			out.codes[row + k] = c->codes[k] < 0 ? -1 : place[c->codes[k]];
		free(place);
	}
	strtab_release(&places);
	return out;
}

static struct column concat_parts(const char *name, const struct column_parts *p)
{
	bool numbers = p->n_kinds && !p->has[COLUMN_STRING] && !p->has[COLUMN_CATEGORY];
	bool one = p->n_kinds == 1, ordered, is_unsigned;
	uint8_t width;

	if (one && p->has[COLUMN_CATEGORY] && categories_meet(p, &ordered))
		return concat_categories(name, p, ordered);
	if (one && p->has[COLUMN_BOOL])
		return concat_bools(name, p);
	if (numbers && !p->has[COLUMN_FLOAT] && (!p->holes || p->nullable) &&
	    common_integer(p, &width, &is_unsigned))
		return concat_ints(name, p);
	return numbers ? concat_floats(name, p) : concat_texts(name, p);
}

/* ---- parts that say nothing ---- */

static bool all_missing(const struct column *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!column_missing(c, i))
			return false;
	return true;
}

/*
 * pandas reads an empty column as floats, NaN throughout: that says nothing about the column's
 * type, nor do categories without a cell where others have something else.
 */
static bool is_blank(const struct column *c, const struct column_parts *p)
{
	return c->n &&
	       (c->kind == COLUMN_FLOAT || (c->kind == COLUMN_CATEGORY && p->n_kinds > 1)) &&
	       all_missing(c);
}

struct column column_concat(const char *name, const struct column *const *parts,
			    const size_t *sizes, size_t n_parts)
{
	struct column_parts p = survey_parts(parts, sizes, n_parts);
	const struct column **telling;
	bool any = false;

	MEM_ARRAY(telling, n_parts);
	for (size_t i = 0; i < n_parts; i++) {
		telling[i] = parts[i] && !is_blank(parts[i], &p) ? parts[i] : NULL;
		any |= telling[i] != NULL;
	}
	if (any)
		p = survey_parts(telling, sizes, n_parts);
	struct column out = concat_parts(name, &p);
	free(telling);
	return out;
}
