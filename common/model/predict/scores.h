/* scores.h - cells x classes of numbers, written block by block: decisions, probabilities.
 *
 * A path ending in .h5 gives HDF5 (datasets cells, classes and the matrix: model/container.h),
 * anything else a TSV with the cell in front, compressed when the path ends in .gz.
 *
 *	struct scores *s = scores_open("p.tsv.gz", "probability", classes, n, n_cells, 0, &err);
 *	while (stream_next(cells, &block, &err) > 0)
 *		scores_add(s, names, rows, block->n_cells, pool, &err);
 *	scores_finish(s, &err);                         // now the file appears
 */
#ifndef MODEL_PREDICT_SCORES_H
#define MODEL_PREDICT_SCORES_H

#include "base/pool.h"
#include "base/text.h"
#include "model/model.h"

struct scores;

/*
 * 'name' is the matrix's in HDF5, where no name of a cell has more than 'cell_width' bytes; text
 * takes any. The names of classes are borrowed until the end.
 */
struct scores *scores_open(const char *path, const char *name, char *const *classes,
			   size_t n_classes, size_t n_cells, size_t cell_width,
			   struct err *err) MUST_USE;

/* The next cells' names and rows. */
int scores_add(struct scores *s, char *const *cells, const double *rows, size_t n_cells,
	       struct pool *pool, struct err *err) MUST_USE;

/* Complete the file; frees 's' in any case. */
int scores_finish(struct scores *s, struct err *err) MUST_USE;
void scores_abort(struct scores *s); /* NULL is fine */

#endif
