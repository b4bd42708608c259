/* lanes.c - see lanes.h. */
#include "base/util.h"

#include "train/solver/lanes.h"

size_t lanes_needed(size_t n)
{
	return (n + LANE_STEP - 1) / LANE_STEP * LANE_STEP;
}

struct lanes lanes_for(const uint32_t *classes, size_t n, size_t n_classes)
{
	struct lanes lanes = {.n = lanes_needed(n), .n_used = n, .n_classes = n_classes};
	size_t steps = lanes.n / LANE_STEP, first = 0;

	lanes.n_bands = (lanes.n + BAND_MAX - 1) / BAND_MAX;
	MEM_ARRAY(lanes.start, lanes.n_bands);
	MEM_ARRAY(lanes.width, lanes.n_bands);
	for (size_t band = 0; band < lanes.n_bands; band++) {
		size_t left = lanes.n_bands - band;
		size_t share = (steps + left - 1) / left;

		lanes.start[band] = first;
		lanes.width[band] = share * LANE_STEP;
		first += share * LANE_STEP;
		steps -= share;
	}

	MEM_ARRAY(lanes.class_of, lanes.n);
	MEM_ARRAY(lanes.lane_of, n_classes);
	memset(lanes.class_of, 0xff, lanes.n * sizeof(*lanes.class_of));
	memset(lanes.lane_of, 0xff, n_classes * sizeof(*lanes.lane_of));
	for (size_t lane = 0; lane < n; lane++) {
		lanes.class_of[lane] = classes[lane];
		lanes.lane_of[classes[lane]] = (uint32_t)lane;
	}
	return lanes;
}

void lanes_release(struct lanes *lanes)
{
	free(lanes->start);
	free(lanes->width);
	free(lanes->class_of);
	free(lanes->lane_of);
	*lanes = (struct lanes){0};
}

size_t lanes_band(const struct lanes *lanes, size_t lane)
{
	size_t band = 0;

	while (band + 1 < lanes->n_bands && lane >= lanes->start[band + 1])
		band++;
	return band;
}

static void copy_band(char *to, const struct lanes *to_lanes, size_t band, const char *from,
		      const struct lanes *from_lanes, size_t rows, size_t size)
{
	size_t start = to_lanes->start[band], width = to_lanes->width[band];

	for (size_t lane = start; lane < start + width; lane++) {
		uint32_t class = to_lanes->class_of[lane];
		uint32_t old = class == LANE_NONE ? LANE_NONE : from_lanes->lane_of[class];
		size_t old_band, old_width;

		if (old == LANE_NONE)
			continue;
		old_band = lanes_band(from_lanes, old);
		old_width = from_lanes->width[old_band];
		const char *source = from + (rows * from_lanes->start[old_band] + old -
					     from_lanes->start[old_band]) *
						    size;
		char *target = to + (rows * start + lane - start) * size;

		for (size_t row = 0; row < rows; row++)
			memcpy(target + row * width * size, source + row * old_width * size, size);
	}
}

void lanes_copy(void *to_matrix, const struct lanes *to, const void *from_matrix,
		const struct lanes *from, size_t rows, size_t size)
{
	for (size_t band = 0; band < to->n_bands; band++)
		copy_band(to_matrix, to, band, from_matrix, from, rows, size);
}
