/* lognorm.c - see lognorm.h. */
#include "base/util.h"

#include "matrix/logexp.h"
#include "matrix/lognorm.h"

#define CELLS_PER_PART 256

struct job {
	struct cells *block;
	double target_sum;
	float undo; /* the factor of the logarithm that was taken, or 0 */
};

static void lognorm_part(void *arg, size_t part)
{
	struct job *job = arg;
	struct cells *block = job->block;
	size_t end = MIN(block->n_cells, (part + 1) * CELLS_PER_PART);

	for (size_t cell = part * CELLS_PER_PART; cell < end; cell++) {
		float *values = block->values + block->starts[cell];
		size_t n = block->starts[cell + 1] - block->starts[cell];
		double sum;

		if (job->undo > 0)
			expm1_scaled(values, n, job->undo);
		sum = sum_floats(values, n);

		if (sum > 0)
			log1p_scaled(values, n, (float)(job->target_sum / sum));
	}
}

void lognorm_cells(struct cells *block, enum norm_way way, double target_sum, struct pool *pool)
{
	struct job job = {block, target_sum, norm_way_factor(way)};

	pool_run(pool, (block->n_cells + CELLS_PER_PART - 1) / CELLS_PER_PART, lognorm_part, &job);
}
