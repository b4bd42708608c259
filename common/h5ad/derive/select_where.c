/* select_where.c - the conditions of select.h: COLUMN=VALUE and COLUMN!=VALUE. */
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

const char *where_problem(const char *condition)
{
	const char *equals = strchr(condition, '=');

	return !equals || equals == condition ? "should be COLUMN=VALUE or COLUMN!=VALUE" : NULL;
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

/*
 * Take the cells away from 'keep' (a flag per row of obs) that a condition leaves out. It reads
 * "COLUMN=VALUE[,VALUE]..." or "COLUMN!=VALUE[,VALUE]..."; a value that has commas is understood
 * when it is the whole list, or with each as "\,". A missing value equals "" only. Values that no
 * row has are told in 'unmet'.
 */
static int where_apply(struct frame *obs, const char *condition, bool *keep, struct text *unmet,
		       struct err *err)
{
	const char *equals = strchr(condition, '=');
	struct accepted a = {.met = NULL};
	struct text scratch = TEXT_INIT;

	if (where_problem(condition))
		return err_set(err, "\"%s\" is no condition: %s", condition,
			       where_problem(condition));
	bool negated = equals[-1] == '!';
	char *name = mem_strn(condition, (size_t)(equals - condition) - negated);
	const struct column *c = frame_column(obs, name, err);
	free(name);
	if (!c)
		return -1;
	cut_values(c, equals + 1, &a.values);
	MEM_ZERO(a.met, a.values.n);
	for (size_t i = 0; i < obs->n_rows; i++) {
		uint32_t found = strtab_find(&a.values, column_text(c, i, &scratch));
		if (found != STRTAB_NONE)
			a.met[found] = true;
		keep[i] &= (found != STRTAB_NONE) != negated;
	}
	note_unmet(c, &a, unmet);
	text_release(&scratch);
	strtab_release(&a.values);
	free(a.met);
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
