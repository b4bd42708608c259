/* text_table.c - tables of text, matched by name and given kinds. */
#include "base/util.h"

#include <math.h>

#include "h5ad/frame/text_table.h"

/* ---- reading ------------------------------------------------------------------------------ */

/* Rows until it is asked whether a column repeats itself. */
#define ROWS_TO_KNOW ((size_t)256)

struct text_column {
	struct strtab texts; /* every distinct value, while they repeat themselves */
	uint32_t *numbers;   /* per row, one of them; NULL once 'all' is used */
	size_t cap_numbers;
	char *all; /* every row's value, one after the other, with a NUL behind each */
	size_t len, cap;
};

static void add_plainly(struct text_column *c, const char *s, size_t len)
{
	MEM_GROW(c->all, c->len + len + 1, c->cap);
	memcpy(c->all + c->len, s, len);
	c->all[c->len + len] = '\0';
	c->len += len + 1;
}

/* From now on each row for itself. */
static void stop_numbering(struct text_column *c, size_t n_rows)
{
	for (size_t row = 0; row < n_rows; row++) {
		const char *s = strtab_str(&c->texts, c->numbers[row]);

		add_plainly(c, s, strlen(s));
	}
	strtab_release(&c->texts);
	free(c->numbers);
	c->numbers = NULL;
}

static void add_row(struct text_table *t, const struct tsv *in)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		struct text_column *c = &t->columns[i];

		if (c->all) {
			add_plainly(c, in->fields[i], in->lengths[i]);
			continue;
		}
		MEM_GROW(c->numbers, t->n_rows + 1, c->cap_numbers);
		c->numbers[t->n_rows] = strtab_add_n(&c->texts, in->fields[i], in->lengths[i]);
		if (i && t->n_rows + 1 >= ROWS_TO_KNOW && c->texts.n > t->n_rows / 2)
			stop_numbering(c, t->n_rows + 1);
	}
	t->n_rows++;
}

/* Keys are what rows are found by: none may be there twice. */
static int check_keys(const struct text_table *t, struct err *err)
{
	const struct text_column *keys = &t->columns[0];
	uint8_t *seen = mem_zero(MAX(1, keys->texts.n), 1);
	size_t n_again = 0, first = 0;

	for (size_t row = 0; row < t->n_rows; row++) {
		uint32_t key = keys->numbers[row];
		if (seen[key] && n_again++ == 0)
			first = row;
		seen[key] = 1;
	}
	free(seen);
	if (n_again == 0)
		return 0;
	return err_set(err, "%s: %zu rows repeat a %s that came before, the first is '%s'", t->path,
		       n_again, t->names[0], strtab_str(&keys->texts, keys->numbers[first]));
}

struct text_table *text_table_read(const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct text_table *t;
	int got = 0;

	if (!in)
		return NULL;
	t = mem_zero(1, sizeof(*t));
	t->path = mem_str(in->path);
	t->n_columns = in->n_fields;
	MEM_ZERO(t->names, t->n_columns);
	MEM_ZERO(t->columns, t->n_columns);
	for (size_t i = 0; i < t->n_columns; i++)
		t->names[i] = mem_str(in->header[i]);
	while ((got = tsv_next(in, err)) > 0)
		add_row(t, in);
	tsv_close(in);
	if (got < 0 || check_keys(t, err)) {
		text_table_free(t);
		return NULL;
	}
	return t;
}

void text_table_free(struct text_table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_columns; i++) {
		free(t->names[i]);
		strtab_release(&t->columns[i].texts);
		free(t->columns[i].numbers);
		free(t->columns[i].all);
	}
	free(t->names);
	free(t->columns);
	free(t->path);
	free(t);
}

size_t text_table_column(const struct text_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (str_eq(t->names[i], name))
			return i;
	}
	return SIZE_MAX;
}

/* ---- matching ----------------------------------------------------------------------------- */

struct text_match text_table_match(const struct text_table *t, char *const *names, size_t n)
{
	const struct text_column *keys = &t->columns[0];
	struct text_match m = {0};
	size_t *row_of; /* per text, the row whose key it is */
	uint8_t *used = mem_zero(MAX(1, t->n_rows), 1);

	MEM_ARRAY(row_of, keys->texts.n);
	MEM_ARRAY(m.rows, n);
	for (size_t i = 0; i < keys->texts.n; i++)
		row_of[i] = SIZE_MAX;
	for (size_t row = 0; row < t->n_rows; row++)
		row_of[keys->numbers[row]] = row;
	for (size_t i = 0; i < n; i++) {
		uint32_t text = names[i] ? strtab_find(&keys->texts, names[i]) : STRTAB_NONE;
		m.rows[i] = text == STRTAB_NONE ? SIZE_MAX : row_of[text];
		if (m.rows[i] == SIZE_MAX)
			continue;
		used[m.rows[i]] = 1;
		m.n_matched++;
	}
	for (size_t row = 0; row < t->n_rows; row++) {
		if (!used[row] && m.n_unknown++ == 0)
			m.unknown = strtab_str(&keys->texts, keys->numbers[row]);
	}
	free(row_of);
	free(used);
	return m;
}

/* Where each row's value stands in a column that has each for itself. */
static const char **row_starts(const struct text_column *c, size_t n_rows)
{
	const char **starts = mem_alloc(n_rows, sizeof(*starts)), *at = c->all;

	for (size_t row = 0; row < n_rows; row++) {
		starts[row] = at;
		at += strlen(at) + 1;
	}
	return starts;
}

char **text_table_values(const struct text_table *t, size_t column, const struct text_match *m,
			 size_t n)
{
	const struct text_column *c = &t->columns[column];
	const char **starts = c->all ? row_starts(c, t->n_rows) : NULL;
	char **values;

	MEM_ARRAY(values, n);
	for (size_t i = 0; i < n; i++) {
		size_t row = m->rows[i];
		const char *text = row == SIZE_MAX ? ""
				   : starts        ? starts[row]
						   : strtab_str(&c->texts, c->numbers[row]);

		values[i] = *text ? (char *)(uintptr_t)text : NULL;
	}
	free(starts);
	return values;
}

/* ---- kinds -------------------------------------------------------------------------------- */

static bool is_bool(const char *s)
{
	return str_eq(s, "True") || str_eq(s, "False") || str_eq(s, "true") || str_eq(s, "false") ||
	       str_eq(s, "TRUE") || str_eq(s, "FALSE");
}

static bool is_na(const char *s)
{
	return str_eq(s, "NA") || str_eq(s, "NaN") || str_eq(s, "nan");
}

/* A whole number as it is written: "007" and "+7" are names, not numbers. */
static bool is_int(const char *s)
{
	int64_t value;
	const char *digits = s + (*s == '-');

	return parse_int(s, INT64_MIN, INT64_MAX, &value) && *digits >= '0' && *digits <= '9' &&
	       !(digits[0] == '0' && digits[1] != '\0');
}

static bool is_float(const char *s)
{
	double value;
	const char *digits = s + (*s == '-');

	return parse_double(s, &value) && !strpbrk(s, "xX") &&
	       !(digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9');
}

/* The narrowest kind that all values have. */
static enum column_kind kind_of(char *const *values, size_t n)
{
	bool bools = true, ints = true, floats = true;

	for (size_t i = 0; i < n && (bools || floats); i++) {
		if (!values[i])
			continue;
		bools = bools && is_bool(values[i]);
		if (is_na(values[i]))
			continue;
		ints = ints && is_int(values[i]);
		floats = floats && is_float(values[i]);
	}
	return bools ? COLUMN_BOOL : ints ? COLUMN_INT : floats ? COLUMN_FLOAT : COLUMN_STRING;
}

static struct column numbers(const char *name, enum column_kind kind, char *const *values, size_t n)
{
	struct column c = column_new(name, kind, n);

	for (size_t i = 0; i < n; i++) {
		double value;
		if (!values[i] || is_na(values[i]))
			continue;
		c.missing[i] = 0;
		if (kind == COLUMN_BOOL)
			c.bools[i] = values[i][0] == 'T' || values[i][0] == 't';
		else if (kind == COLUMN_INT)
			parse_int(values[i], INT64_MIN, INT64_MAX, &c.ints[i]);
		else if (parse_double(values[i], &value))
			c.floats[i] = value;
	}
	return c;
}

static struct column texts(const char *name, char *const *values, size_t n)
{
	struct column c = column_categories(name, values, n);
	bool missing = false;

	for (size_t i = 0; i < n; i++)
		missing |= !values[i];
	if (missing || c.n_categories <= n / 2)
		return c;
	column_release(&c);
	c = column_new(name, COLUMN_STRING, n);
	for (size_t i = 0; i < n; i++)
		column_set_string(&c, i, values[i]);
	return c;
}

struct column column_from_text(const char *name, char *const *values, size_t n, bool is_text)
{
	bool any = false;

	for (size_t i = 0; i < n && !any; i++)
		any = values[i];
	enum column_kind kind = is_text || !any ? COLUMN_STRING : kind_of(values, n);
	return kind == COLUMN_STRING ? texts(name, values, n) : numbers(name, kind, values, n);
}

/* ---- writing ------------------------------------------------------------------------------ */

void frame_put_rows(const char *key_name, char *const *keys, const struct column *const *columns,
		    size_t n_columns, size_t n_rows, struct tsv_writer *out)
{
	struct text scratch = TEXT_INIT;

	tsv_put(out, key_name);
	for (size_t i = 0; i < n_columns; i++)
		tsv_put(out, columns[i]->name);
	tsv_end_row(out);
	for (size_t row = 0; row < n_rows; row++) {
		tsv_put(out, keys[row]);
		for (size_t i = 0; i < n_columns; i++)
			tsv_put(out, column_text(columns[i], row, &scratch));
		tsv_end_row(out);
	}
	text_release(&scratch);
}
