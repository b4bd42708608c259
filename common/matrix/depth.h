/* depth.h - how deep a log-normalised cell is: its counts and genes, of those that matter.
 *
 * A label of a cell of ten counts is a guess, whatever its probability; so calls say how much there
 * was to go by. Where the counts were at hand before they were normalised (stream_count in
 * matrix/stream_steps.h) the number is exact. Where a file came log-normalised, the cell's smallest
 * value is taken for one count, which holds for nearly every cell of a method that counts
 * molecules.
 *
 *	struct depth d = depth_of(block, cell, row_of, 1e4, scratch);
 *	if (d.counts == 0)
 *		nothing_is_known_of(cell);
 */
#ifndef MATRIX_DEPTH_H
#define MATRIX_DEPTH_H

#include "matrix/cells.h"

struct depth {
	double counts; /* whole where counts were known and whole */
	size_t genes;
};

/*
 * Of a cell of a block that is log1p of counts per 'target_sum'. Genes whose 'known' is UINT32_MAX
 * do not add (NULL: all do). 'scratch' has room for the cell's values.
 */
struct depth depth_of(const struct cells *block, size_t cell, const uint32_t *known,
		      double target_sum, float *scratch);

/* What one count has become in that cell, before the logarithm. NaN in a cell without a value. */
double depth_unit(const struct cells *block, size_t cell, double target_sum);

#endif
