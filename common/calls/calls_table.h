/* calls_table.h - a whole predictions table in memory, for filters that look at every cell twice.
 *
 *	struct calls_table *t = calls_table_read(path, pool, &err);
 *	for (size_t cell = 0; cell < t->n; cell++)
 *		count[t->labels[cell]]++;
 *	calls_table_free(t);
 *
 * Cell i is row i of the file. Its other columns are in 'table', as text.
 */
#ifndef CALLS_CALLS_TABLE_H
#define CALLS_CALLS_TABLE_H

#include "format/table.h"

struct calls_table {
	const char *path;
	struct table *table;
	size_t n;    /* cells */
	size_t cell; /* the column of their names */
	struct strtab label_names;
	uint32_t *labels;   /* per cell */
	double *confidence; /* per cell; NaN when empty or when there is no such column */
	bool has_confidence;
	struct table_keys cells; /* empty before calls_table_index */
};

struct calls_table *calls_table_read(const char *path, struct pool *pool, struct err *err) MUST_USE;
void calls_table_free(struct calls_table *t);

/* Make the cells findable by name: a cell that is there twice is an error. */
int calls_table_index(struct calls_table *t, struct pool *pool, struct err *err) MUST_USE;

static inline const char *calls_table_cell(const struct calls_table *t, size_t cell)
{
	return table_field(t->table, cell, t->cell);
}

/* Per cell, the text of that column as a number of 'names'. */
int calls_table_number(const struct calls_table *t, const char *column, struct pool *pool,
		       struct strtab *names, uint32_t *numbers, struct err *err) MUST_USE;

/*
 * Per cell, its label in another TSV as a number of 'names': the column "label", else the second.
 * That table has rows in any order, and may have more; a cell without one gets STRTAB_NONE, and if
 * none has one that is an error. The cells are findable (calls_table_index).
 */
int calls_table_join(const struct calls_table *t, const char *path, struct strtab *names,
		     uint32_t *numbers, struct err *err) MUST_USE;

#endif
