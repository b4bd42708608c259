/* cohort_holdout.c - who is left out of training to judge by. */
#include "base/util.h"

#include "base/counter_rng.h"
#include "train/cohort/cohort_private.h"

#define HELD_SHARE 0.2 /* of the cells, when whole groups are held out */

static void say_held(struct cohort *c, char *what)
{
	c->held_what = arena_str(&c->arena, what, strlen(what));
	free(what);
}

static int hold_fraction(struct cohort *c, const struct column_groups *label, size_t n_rows,
			 double fraction, uint64_t seed, struct err *err)
{
	if (!(fraction > 0 && fraction < 1))
		return err_set(err, "--holdout %g: a fraction is above 0 and below 1", fraction);
	for (size_t row = 0; row < n_rows; row++)
		if (label->codes[row] >= 0)
			c->held[row] = draw_unit(seed, DRAW_HELD_OUT, row) < fraction;
	say_held(c, mem_printf("%g of the cells, drawn", fraction));
	return 0;
}

static int by_draw(const void *a, const void *b)
{
	const struct dealt *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Hold out groups in drawn order until a fifth of the cells is out, but never all groups. */
static int hold_groups(struct cohort *c, const char *column, const struct column_groups *groups,
		       const struct column_groups *label, size_t n_rows, uint64_t seed,
		       struct err *err)
{
	struct dealt *dealt = cohort_groups(groups, label, n_rows, seed);
	uint8_t *out = mem_zero(groups->n, 1);
	struct text what = TEXT_INIT;
	size_t total = 0, held = 0;
	int ret = 0;

	for (size_t g = 0; g < groups->n; g++)
		total += dealt[g].n_cells;
	qsort(dealt, groups->n, sizeof(*dealt), by_draw);
	for (size_t g = 0; g + 1 < groups->n && (double)held < HELD_SHARE * (double)total; g++) {
		out[dealt[g].group] = 1;
		held += dealt[g].n_cells;
		text_add(&what, "%s%s", what.len ? ", " : "", dealt[g].name);
	}
	if (!held)
		ret = err_set(err,
			      "--holdout %s: %zu group%s with labelled cells: at least 2 are "
			      "needed",
			      column, groups->n, groups->n == 1 ? "" : "s");
	for (size_t row = 0; row < n_rows; row++)
		c->held[row] = groups->codes[row] >= 0 && out[groups->codes[row]];
	say_held(c, mem_printf("%s: %s", column, what.s));
	text_release(&what);
	free(out);
	free(dealt);
	return ret;
}

/* COLUMN=VALUE: the cells with that value. */
static int hold_value(struct cohort *c, struct frame *obs, const char *rule, struct err *err)
{
	const char *equals = strchr(rule, '=');
	char *name = mem_strn(rule, (size_t)(equals - rule));
	const struct column *column = frame_column(obs, name, err);
	struct text scratch = TEXT_INIT;
	size_t n = 0;

	for (size_t row = 0; column && row < obs->n_rows; row++) {
		c->held[row] = str_eq(column_text(column, row, &scratch), equals + 1);
		n += c->held[row];
	}
	if (column && !n)
		err_set(err, "--holdout %s: no cell has this value", rule);
	c->held_what = arena_str(&c->arena, rule, strlen(rule));
	text_release(&scratch);
	free(name);
	return column && n ? 0 : -1;
}

int cohort_hold_out(struct cohort *c, struct frame *obs, const struct column_groups *label,
		    const struct cohort_rules *rules, struct err *err)
{
	const struct column *column;
	struct column_groups groups;
	double fraction;
	int ret;

	if (!rules->holdout)
		return 0;
	MEM_ZERO(c->held, obs->n_rows);
	if (parse_double(rules->holdout, &fraction))
		return hold_fraction(c, label, obs->n_rows, fraction, rules->seed, err);
	if (!frame_find(obs, rules->holdout) && strchr(rules->holdout, '='))
		return hold_value(c, obs, rules->holdout, err);
	column = frame_column(obs, rules->holdout, err);
	if (!column)
		return -1;
	groups = column_group(column);
	ret = hold_groups(c, rules->holdout, &groups, label, obs->n_rows, rules->seed, err);
	column_groups_release(&groups);
	return ret;
}
