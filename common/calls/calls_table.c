/* calls_table.c - see calls_table.h. */
#include "base/util.h"

#include <math.h>

#include "calls/calls_table.h"
#include "format/tsv.h"

static int read_columns(struct calls_table *t, struct pool *pool, struct err *err)
{
	size_t label, confidence = table_column(t->table, "confidence");

	if (table_need(t->table, "cell", &t->cell, err) ||
	    table_need(t->table, "label", &label, err))
		return -1;
	t->n = t->table->n;
	MEM_ARRAY(t->labels, t->n);
	table_strings(t->table, label, pool, &t->label_names, t->labels);
	MEM_ARRAY(t->confidence, t->n);
	t->has_confidence = confidence != SIZE_MAX;
	if (t->has_confidence && table_numbers(t->table, confidence, pool, t->confidence, err))
		return -1;
	for (size_t cell = 0; cell < t->n; cell++) {
		if (!t->has_confidence)
			t->confidence[cell] = NAN;
		else if (isinf(t->confidence[cell]))
			return err_set(err, "%s: line %zu: confidence is infinite", t->table->path,
				       cell + 2);
	}
	return 0;
}

struct calls_table *calls_table_read(const char *path, struct pool *pool, struct err *err)
{
	struct calls_table *t = mem_zero(1, sizeof(*t));

	t->table = table_read(path, pool, err);
	if (t->table && read_columns(t, pool, err) == 0) {
		t->path = t->table->path;
		return t;
	}
	calls_table_free(t);
	return NULL;
}

int calls_table_index(struct calls_table *t, struct pool *pool, struct err *err)
{
	return table_keys_of(&t->cells, t->table, t->cell, "cell", pool, err);
}

void calls_table_free(struct calls_table *t)
{
	if (!t)
		return;
	table_keys_release(&t->cells);
	strtab_release(&t->label_names);
	table_free(t->table);
	free(t->labels);
	free(t->confidence);
	free(t);
}

int calls_table_number(const struct calls_table *t, const char *column, struct pool *pool,
		       struct strtab *names, uint32_t *numbers, struct err *err)
{
	size_t at = table_column(t->table, column);

	if (at == SIZE_MAX)
		return err_no_name(err, t->path, "column", column,
				   (const char *const *)t->table->header, t->table->n_columns);
	table_strings(t->table, at, pool, names, numbers);
	return 0;
}

/* Number the rows of 'in' that name cells of 't'. 0 when some cell has one. */
static int join_rows(const struct calls_table *t, struct tsv *in, struct strtab *names,
		     uint32_t *numbers, struct err *err)
{
	size_t cell, label = tsv_column(in, "label"), n_found = 0;
	int got;

	if (tsv_need(in, "cell", &cell, err))
		return -1;
	if (in->n_fields < 2)
		return err_set(err, "%s: there is no column beside cell", in->path);
	while ((got = tsv_next(in, err)) > 0) {
		size_t row = table_keys_find(&t->cells, in->fields[cell]);

		if (row == SIZE_MAX)
			continue;
		n_found += numbers[row] == STRTAB_NONE;
		numbers[row] = strtab_add(names, in->fields[label == SIZE_MAX ? 1 : label]);
	}
	if (got == 0 && !n_found)
		return err_set(err, "%s: none of the %zu cells of %s has a true label here",
			       in->path, t->n, t->path);
	return got;
}

int calls_table_join(const struct calls_table *t, const char *path, struct strtab *names,
		     uint32_t *numbers, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	int ret;

	for (size_t i = 0; i < t->n; i++)
		numbers[i] = STRTAB_NONE;
	ret = in ? join_rows(t, in, names, numbers, err) : -1;
	tsv_close(in);
	return ret;
}
