/* cell_list.h - cells somebody wants: the first column of a list or table.
 *
 * Tabs end the column, or else commas, with quotes as csv has them. As cells may have commas in
 * their names, a whole line without a tab is a name too.
 *
 *	struct cell_list wanted = {.lines = {0}};
 *	if (cell_list_read("cells.tsv", &wanted, &err))
 *		die_err(&err);
 *	bool takes = cell_list_has(&wanted, "AAAC-1");
 *	cell_list_release(&wanted);
 */
#ifndef MATRIX_CELL_LIST_H
#define MATRIX_CELL_LIST_H

#include "base/err.h"
#include "base/strtab.h"

struct cell_list {
	struct strtab lines; /* up to the first tab, each once */
	struct strtab cut;   /* up to the first comma, where that is something else */
};

/* Into an empty list. "-" is standard input. After -1 release it too. */
int cell_list_read(const char *path, struct cell_list *list, struct err *err) MUST_USE;
bool cell_list_has(const struct cell_list *list, const char *cell);
void cell_list_release(struct cell_list *list);

#endif
