/* select_where.c - the conditions of select.h: COLUMN=VALUE, COLUMN!=VALUE, COLUMN>=NUMBER. */
#include "base/util.h"

#include <math.h>

#include "h5ad/derive/select.h"

/* What a condition accepts. The whole list is a value too, for those that have commas. */
struct accepted {
	struct strtab values;
	bool *met; /* per value: has a cell got it? */
};

/* A number as the column's text has it, so that 33.0 meets 33; other values as they are. */
static const char *as_column_has(const struct column *c, const char *value, struct text *scratch)
{
	double number;

	if ((c->kind != COLUMN_INT && c->kind != COLUMN_FLOAT) || !parse_double(value, &number) ||
	    isnan(number))
		return value;
	if (c->kind == COLUMN_FLOAT) {
		number = c->width == sizeof(float) ? (float)number : number;
		const struct column one = {
			.kind = c->kind, .n = 1, .width = c->width, .floats = &number};
		return column_text(&one, 0, scratch);
	}
	if (number != nearbyint(number) || fabs(number) >= 0x1p53)
		return value;
	text_clear(scratch);
	text_add(scratch, "%.0f", number + 0.0);
	return scratch->s;
}

/* The values of a list, cut at commas that no backslash precedes; the whole list is one too. */
static void cut_values(const struct column *c, const char *list, struct strtab *values)
{
	struct text value = TEXT_INIT, scratch = TEXT_INIT;

	strtab_add(values, as_column_has(c, list, &scratch));
	for (;; list++) {
		if (*list == '\\' && list[1] == ',') {
			text_add_char(&value, *++list);
		} else if (*list == ',' || !*list) {
			strtab_add(values, as_column_has(c, value.s, &scratch));
			text_clear(&value);
			if (!*list)
				break;
		} else {
			text_add_char(&value, *list);
		}
	}
	text_release(&value);
	text_release(&scratch);
}

/* A condition, taken apart. */
struct condition {
	size_t column; /* length of its name, with which the condition begins */
	enum { EQUAL, UNEQUAL, BELOW, AT_MOST, ABOVE, AT_LEAST } relation;
	const char *value;
	double number; /* the value, where it is compared by size */
};

static bool compares_size(const struct condition *c)
{
	return c->relation >= BELOW;
}

/* "COLUMN<NUMBER" and the like; false when it is none. */
static bool parse_comparison(const char *s, struct condition *c)
{
	const char *at = strpbrk(s, "<>");
	bool equal = at && at[1] == '=';

	if (!at || at == s)
		return false;
	c->column = (size_t)(at - s);
	c->value = at + 1 + equal;
	c->relation = *at == '<' ? (equal ? AT_MOST : BELOW) : equal ? AT_LEAST : ABOVE;
	return parse_double(c->value, &c->number) && !isnan(c->number);
}

/* What stands first decides: a value may have < in it, and a column's name too. */
static bool parse_condition(const char *s, struct condition *c)
{
	const char *equals = strchr(s, '=');
	size_t sign = strcspn(s, "<>");

	if ((!equals || s + sign < equals) && parse_comparison(s, c))
		return true;
	if (!equals || equals == s)
		return false;
	c->relation = equals[-1] == '!' ? UNEQUAL : EQUAL;
	c->column = (size_t)(equals - s) - (c->relation == UNEQUAL);
	c->value = equals + 1;
	return true;
}

const char *where_problem(const char *condition)
{
	struct condition c;

	return parse_condition(condition, &c)
		       ? NULL
		       : "should be COLUMN=VALUE, COLUMN!=VALUE, or COLUMN>NUMBER (>=, <, <=)";
}

/* "no cell has ord = x, y (there are: hi, lo)" for the values, the whole list aside, without one.
 */
static void note_unmet(const struct column *c, const struct accepted *a, struct text *unmet)
{
	size_t whole = a->values.n > 1, n = 0;
	bool all = a->met[0];

	for (size_t i = whole; i < a->values.n && !all; i++) {
		if (a->met[i])
			continue;
		text_add(unmet, "%s%s%s",
			 n            ? ", "
			 : unmet->len ? "; no cell has "
				      : "no cell has ",
			 n ? "" : c->name, n ? "" : " = ");
		text_add(unmet, "%.60s", strtab_str(&a->values, (uint32_t)i));
		n++;
	}
	if (!n)
		return;
	struct column_groups g = column_group(c);
	text_add(unmet, " (there are: ");
	for (size_t i = 0; i < MIN(g.n, (size_t)8); i++)
		text_add(unmet, "%s%.60s", i ? ", " : "", g.names[i]);
	text_add(unmet, "%s)", g.n > 8 ? ", ..." : "");
	column_groups_release(&g);
}

static bool is_so(const struct condition *c, double value)
{
	switch (c->relation) {
	case BELOW:
		return value < c->number;
	case AT_MOST:
		return value <= c->number;
	case ABOVE:
		return value > c->number;
	default:
		return value >= c->number;
	}
}

/* By size: cells without a value go, as they are neither more nor less than anything. */
static int apply_comparison(const struct frame *obs, const struct column *c,
			    const struct condition *is, bool *keep, struct err *err)
{
	if (c->kind == COLUMN_STRING ||
	    (c->kind == COLUMN_CATEGORY && c->category_kind == COLUMN_STRING))
		return err_set(err,
			       "column '%s' has words: they are compared by = and !=", c->name);
	for (size_t i = 0; i < obs->n_rows; i++)
		keep[i] &= !column_missing(c, i) && is_so(is, column_number(c, i));
	return 0;
}

static void apply_values(const struct frame *obs, const struct column *c,
			 const struct condition *is, bool *keep, struct text *unmet)
{
	struct accepted a = {.met = NULL};
	struct text scratch = TEXT_INIT;

	cut_values(c, is->value, &a.values);
	MEM_ZERO(a.met, a.values.n);
	for (size_t i = 0; i < obs->n_rows; i++) {
		uint32_t found = strtab_find(&a.values, column_text(c, i, &scratch));
		if (found != STRTAB_NONE)
			a.met[found] = true;
		keep[i] &= (found != STRTAB_NONE) != (is->relation == UNEQUAL);
	}
	note_unmet(c, &a, unmet);
	text_release(&scratch);
	strtab_release(&a.values);
	free(a.met);
}

/*
 * Take the cells away from 'keep' (a flag per row of obs) that a condition leaves out. It reads
 * "COLUMN=VALUE[,VALUE]...", "COLUMN!=VALUE[,VALUE]..." or "COLUMN>NUMBER"; a value that has commas
 * is understood when it is the whole list, or with each as "\,". A missing value equals "" only.
 * Values that no row has are told in 'unmet'.
 */
static int where_apply(struct frame *obs, const char *condition, bool *keep, struct text *unmet,
		       struct err *err)
{
	struct condition is;

	if (!parse_condition(condition, &is))
		BUG("\"%s\" is no condition: %s", condition, where_problem(condition));
	char *name = mem_strn(condition, is.column);
	const struct column *c = frame_column(obs, name, err);
	free(name);
	if (!c)
		return -1;
	if (compares_size(&is))
		return apply_comparison(obs, c, &is, keep, err);
	apply_values(obs, c, &is, keep, unmet);
	return 0;
}

int where_apply_all(struct h5ad *f, const char *const *conditions, size_t n, bool *keep,
		    struct text *unmet, struct err *err)
{
	struct frame *obs = h5ad_obs(f);

	for (size_t i = 0; i < n; i++)
		if (where_apply(obs, conditions[i], keep, unmet, err))
			return err_prefix(err, "%s", h5ad_path(f));
	return 0;
}
