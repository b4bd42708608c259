/* depth.c - see depth.h. */
#include "base/util.h"

#include <float.h>
#include <math.h>

#include "matrix/depth.h"
#include "matrix/logexp.h"

double depth_unit(const struct cells *block, size_t cell, double target_sum)
{
	float smallest = FLT_MAX;

	if (block->counts && block->counts[cell] > 0)
		return target_sum / block->counts[cell];
	for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++)
		if (block->values[i] > 0 && block->values[i] < smallest)
			smallest = block->values[i];
	return smallest < FLT_MAX ? expm1((double)smallest) : NAN;
}

struct depth depth_of(const struct cells *block, size_t cell, const uint32_t *known,
		      double target_sum, float *scratch)
{
	struct depth d = {0, 0};

	for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
		if (block->values[i] > 0 && !(known && known[block->genes[i]] == UINT32_MAX))
			scratch[d.genes++] = block->values[i];
	}
	if (!d.genes)
		return d;
	d.counts = sum_expm1(scratch, d.genes, 1) / depth_unit(block, cell, target_sum);
	if (fabs(d.counts - rint(d.counts)) < 1e-3 * d.counts)
		d.counts = rint(d.counts);
	return d;
}
