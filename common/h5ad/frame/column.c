/* column.c - see column.h. */
#include "base/util.h"

#include <inttypes.h>
#include <math.h>

#include "h5ad/frame/column.h"

struct column column_new(const char *name, enum column_kind kind, size_t n)
{
	struct column c = {.name = mem_str(name), .kind = kind, .loaded = true, .n = n};

	switch (kind) {
	case COLUMN_STRING:
		MEM_ZERO(c.strings, n);
		break;
	case COLUMN_CATEGORY:
		MEM_ARRAY(c.codes, n);
		for (size_t row = 0; row < n; row++)
			c.codes[row] = -1;
		return c;
	case COLUMN_BOOL:
		MEM_ZERO(c.bools, n);
		break;
	case COLUMN_INT:
		MEM_ZERO(c.ints, n);
		c.width = 8;
		break;
	case COLUMN_FLOAT:
		MEM_ARRAY(c.floats, n);
		c.width = 8;
		for (size_t row = 0; row < n; row++)
			c.floats[row] = NAN;
		break;
	}
	MEM_ARRAY(c.missing, n);
	memset(c.missing, 1, n);
	return c;
}

void column_set_string(struct column *c, size_t row, const char *value)
{
	c->strings[row] = arena_str(&c->arena, value, strlen(value));
	if (c->missing)
		c->missing[row] = 0;
}

void column_set_number(struct column *c, size_t row, double value)
{
	if (c->kind == COLUMN_BOOL)
		c->bools[row] = value != 0;
	else if (c->kind == COLUMN_INT)
		c->ints[row] = (int64_t)value;
	else
		c->floats[row] = value;
	if (c->missing)
		c->missing[row] = 0;
}

void column_set_missing(struct column *c, size_t row)
{
	if (c->kind == COLUMN_CATEGORY) {
		c->codes[row] = -1;
		return;
	}
	if (!c->missing)
		MEM_ZERO(c->missing, c->n);
	c->missing[row] = 1;
	if (c->kind == COLUMN_STRING)
		c->strings[row] = NULL;
	if (c->kind == COLUMN_FLOAT)
		c->floats[row] = NAN;
}

struct column column_categories(const char *name, char *const *values, size_t n)
{
	struct column c = column_new(name, COLUMN_CATEGORY, n);
	struct strtab seen = {0};

	for (size_t row = 0; row < n; row++) {
		if (values[row])
			c.codes[row] = (int32_t)strtab_add(&seen, values[row]);
	}
	uint32_t *order = strtab_sorted(&seen);
	int32_t *place;
	MEM_ARRAY(place, seen.n);
	MEM_ARRAY(c.categories, seen.n);
	for (size_t i = 0; i < seen.n; i++) {
		const char *s = strtab_str(&seen, order[i]);
		c.categories[i] = arena_str(&c.arena, s, strlen(s));
		place[order[i]] = (int32_t)i;
	}
	c.n_categories = seen.n;
	for (size_t row = 0; row < n; row++) {
		if (c.codes[row] >= 0)
			c.codes[row] = place[c.codes[row]];
	}
	free(place);
	free(order);
	strtab_release(&seen);
	return c;
}

void column_empty(struct column *c)
{
	free(c->missing);
	free(c->strings);
	free(c->codes);
	free(c->categories);
	free(c->bools);
	free(c->ints);
	free(c->floats);
	c->missing = NULL;
	c->strings = NULL;
	c->codes = NULL;
	c->categories = NULL;
	c->bools = NULL;
	c->ints = NULL;
	c->floats = NULL;
	c->n_categories = 0;
	arena_release(&c->arena);
}

void column_release(struct column *c)
{
	column_empty(c);
	free(c->name);
	memset(c, 0, sizeof(*c));
}

bool column_missing(const struct column *c, size_t row)
{
	switch (c->kind) {
	case COLUMN_STRING:
		return !c->strings[row];
	case COLUMN_CATEGORY:
		return c->codes[row] < 0;
	case COLUMN_FLOAT:
		return isnan(c->floats[row]) || (c->missing && c->missing[row]);
	default:
		return c->missing && c->missing[row];
	}
}

static void add_float(struct text *t, double value, uint8_t width)
{
	char digits[32];
	double back;

	int len = format_float(digits, value);
	if (width == 8 && (!parse_double(digits, &back) || back != value))
		len = format_shortest(digits, value);
	text_add_bytes(t, digits, (size_t)len);
}

const char *column_text(const struct column *c, size_t row, struct text *scratch)
{
	if (column_missing(c, row))
		return "";
	text_clear(scratch);
	switch (c->kind) {
	case COLUMN_STRING:
		return c->strings[row];
	case COLUMN_CATEGORY:
		return c->categories[c->codes[row]];
	case COLUMN_BOOL:
		return c->bools[row] ? "True" : "False";
	case COLUMN_INT:
		if (column_is_u64(c))
			text_add(scratch, "%" PRIu64, (uint64_t)c->ints[row]);
		else
			text_add(scratch, "%" PRId64, c->ints[row]);
		break;
	case COLUMN_FLOAT:
		add_float(scratch, c->floats[row], c->width);
		break;
	}
	return scratch->s;
}

double column_number(const struct column *c, size_t row)
{
	double value;

	if (column_missing(c, row))
		return NAN;
	switch (c->kind) {
	case COLUMN_STRING:
		return parse_double(c->strings[row], &value) ? value : NAN;
	case COLUMN_CATEGORY:
		return parse_double(c->categories[c->codes[row]], &value) ? value : NAN;
	case COLUMN_BOOL:
		return c->bools[row];
	case COLUMN_INT:
		return column_is_u64(c) ? (double)(uint64_t)c->ints[row] : (double)c->ints[row];
	case COLUMN_FLOAT:
		return c->floats[row];
	}
	return NAN;
}

static char **copy_strings(struct arena *arena, char *const *strings, size_t n)
{
	char **copies;
	MEM_ARRAY(copies, n);
	for (size_t i = 0; i < n; i++)
		copies[i] = arena_str(arena, strings[i], strlen(strings[i]));
	return copies;
}

struct column column_take(const struct column *c, const size_t *rows, size_t n)
{
	struct column t = column_new(c->name, c->kind, n);

	t.nullable = c->nullable;
	t.ordered = c->ordered;
	t.width = c->width;
	t.is_unsigned = c->is_unsigned;
	if (c->kind == COLUMN_CATEGORY) {
		t.categories = copy_strings(&t.arena, c->categories, c->n_categories);
		t.n_categories = c->n_categories;
		t.category_kind = c->category_kind;
		for (size_t i = 0; i < n; i++)
			t.codes[i] = c->codes[rows[i]];
		return t;
	}
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		size_t row = rows[i];
		t.missing[i] = column_missing(c, row);
		any |= t.missing[i];
		if (c->kind == COLUMN_FLOAT)
			t.floats[i] = c->floats[row];
		else if (c->kind == COLUMN_BOOL)
			t.bools[i] = c->bools[row];
		else if (c->kind == COLUMN_INT)
			t.ints[i] = c->ints[row];
		else if (!t.missing[i])
			column_set_string(&t, i, c->strings[row]);
	}
	if (!any || c->kind == COLUMN_FLOAT) {
		free(t.missing);
		t.missing = NULL;
	}
	return t;
}

void column_drop_unused(struct column *c)
{
	int32_t *place;
	size_t n = 0;

	if (c->kind != COLUMN_CATEGORY)
		return;
	MEM_ZERO(place, c->n_categories);
	for (size_t row = 0; row < c->n; row++) {
		if (c->codes[row] >= 0)
			place[c->codes[row]] = 1;
	}
	for (size_t i = 0; i < c->n_categories; i++) {
		if (!place[i])
			continue;
		c->categories[n] = c->categories[i];
		place[i] = (int32_t)n++;
	}
	c->n_categories = n;
	for (size_t row = 0; row < c->n; row++) {
		if (c->codes[row] >= 0)
			c->codes[row] = place[c->codes[row]];
	}
	free(place);
}
