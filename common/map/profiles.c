/* profiles.c - see profiles.h. */
#include "base/util.h"

#include <math.h>

#include "linalg/ordered.h"
#include "map/profiles.h"

#define CELLS_PER_PART ((size_t)256)

struct comparing {
	const double *points;
	size_t n, dims, n_labels;
	double *turned, *lengths; /* profiles, dims x labels; of each */
	uint32_t *nearest;
};

static void turn(struct comparing *c, const struct ref_labels *l)
{
	MEM_ARRAY(c->turned, mem_product(c->dims, l->n) + 1);
	MEM_ARRAY(c->lengths, l->n + 1);
	for (size_t i = 0; i < l->n; i++) {
		double squares = 0;

		for (size_t d = 0; d < c->dims; d++) {
			double x = c->turned[d * l->n + i] = l->means[i * c->dims + d];

			squares += x * x;
		}
		c->lengths[i] = squares > 0 ? sqrt(squares) : 1;
	}
}

static void compare_part(void *arg, size_t part)
{
	const struct comparing *c = arg;
	size_t first = part * CELLS_PER_PART, n = MIN(CELLS_PER_PART, c->n - first);
	double *products = mem_alloc(n * c->n_labels + 1, sizeof(*products));

	ordered_product((struct gemm){.m = n, .n = c->n_labels, .k = c->dims},
			c->points + first * c->dims, c->dims, c->turned, c->n_labels, products,
			c->n_labels);
	for (size_t i = 0; i < n; i++) {
		double most = -INFINITY;

		c->nearest[first + i] = 0;
		for (uint32_t l = 0; l < c->n_labels; l++) {
			double cosine = products[i * c->n_labels + l] / c->lengths[l];

			if (cosine > most) {
				most = cosine;
				c->nearest[first + i] = l;
			}
		}
	}
	free(products);
}

void profiles_nearest(const struct ref_labels *labels, const double *points, size_t n, size_t dims,
		      struct pool *pool, uint32_t *nearest)
{
	struct comparing c = {
		.points = points, .n = n, .dims = dims, .n_labels = labels->n, .nearest = nearest};

	turn(&c, labels);
	pool_run(pool, (n + CELLS_PER_PART - 1) / CELLS_PER_PART, compare_part, &c);
	free(c.turned);
	free(c.lengths);
}
