/* table.c - see table.h. */
#include "base/util.h"

#include <math.h>

#include "base/text.h"
#include "format/fields.h"
#include "format/table.h"

#define ROWS_A_PART ((size_t)16384)

size_t table_column(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (str_eq(t->header[i], name))
			return i;
	return SIZE_MAX;
}

int table_need(const struct table *t, const char *name, size_t *column, struct err *err)
{
	return column_place(t->path, t->header, t->n_columns, name, column, err);
}

/* A column's rows in parts, each with an answer of its own. */
struct text_column {
	const struct table *table;
	size_t column;
	double *values;
	uint32_t *ids;
	size_t *bad;            /* per part: the first row that is no number */
	struct strtab *strings; /* per part */
};

static size_t n_row_parts(const struct table *t)
{
	return (t->n + ROWS_A_PART - 1) / ROWS_A_PART;
}

static void read_numbers(void *arg, size_t part)
{
	struct text_column *c = arg;
	size_t end = MIN(c->table->n, (part + 1) * ROWS_A_PART);

	c->bad[part] = SIZE_MAX;
	for (size_t row = part * ROWS_A_PART; row < end; row++) {
		const char *field = table_field(c->table, row, c->column);

		c->values[row] = NAN;
		if (*field && !parse_double(field, &c->values[row]) && c->bad[part] == SIZE_MAX)
			c->bad[part] = row;
	}
}

int table_numbers(const struct table *t, size_t column, struct pool *pool, double *values,
		  struct err *err)
{
	size_t n_parts = n_row_parts(t), bad = SIZE_MAX;
	struct text_column c = {.table = t, .column = column, .values = values};

	MEM_ARRAY(c.bad, n_parts);
	pool_run(pool, n_parts, read_numbers, &c);
	for (size_t i = 0; i < n_parts && bad == SIZE_MAX; i++)
		bad = c.bad[i];
	free(c.bad);
	if (bad == SIZE_MAX)
		return 0;
	return err_set(err, "%s: line %zu: %s is not a number: %s", t->path, bad + 2,
		       t->header[column], table_field(t, bad, column));
}

static void number_strings(void *arg, size_t part)
{
	struct text_column *c = arg;
	size_t end = MIN(c->table->n, (part + 1) * ROWS_A_PART);

	for (size_t row = part * ROWS_A_PART; row < end; row++)
		c->ids[row] = strtab_add(&c->strings[part], table_field(c->table, row, c->column));
}

void table_strings(const struct table *t, size_t column, struct pool *pool, struct strtab *strings,
		   uint32_t *ids)
{
	size_t n_parts = n_row_parts(t);
	struct text_column c = {.table = t, .column = column, .ids = ids};

	MEM_ZERO(c.strings, n_parts);
	pool_run(pool, n_parts, number_strings, &c);
	for (size_t part = 0; part < n_parts; part++) {
		struct strtab *mine = &c.strings[part];
		uint32_t *now = mem_alloc(mine->n, sizeof(*now));
		size_t end = MIN(t->n, (part + 1) * ROWS_A_PART);

		for (uint32_t i = 0; i < mine->n; i++)
			now[i] = strtab_add(strings, strtab_str(mine, i));
		for (size_t row = part * ROWS_A_PART; row < end; row++)
			ids[row] = now[ids[row]];
		strtab_release(mine);
		free(now);
	}
	free(c.strings);
}
