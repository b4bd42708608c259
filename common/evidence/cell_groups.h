/* cell_groups.h - which group each cell is in: from a column of obs, or from a table of clusters.
 *
 * Groups are numbered in the byte order of their names. A cell without a label, or without a row in
 * the table, has GROUP_NONE. A chosen few may be kept ("A,B"): cells of the others then have none.
 *
 *	struct cell_groups g;
 *	if (cell_groups_read(&g, file, "louvain", NULL, &err))
 *		die_err(&err);
 *	use(g.of[cell], g.names[0], g.sizes[0]);
 *	cell_groups_release(&g);
 *
 * A table has one row a cell: its name first, the group in the column asked for, or in one called
 * cluster, label or, when there is neither, in the second.
 */
#ifndef EVIDENCE_CELL_GROUPS_H
#define EVIDENCE_CELL_GROUPS_H

#include "h5ad/writer.h"

struct cell_groups {
	uint32_t *of; /* per cell, or GROUP_NONE */
	char **names;
	size_t *sizes;
	size_t n, n_cells, n_without;
	struct arena arena;
};

/* By 'column' of obs; or by the TSV 'table' and its column, NULL for any. Some cell must have one. */
int cell_groups_read(struct cell_groups *g, struct h5ad *file, const char *column,
		     const char *table, struct err *err) MUST_USE;
void cell_groups_release(struct cell_groups *g);

/* The number of a group; the error lists those there are. */
int cell_groups_find(const struct cell_groups *g, const char *name, size_t *group,
		     struct err *err) MUST_USE;

/*
 * Keep the groups named in 'wanted' ("A,B", NULL: all) and the reference (NULL: none). A group of
 * one cell cannot be tested: it is refused by name, or with 'skip_small' left out and counted.
 */
struct group_choice {
	const char *wanted, *reference;
	bool skip_small;
};
int cell_groups_choose(struct cell_groups *g, const struct group_choice *choice, size_t *n_small,
		       struct err *err) MUST_USE;

/* Write obs (NULL fails) with the groups as one more column. */
int cell_groups_write(const struct cell_groups *g, const char *name, struct frame *obs,
		      struct writer *w, struct err *err) MUST_USE;

#endif
