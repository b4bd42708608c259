#include "model/calls_table.h"

#include <math.h>

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
	if (t->has_confidence)
		return table_numbers(t->table, confidence, pool, t->confidence, err);
	for (size_t cell = 0; cell < t->n; cell++)
		t->confidence[cell] = NAN;
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
