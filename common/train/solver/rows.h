/* rows.h - the cells of a design again by cell, standardised, for reading in any order.
 *
 * Row 'slot' holds genes and what their values add to z0 (scaling.h): the standardised cell
 * is z0 plus these. Eight bytes per value, in memory, or in a mapped scratch file when that is more
 * than the design may keep in memory.
 *
 *	struct packed_rows rows;
 *	if (rows_gather(&rows, design, &scaling, pool, err))
 *		return -1;
 *	use(rows.values + rows.start[slot], rows.start[slot + 1] - rows.start[slot]);
 *	rows_release(&rows);
 */
#ifndef TRAIN_SOLVER_ROWS_H
#define TRAIN_SOLVER_ROWS_H

#include "train/solver/scaling.h"

#define ROWS_AHEAD 8 /* values after the last row that may be read, for prefetching */

struct packed_rows {
	size_t n_slots;
	size_t *start; /* n_slots + 1 */
	struct row_value {
		uint32_t gene;
		float shift;
	} * values;
	size_t mapped; /* bytes, when mapped */
};

int rows_gather(struct packed_rows *rows, struct design *d, const struct scaling *scaling,
		struct pool *pool, struct err *err) MUST_USE;
void rows_release(struct packed_rows *rows);

#endif
