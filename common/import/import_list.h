/* import_list.h - a list of genes or cells that goes with a matrix.
 *
 * A name per line; or id and name; or id, name and type, tabs or else commas between them. What is
 * behind the third column is passed over. Quotes around a field are taken off.
 *
 *	struct list genes = {.n = 0};
 *	if (list_read("features.tsv.gz", &genes, &err))
 *		die_err(&err);
 *	list_drop_heading(&genes, n_rows);              // of the matrix
 *	list_release(&genes);
 */
#ifndef IMPORT_IMPORT_LIST_H
#define IMPORT_IMPORT_LIST_H

#include "base/err.h"
#include "base/names.h"

enum { LIST_COLUMNS = 3 };

struct list {
	struct names columns[LIST_COLUMNS]; /* each of 'n' entries, for the first 'n_columns' */
	size_t n, n_columns;
};

/* Into an empty list. After -1 release it too. */
int list_read(const char *path, struct list *list, struct err *err) MUST_USE;
void list_release(struct list *list);

/* Take off a first line that is a heading, if that makes the list 'n' long. */
void list_drop_heading(struct list *list, size_t n);

#endif
