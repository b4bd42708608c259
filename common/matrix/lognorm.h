/* lognorm.h - counts to log1p of counts per target sum.
 *
 * Equal to scanpy's normalize_total(target_sum) followed by log1p: a cell's sum is taken over all
 * genes of the block, values become log1p(x * target / sum). Cells whose sum is 0 stay as they
 * are. The result of a cell depends on that cell alone.
 *
 *	lognorm_cells(block, NORM_LOG2, 1e4, pool);  // was log2(CPM + 1); is log1p(CP10k)
 *
 * Values that are no counts but counts times a factor of their cell give what counts give, and
 * where a logarithm was taken ('way', matrix/norm.h) it is undone first: to 1e-6 of what the
 * counts would have given, which is what single precision keeps.
 */
#ifndef MATRIX_LOGNORM_H
#define MATRIX_LOGNORM_H

#include "base/pool.h"
#include "matrix/cells.h"
#include "matrix/norm.h"

/*
 * The first half of it, for one cell: undo the logarithm in place, and return what values are to be
 * multiplied by before log1p (log1p_scaled), or 0 where the sum is 0 and they stay as they are.
 */
float lognorm_factor(float *values, size_t n, enum norm_way way, double target_sum);

void lognorm_cells(struct cells *block, enum norm_way way, double target_sum, struct pool *pool);

#endif
