/* cohort.c - see cohort.h. */
#include "base/util.h"

#include "base/counter_rng.h"
#include "train/cohort/cohort_private.h"

#define SAMPLE_PARTS 8     /* a level is about so much smaller than the next */
#define SAMPLE_LEAST 40    /* cells of a class in the smallest sample */
#define TWO_SAMPLES 100000 /* cells from which a second, smaller sample pays */
#define ONE_SAMPLE 4000    /* and a first */

/* ---- classes and cells ---- */

/* A class needs cells enough to be learnt, but in a small reference rare types are small. */
static size_t least_cells(const struct column_groups *label, size_t n_rows, size_t asked)
{
	size_t n = 0, root = 0;

	if (asked != COHORT_BY_SIZE)
		return MAX(asked, 1);
	for (size_t row = 0; row < n_rows; row++)
		n += label->codes[row] >= 0;
	while ((root + 1) * (root + 1) <= n)
		root++;
	return MIN(MAX(root / 8, 5), 50);
}

/* Which labels stay: enough training cells. Fills classes, counts, dropped, and the new codes. */
static void keep_classes(struct cohort *c, const struct column_groups *label, size_t n_rows,
			 const struct cohort_rules *rules, int32_t *new_code)
{
	const struct placeholders *placeholders = rules->placeholders;
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
		if (!name[0] || placeholders_has(placeholders, name))
			continue;
		if (count[g] < c->min_cells) {
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

/* Cells whose label is no type are cells without a label, but said. */
static void drop_placeholders(struct cohort *c, struct column_groups *label, size_t n_rows,
			      const struct placeholders *p)
{
	size_t *number = mem_zero(label->n, sizeof(*number)); /* in 'no_types', from 1 */

	MEM_ARRAY(c->no_types, label->n);
	for (size_t g = 0; g < label->n; g++) {
		const char *name = label->names[g];

		if (!placeholders_has(p, name))
			continue;
		c->no_types[c->n_no_types].name = arena_str(&c->arena, name, strlen(name));
		c->no_types[c->n_no_types].n_cells = 0;
		number[g] = ++c->n_no_types;
	}
	for (size_t row = 0; row < n_rows && c->n_no_types; row++) {
		size_t k = label->codes[row] < 0 ? 0 : number[label->codes[row]];

		if (!k)
			continue;
		c->no_types[k - 1].n_cells++;
		label->codes[row] = -1;
	}
	free(number);
}

/* What the smallest classes cost. Those with no cell at all but held-out ones are no loss here. */
static int check_loss(const struct cohort *c, const struct cohort_rules *rules, struct err *err)
{
	size_t n_types = 0, n_lost = 0, n_kept = 0, smallest = SIZE_MAX;

	for (size_t i = 0; i < c->n_classes; i++)
		n_kept += c->count[i];
	for (size_t i = 0; i < c->n_dropped; i++) {
		if (!c->dropped[i].n_cells)
			continue;
		n_types++;
		n_lost += c->dropped[i].n_cells;
		smallest = MIN(smallest, c->dropped[i].n_cells);
	}
	if (rules->allow_loss ||
	    (10 * n_lost <= n_lost + n_kept && 3 * n_types <= n_types + c->n_classes))
		return 0;
	return err_refuse(err,
			  "obs column %s: %zu of %zu types, %zu of %zu cells, have fewer than "
			  "--min-cells %zu cells and would be left out: the model would call them "
			  "something else (--min-cells %zu keeps all; --allow-loss trains without "
			  "them)",
			  rules->label, n_types, n_types + c->n_classes, n_lost, n_lost + n_kept,
			  c->min_cells, smallest);
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
		return check_loss(c, rules, err);
	return err_set(err,
		       "obs column %s: %zu class%s with at least %zu training cells, at least "
		       "2 are needed (%zu smaller ones; see --min-cells)",
		       rules->label, c->n_classes, c->n_classes == 1 ? "" : "es", c->min_cells,
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

	*c = (struct cohort){.n_copies = 1};
	if (!column)
		return -1;
	label = column_group(column);
	drop_empty(&label, obs->n_rows);
	c->n_unlabelled = label.n_missing;
	drop_placeholders(c, &label, obs->n_rows, rules->placeholders);
	ret = cohort_hold_out(c, obs, &label, rules, err) ||
	      cohort_make_folds(c, obs, &label, rules, err);
	if (!ret) {
		new_code = mem_alloc(label.n, sizeof(*new_code));
		c->min_cells = least_cells(&label, obs->n_rows, rules->min_cells);
		keep_classes(c, &label, obs->n_rows, rules, new_code);
		keep_cells(c, &label, obs->n_rows, new_code);
		free(new_code);
		ret = check_classes(c, rules, err);
	}
	column_groups_release(&label);
	return ret ? -1 : 0;
}

static void *copy_each(void *from, size_t n, size_t size, size_t n_copies)
{
	char *to = from ? mem_alloc(mem_product(n, n_copies), size) : NULL;

	for (size_t i = 0; to && i < n * n_copies; i++)
		memcpy(to + i * size, (const char *)from + i / n_copies * size, size);
	free(from);
	return to;
}

void cohort_copy(struct cohort *c, size_t n_copies)
{
	c->rows = copy_each(c->rows, c->n, sizeof(*c->rows), n_copies);
	c->class_of = copy_each(c->class_of, c->n, sizeof(*c->class_of), n_copies);
	c->held = copy_each(c->held, c->n, sizeof(*c->held), n_copies);
	c->fold = copy_each(c->fold, c->n, sizeof(*c->fold), n_copies);
	for (size_t k = 0; k < c->n_classes; k++)
		c->count[k] *= n_copies;
	c->n *= n_copies;
	c->n_held *= n_copies;
	c->n_copies = n_copies;
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
	free(c->no_types);
	arena_release(&c->arena);
	*c = (struct cohort){0};
}

uint8_t *cohort_levels(const struct cohort *c, uint64_t seed)
{
	uint8_t *level = mem_zero(c->n, 1);
	uint8_t top = c->n >= TWO_SAMPLES ? 2 : c->n >= ONE_SAMPLE ? 1 : 0;

	for (size_t i = 0; i < c->n; i++) {
		double least = (double)SAMPLE_LEAST / (double)MAX(c->count[c->class_of[i]], 1);
		double draw = draw_unit(seed, DRAW_LEVEL, c->rows[i]), share = 1;

		level[i] = top;
		for (uint8_t l = top; l > 0; l--) {
			share /= SAMPLE_PARTS;
			if (draw < MAX(share, least))
				level[i] = (uint8_t)(l - 1);
		}
	}
	return level;
}
