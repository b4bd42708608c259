/* even_draw.c - see even_draw.h. */
#include "base/util.h"

#include "base/mem.h"
#include "base/rng.h"
#include "train/cohort/even_draw.h"

/* So many of each class that all fit in, the small ones whole. */
static size_t most_of_a_class(const struct even_draw *e, const size_t *count)
{
	size_t most = 1, sum = 0;

	for (size_t step = e->most; step > 0; step /= 2) {
		sum = 0;
		for (size_t k = 0; k < e->n_classes; k++)
			sum += MIN(count[k], most + step);
		if (sum <= e->most)
			most += step;
	}
	return most;
}

uint8_t *even_draw(const struct even_draw *e)
{
	size_t *open = mem_zero(e->n_classes, sizeof(*open)), *left, most;
	uint8_t *drawn = mem_zero(e->n, sizeof(*drawn));
	struct rng rng = rng_seeded(e->seed);

	for (size_t cell = 0; cell < e->n; cell++)
		if (e->class_of[cell] >= 0)
			open[e->class_of[cell]]++;
	left = mem_copy(open, e->n_classes, sizeof(*left));
	most = most_of_a_class(e, open);
	for (size_t k = 0; k < e->n_classes; k++)
		left[k] = MIN(most, open[k]);
	for (size_t cell = 0; cell < e->n; cell++) {
		int32_t k = e->class_of[cell];

		if (k < 0 || rng_below(&rng, open[k]--) >= left[k])
			continue;
		left[k]--;
		drawn[cell] = 1;
	}
	free(open);
	free(left);
	return drawn;
}
