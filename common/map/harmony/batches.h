/* batches.h - the batch every cell belongs to, in one variable or several.
 *
 * Levels are numbered through: those of the first variable, sorted by name, then the next one's.
 * Every cell has one level of every variable.
 *
 *	struct batches b;
 *	if (batches_read(&b, obs, columns, n_columns, &err))    // no columns: one level for all
 *		die_err(&err);
 *	use(b.levels[cell * b.n_variables + v]);
 *	batches_release(&b);
 */
#ifndef MAP_HARMONY_BATCHES_H
#define MAP_HARMONY_BATCHES_H

#include "h5ad/frame/frame.h"

struct batches {
	size_t n_cells, n_variables, n_levels;
	size_t *first;    /* per variable: its first level; n_variables + 1 */
	uint32_t *levels; /* n_cells x n_variables */
	double *counts;   /* cells of each level */
	char **names;     /* "column=level" */
	struct arena arena;
};

/* Refuses columns with missing values, and those where every cell is a level of its own. */
int batches_read(struct batches *b, struct frame *obs, const char *const *columns, size_t n_columns,
		 struct err *err) MUST_USE;

/* All cells in one batch. */
void batches_none(struct batches *b, size_t n_cells);
void batches_release(struct batches *b);

#endif
