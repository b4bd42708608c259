/* lognorm.c - see lognorm.h. */
#include "base/util.h"

#include "matrix/logexp.h"
#include "matrix/lognorm.h"

struct job {
	struct cells *block;
	enum norm_way way;
	double target_sum;
};

float lognorm_factor(float *values, size_t n, enum norm_way way, double target_sum)
{
	float undo = norm_way_factor(way);
	double sum;

	if (undo > 0)
		expm1_scaled(values, n, undo);
	sum = sum_floats(values, n);
	return sum > 0 ? (float)(target_sum / sum) : 0;
}

static void lognorm_part(void *arg, size_t part)
{
	struct job *job = arg;
	struct cells *block = job->block;
	struct cell_range cells = cells_part(block, part);

	for (size_t cell = cells.from; cell < cells.end; cell++) {
		float *values = block->values + block->starts[cell];
		size_t n = block->starts[cell + 1] - block->starts[cell];
		float factor = lognorm_factor(values, n, job->way, job->target_sum);

		if (factor > 0)
			log1p_scaled(values, n, factor);
	}
}

void lognorm_cells(struct cells *block, enum norm_way way, double target_sum, struct pool *pool)
{
	struct job job = {block, way, target_sum};

	pool_run(pool, cells_n_parts(block), lognorm_part, &job);
}
