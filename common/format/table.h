/* table.h - a whole TSV in memory, read and cut up in threads.
 *
 * For filters that need rows more than once or join tables; tsv.h is for those that can stream,
 * and says what a TSV is. Memory is the text and some 20 bytes a row.
 *
 *	struct table *t = table_read(path, pool, &err);
 *	if (!t || table_need(t, "cell", &cell, &err))
 *		die_err(&err);
 *	for (size_t row = 0; row < t->n; row++)
 *		use(table_field(t, row, cell));
 *	table_free(t);
 *
 * Row i is line i + 2 of the file. All answers are the same for any number of threads.
 */
#ifndef FORMAT_TABLE_H
#define FORMAT_TABLE_H

#include "base/err.h"
#include "base/pool.h"
#include "base/strtab.h"

struct table {
	const char *path; /* as given, "stdin" for "-" */
	char **header;    /* names of the columns */
	size_t n_columns;
	size_t n;    /* rows */
	char **rows; /* per row: its fields, each with its NUL, one after the other */
	char *text;  /* what rows and header point into */
};

struct table *table_read(const char *path, struct pool *pool, struct err *err) MUST_USE;
void table_free(struct table *t); /* NULL is fine */

/* The index of a column: SIZE_MAX, or an error that lists the columns, when it is not there. */
size_t table_column(const struct table *t, const char *name);
int table_need(const struct table *t, const char *name, size_t *column, struct err *err) MUST_USE;

static inline const char *table_field(const struct table *t, size_t row, size_t column)
{
	const char *at = t->rows[row];

	while (column--)
		at += strlen(at) + 1;
	return at;
}

/* A column as numbers, one per row; empty is NaN, anything else but a number an error. */
int table_numbers(const struct table *t, size_t column, struct pool *pool, double *values,
		  struct err *err) MUST_USE;

/* A column as numbers of strings, in the order they come. */
void table_strings(const struct table *t, size_t column, struct pool *pool, struct strtab *strings,
		   uint32_t *ids);

/*
 * The rows by what is in one column, all different: else an error that names the line. 'noun' is
 * what the column holds, for messages. Borrows the table. Release in any case.
 */
struct table_keys {
	const struct table *table;
	const char *noun;
	size_t column;
	struct table_slot *slots;
	size_t n_slots;
};

int table_keys_of(struct table_keys *k, const struct table *t, size_t column, const char *noun,
		  struct pool *pool, struct err *err) MUST_USE;
void table_keys_release(struct table_keys *k);

/* The row of a key, or SIZE_MAX. */
size_t table_keys_find(const struct table_keys *k, const char *key);

/*
 * Find another table's rows here: there[i] is the row of 'k' that has the key in row i of 'other'.
 * Both must hold the same keys, each once; else the error counts what is missing and what is
 * unknown, with an example. Tables in the same order are matched without looking anything up.
 */
int table_keys_match(const struct table_keys *k, const struct table *other, size_t column,
		     struct pool *pool, uint32_t *there, struct err *err) MUST_USE;

#endif
