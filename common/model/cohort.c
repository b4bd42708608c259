#include "base/util.h"

#include "base/rng.h"
#include "model/cohort.h"

#define HELD_SHARE 0.2     /* of the cells, when whole groups are held out */
#define SAMPLE_PARTS 8     /* a level is about so much smaller than the next */
#define SAMPLE_LEAST 40    /* cells of a class in the smallest sample */
#define TWO_SAMPLES 100000 /* cells from which a second, smaller sample pays */
#define ONE_SAMPLE 4000    /* and a first */

/* A number in [0, 1) that belongs to (seed, what, i). */
static double drawn(uint64_t seed, uint64_t what, uint64_t i)
{
	return (double)(mix64(mix64(seed + mix64(what)) + i) >> 11) * 0x1p-53;
}

/* ---- holding out ---- */

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
			c->held[row] = drawn(seed, 1, row) < fraction;
	say_held(c, mem_printf("%g of the cells, drawn", fraction));
	return 0;
}

struct dealt {
	const char *name;
	size_t group, n_cells;
	uint64_t order;
};

static int by_draw(const void *a, const void *b)
{
	const struct dealt *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int by_size(const void *a, const void *b)
{
	const struct dealt *x = a, *y = b;

	if (x->n_cells != y->n_cells)
		return x->n_cells > y->n_cells ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* The groups of labelled cells, with a drawn order that follows from seed and name. */
static struct dealt *deal_groups(const struct column_groups *groups,
				 const struct column_groups *label, size_t n_rows, uint64_t seed)
{
	struct dealt *dealt = mem_zero(groups->n, sizeof(*dealt));

	for (size_t g = 0; g < groups->n; g++) {
		dealt[g].name = groups->names[g];
		dealt[g].group = g;
		dealt[g].order =
			hash_bytes(groups->names[g], strlen(groups->names[g]), mix64(seed));
	}
	for (size_t row = 0; row < n_rows; row++)
		if (label->codes[row] >= 0 && groups->codes[row] >= 0)
			dealt[groups->codes[row]].n_cells++;
	return dealt;
}

/* Hold out groups in drawn order until a fifth of the cells is out, but never all groups. */
static int hold_groups(struct cohort *c, const char *column, const struct column_groups *groups,
		       const struct column_groups *label, size_t n_rows, uint64_t seed,
		       struct err *err)
{
	struct dealt *dealt = deal_groups(groups, label, n_rows, seed);
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

static int hold_out(struct cohort *c, struct frame *obs, const struct column_groups *label,
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

/* ---- folds ---- */

/* Largest groups first, each to the fold with fewest cells so far. */
static int deal_folds(uint16_t *fold, const struct column_groups *groups,
		      const struct column_groups *label, size_t n_rows,
		      const struct cohort_rules *rules, struct err *err)
{
	struct dealt *dealt = deal_groups(groups, label, n_rows, rules->seed);
	size_t *filled = mem_zero(rules->folds, sizeof(*filled)), n_groups = 0;
	uint16_t *fold_of = mem_zero(groups->n, sizeof(*fold_of));

	qsort(dealt, groups->n, sizeof(*dealt), by_size);
	for (size_t g = 0; g < groups->n; g++) {
		size_t least = 0;

		n_groups += dealt[g].n_cells > 0;
		for (size_t f = 1; f < rules->folds; f++)
			if (filled[f] < filled[least])
				least = f;
		fold_of[dealt[g].group] = (uint16_t)least;
		filled[least] += dealt[g].n_cells;
	}
	for (size_t row = 0; row < n_rows; row++)
		if (groups->codes[row] >= 0)
			fold[row] = fold_of[groups->codes[row]];
		else
			fold[row] = (uint16_t)(mix64(rules->seed + row) % rules->folds);
	free(filled);
	free(fold_of);
	free(dealt);
	if (n_groups < rules->folds)
		return err_set(err, "--folds %zu --by %s: there are only %zu groups", rules->folds,
			       rules->by, n_groups);
	return 0;
}

struct ranked {
	uint64_t order;
	size_t row;
};

static int by_order(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* Every class spread evenly over the folds, in a drawn order. */
static void deal_stratified(uint16_t *fold, const struct column_groups *label, size_t n_rows,
			    const struct cohort_rules *rules)
{
	struct ranked *ranked = mem_alloc(n_rows, sizeof(*ranked));
	size_t *next = mem_zero(label->n, sizeof(*next));

	for (size_t row = 0; row < n_rows; row++)
		ranked[row] = (struct ranked){mix64(mix64(rules->seed + 2) + row), row};
	qsort(ranked, n_rows, sizeof(*ranked), by_order);
	for (size_t i = 0; i < n_rows; i++) {
		int32_t code = label->codes[ranked[i].row];

		if (code >= 0)
			fold[ranked[i].row] =
				(uint16_t)((next[code]++ + (size_t)code) % rules->folds);
	}
	free(next);
	free(ranked);
}

static int make_folds(struct cohort *c, struct frame *obs, const struct column_groups *label,
		      const struct cohort_rules *rules, struct err *err)
{
	const struct column *column;
	struct column_groups groups;
	int ret;

	if (!rules->folds)
		return 0;
	if (rules->folds < 2 || rules->folds > 1000)
		return err_set(err, "--folds %zu: from 2 to 1000", rules->folds);
	c->n_folds = rules->folds;
	MEM_ZERO(c->fold, obs->n_rows);
	if (!rules->by) {
		deal_stratified(c->fold, label, obs->n_rows, rules);
		return 0;
	}
	column = frame_column(obs, rules->by, err);
	if (!column)
		return -1;
	groups = column_group(column);
	ret = deal_folds(c->fold, &groups, label, obs->n_rows, rules, err);
	column_groups_release(&groups);
	return ret;
}

/* ---- classes and cells ---- */

/* Which labels stay: enough training cells. Fills classes, counts, dropped, and the new codes. */
static void keep_classes(struct cohort *c, const struct column_groups *label, size_t n_rows,
			 size_t min_cells, int32_t *new_code)
{
	size_t *count = mem_zero(label->n, sizeof(*count));

	for (size_t row = 0; row < n_rows; row++)
		if (label->codes[row] >= 0 && !(c->held && c->held[row]))
			count[label->codes[row]]++;
	MEM_ARRAY(c->classes, label->n);
	MEM_ARRAY(c->count, label->n);
	MEM_ARRAY(c->dropped, label->n);
	for (size_t g = 0; g < label->n; g++) {
		char *name = arena_str(&c->arena, label->names[g], strlen(label->names[g]));

		new_code[g] = -1;
		if (!name[0])
			continue;
		if (count[g] < MAX(min_cells, 1)) {
			c->dropped[c->n_dropped++] = (struct dropped_class){name, count[g]};
			continue;
		}
		new_code[g] = (int32_t)c->n_classes;
		c->classes[c->n_classes] = name;
		c->count[c->n_classes++] = count[g];
	}
	free(count);
}

static void keep_cells(struct cohort *c, const struct column_groups *label, size_t n_rows,
		       const int32_t *new_code)
{
	MEM_ARRAY(c->rows, n_rows);
	MEM_ARRAY(c->class_of, n_rows);
	for (size_t row = 0; row < n_rows; row++) {
		int32_t code = label->codes[row] < 0 ? -1 : new_code[label->codes[row]];

		if (code < 0)
			continue;
		c->rows[c->n] = row;
		c->class_of[c->n] = code;
		if (c->held) {
			c->held[c->n] = c->held[row];
			c->n_held += c->held[row];
		}
		if (c->fold)
			c->fold[c->n] = c->fold[row];
		c->n++;
	}
}

static int check_classes(const struct cohort *c, const struct cohort_rules *rules, struct err *err)
{
	for (size_t i = 0; i < c->n_classes; i++)
		if (strpbrk(c->classes[i], "\t\n\r"))
			return err_set(err,
				       "obs column %s: label \"%s\" has a tab or newline "
				       "(rename it, for example with h5-obs)",
				       rules->label, c->classes[i]);
	if (c->n_classes >= 2)
		return 0;
	return err_set(err,
		       "obs column %s: %zu class%s with at least %zu training cells, at least "
		       "2 are needed (%zu smaller ones; see --min-cells)",
		       rules->label, c->n_classes, c->n_classes == 1 ? "" : "es", rules->min_cells,
		       c->n_dropped);
}

/* R and spreadsheets write a label that is missing as an empty text. */
static void drop_empty(struct column_groups *label, size_t n_rows)
{
	for (size_t row = 0; row < n_rows; row++) {
		if (label->codes[row] >= 0 && !label->names[label->codes[row]][0]) {
			label->codes[row] = -1;
			label->n_missing++;
		}
	}
}

int cohort_gather(struct cohort *c, struct frame *obs, const struct cohort_rules *rules,
		  struct err *err)
{
	const struct column *column = frame_column(obs, rules->label, err);
	struct column_groups label;
	int32_t *new_code;
	int ret;

	*c = (struct cohort){0};
	if (!column)
		return -1;
	label = column_group(column);
	drop_empty(&label, obs->n_rows);
	c->n_unlabelled = label.n_missing;
	ret = hold_out(c, obs, &label, rules, err) || make_folds(c, obs, &label, rules, err);
	if (!ret) {
		new_code = mem_alloc(label.n, sizeof(*new_code));
		keep_classes(c, &label, obs->n_rows, rules->min_cells, new_code);
		keep_cells(c, &label, obs->n_rows, new_code);
		free(new_code);
		ret = check_classes(c, rules, err);
	}
	column_groups_release(&label);
	return ret ? -1 : 0;
}

void cohort_release(struct cohort *c)
{
	free(c->rows);
	free(c->class_of);
	free(c->held);
	free(c->fold);
	free(c->classes);
	free(c->count);
	free(c->dropped);
	arena_release(&c->arena);
	*c = (struct cohort){0};
}

uint8_t *cohort_levels(const struct cohort *c, uint64_t seed)
{
	uint8_t *level = mem_zero(c->n, 1);
	uint8_t top = c->n >= TWO_SAMPLES ? 2 : c->n >= ONE_SAMPLE ? 1 : 0;

	for (size_t i = 0; i < c->n; i++) {
		double least = (double)SAMPLE_LEAST / (double)MAX(c->count[c->class_of[i]], 1);
		double draw = drawn(seed, 3, c->rows[i]), share = 1;

		level[i] = top;
		for (uint8_t l = top; l > 0; l--) {
			share /= SAMPLE_PARTS;
			if (draw < MAX(share, least))
				level[i] = (uint8_t)(l - 1);
		}
	}
	return level;
}
