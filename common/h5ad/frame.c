/* frame.c - frames in memory. Reading a file's columns is behind frame->source. */
#include "base/util.h"

#include <inttypes.h>
#include <math.h>

#include "h5ad/frame.h"
#include "h5ad/source.h"

struct frame *frame_new(size_t n_rows)
{
	struct frame *f = mem_zero(1, sizeof(*f));
	f->n_rows = n_rows;
	f->key_name = mem_str("_index");
	return f;
}

void frame_free(struct frame *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_columns; i++)
		column_release(&f->columns[i]);
	if (f->source)
		f->source->free(f);
	free(f->columns);
	free(f->keys);
	free(f->key_name);
	free(f->part.names);
	arena_release(&f->part.arena);
	arena_release(&f->arena);
	free(f);
}

char **frame_keys(struct frame *f, struct err *err)
{
	if (!f->keys && f->source && f->source->keys(f, err))
		return NULL;
	if (!f->keys)
		return err_null(err, "the table has no key column");
	return f->keys;
}

char *const *frame_keys_at(struct frame *f, size_t first, size_t n, struct err *err)
{
	if (f->keys)
		return f->keys + first;
	if (!f->source)
		return err_null(err, "the table has no key column");
	arena_release(&f->part.arena);
	MEM_GROW(f->part.names, n + 1, f->part.cap);
	return f->source->key_part(f, first, n, err) ? NULL : f->part.names;
}

void frame_set_keys(struct frame *f, char *const *keys)
{
	struct arena arena = {0};
	char **copies;
	MEM_ARRAY(copies, f->n_rows);
	for (size_t row = 0; row < f->n_rows; row++)
		copies[row] = arena_str(&arena, keys[row], strlen(keys[row]));
	free(f->keys);
	arena_release(&f->arena);
	f->keys = copies;
	f->arena = arena;
}

static size_t column_place(const struct frame *f, const char *name)
{
	size_t i = 0;
	while (i < f->n_columns && !str_eq(f->columns[i].name, name))
		i++;
	return i;
}

const struct column *frame_find(const struct frame *f, const char *name)
{
	size_t i = column_place(f, name);
	return i < f->n_columns ? &f->columns[i] : NULL;
}

/* "there are a, b, c", the one nearest to what was asked for first, as far as a message goes. */
static void *no_such_column(const struct frame *f, const char *name, struct err *err)
{
	const char **names;
	struct text list = TEXT_INIT;

	if (f->n_columns == 0)
		return err_null(err, "no column '%s': the table has no columns", name);
	MEM_ARRAY(names, f->n_columns);
	for (size_t i = 0; i < f->n_columns; i++)
		names[i] = f->columns[i].name;
	const char *nearest = nearest_name(name, names, f->n_columns);
	if (nearest)
		text_add(&list, "%s", nearest);
	for (size_t i = 0; i < f->n_columns && list.len < 600; i++) {
		if (names[i] == nearest)
			continue;
		text_add(&list, "%s%s", list.len ? ", " : "", names[i]);
	}
	err_set(err, "no column '%s'; there are: %s", name, list.s);
	text_release(&list);
	free(names);
	return NULL;
}

const struct column *frame_column(struct frame *f, const char *name, struct err *err)
{
	size_t i = column_place(f, name);
	return i < f->n_columns ? frame_column_at(f, i, err) : no_such_column(f, name, err);
}

const struct column *frame_column_at(struct frame *f, size_t i, struct err *err)
{
	if (i >= f->n_columns)
		BUG("column %zu of %zu", i, f->n_columns);
	if (!f->columns[i].loaded && f->source->column(f, i, err))
		return NULL;
	return &f->columns[i];
}

/* Free the values, keep what describes the column. */
static void column_empty(struct column *c)
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

void frame_forget(struct frame *f, const struct column *c)
{
	struct column *own = &f->columns[c - f->columns];
	if (!f->source || !own->from_file)
		return;
	column_empty(own);
	own->loaded = false;
}

void frame_add(struct frame *f, struct column *c)
{
	if (c->n != f->n_rows)
		BUG("column '%s' has %zu rows, the table %zu", c->name, c->n, f->n_rows);
	size_t i = column_place(f, c->name);
	if (i == f->n_columns) {
		MEM_GROW(f->columns, f->n_columns + 1, f->cap_columns);
		f->n_columns++;
	} else {
		column_release(&f->columns[i]);
	}
	f->columns[i] = *c;
	memset(c, 0, sizeof(*c));
}

int frame_drop(struct frame *f, const char *name)
{
	size_t i = column_place(f, name);
	if (i == f->n_columns)
		return -1;
	column_release(&f->columns[i]);
	memmove(&f->columns[i], &f->columns[i + 1], (f->n_columns - i - 1) * sizeof(*f->columns));
	f->n_columns--;
	return 0;
}

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

/* Texts of all rows to numbers in the order they come; the sorting is done by column_group. */
static void number_rows(const struct column *c, struct strtab *names, uint32_t *ids)
{
	struct text scratch = TEXT_INIT;
	uint32_t *of_code = NULL;

	if (c->kind == COLUMN_CATEGORY) {
		MEM_ARRAY(of_code, c->n_categories);
		for (size_t i = 0; i < c->n_categories; i++)
			of_code[i] = STRTAB_NONE;
	}
	for (size_t row = 0; row < c->n; row++) {
		uint32_t *known = NULL;
		ids[row] = STRTAB_NONE;
		if (column_missing(c, row))
			continue;
		if (of_code)
			known = &of_code[c->codes[row]];
		if (known && *known != STRTAB_NONE)
			ids[row] = *known;
		else
			ids[row] = strtab_add(names, column_text(c, row, &scratch));
		if (known)
			*known = ids[row];
	}
	free(of_code);
	text_release(&scratch);
}

struct column_groups column_group(const struct column *c)
{
	struct column_groups g = {0};
	struct strtab names = {0};
	uint32_t *ids, *place;

	MEM_ARRAY(ids, c->n);
	number_rows(c, &names, ids);
	uint32_t *order = strtab_sorted(&names);
	g.n = names.n;
	MEM_ARRAY(g.names, g.n);
	MEM_ZERO(g.counts, g.n);
	MEM_ARRAY(g.codes, c->n);
	MEM_ARRAY(place, g.n);
	for (size_t i = 0; i < g.n; i++) {
		const char *s = strtab_str(&names, order[i]);
		g.names[i] = arena_str(&g.arena, s, strlen(s));
		place[order[i]] = (uint32_t)i;
	}
	for (size_t row = 0; row < c->n; row++) {
		g.codes[row] = ids[row] == STRTAB_NONE ? -1 : (int32_t)place[ids[row]];
		if (g.codes[row] < 0)
			g.n_missing++;
		else
			g.counts[g.codes[row]]++;
	}
	free(place);
	free(order);
	free(ids);
	strtab_release(&names);
	return g;
}

void column_groups_release(struct column_groups *g)
{
	free(g->codes);
	free(g->names);
	free(g->counts);
	arena_release(&g->arena);
	memset(g, 0, sizeof(*g));
}
