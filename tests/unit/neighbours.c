/* neighbours.c - searches in single precision find what double alone would. */
#include "tap.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "graph/knn.h"
#include "graph/knn_cross.h"

struct set {
	size_t n, dims;
	double *at;
};

/* Coordinates that are even, round 'centre', or of a few values only so that many are the same. */
static struct set draw(size_t n, size_t dims, uint64_t seed, double centre, double width,
		       size_t n_values)
{
	struct set s = {n, dims, mem_alloc(n * dims, sizeof(double))};
	struct rng rng = rng_seeded(seed);

	for (size_t i = 0; i < n * dims; i++) {
		double x = n_values ? (double)rng_below(&rng, n_values) : rng_unit(&rng) - 0.5;

		s.at[i] = centre + width * x;
	}
	return s;
}

struct far {
	double square;
	uint32_t row;
};

static int by_square(const void *a, const void *b)
{
	const struct far *x = a, *y = b;

	if (x->square != y->square)
		return x->square < y->square ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static void rank_all(const struct set *points, const double *query, struct far *list)
{
	for (size_t i = 0; i < points->n; i++) {
		list[i] = (struct far){0, (uint32_t)i};
		for (size_t d = 0; d < points->dims; d++) {
			double apart = query[d] - points->at[i * points->dims + d];

			list[i].square += apart * apart;
		}
	}
	qsort(list, points->n, sizeof(*list), by_square);
}

/* How many of all neighbours are others, or otherwise far, than one by one. */
static size_t count_wrong(const struct knn_cross *found, const struct set *queries,
			  const struct set *points)
{
	struct far *list = mem_alloc(points->n, sizeof(*list));
	size_t wrong = 0;

	for (size_t q = 0; q < queries->n; q++) {
		rank_all(points, queries->at + q * points->dims, list);
		for (size_t j = 0; j < found->k; j++)
			wrong += found->neighbors[q * found->k + j] != list[j].row ||
				 found->distances[q * found->k + j] != sqrt(list[j].square);
	}
	free(list);
	return wrong;
}

static void exact(const char *what, struct set queries, struct set points, size_t k,
		  struct pool *pool)
{
	struct err err = ERR_INIT;
	struct knn_cross *found = knn_cross_find(queries.at, queries.n, points.at, points.n,
						 points.dims, k, points.n, pool, &err);
	size_t wrong = found ? count_wrong(found, &queries, &points) : SIZE_MAX;

	OK(wrong == 0, "%s: %zu of %zu neighbours are wrong", what, wrong, queries.n * k);
	knn_cross_free(found);
	free(queries.at);
	free(points.at);
}

/* Looking into all groups is exact; and rows do not depend on who else asks. */
static void groups(struct pool *pool)
{
	struct err err = ERR_INIT;
	struct set points = draw(3000, 7, 5, 0, 1, 0), queries = draw(500, 7, 6, 0, 1, 0);
	struct knn_cross *all =
		knn_cross_find(queries.at, 500, points.at, 3000, 7, 10, 100, pool, &err);
	struct knn_cross *some =
		knn_cross_find(queries.at + 7 * 100, 50, points.at, 3000, 7, 10, 100, NULL, &err);
	size_t wrong = count_wrong(all, &queries, &points);

	OK(all->n_probes > 0 && all->n_probes < 56 && all->recall >= KNN_CROSS_RECALL,
	   "%zu groups are searched: recall %.4f", all->n_probes, all->recall);
	OK((double)wrong < 0.02 * 5000, "by groups %zu of 5000 neighbours are others", wrong);
	OK(memcmp(all->neighbors + 1000, some->neighbors, 500 * sizeof(uint32_t)) == 0 &&
		   memcmp(all->distances + 1000, some->distances, 500 * sizeof(double)) == 0,
	   "fifty queries alone find the same");
	knn_cross_free(all);
	knn_cross_free(some);
	free(points.at);
	free(queries.at);
}

/* knn_find's own: the cell first, then the others as double ranks them. */
static void themselves(struct pool *pool)
{
	struct err err = ERR_INIT;
	struct set points = draw(700, 5, 9, 0, 1, 3);
	float *single = mem_alloc(700 * 5, sizeof(*single));
	struct far *list = mem_alloc(700, sizeof(*list));
	struct knn *found;
	size_t wrong = 0;

	for (size_t i = 0; i < 700 * 5; i++)
		single[i] = (float)points.at[i];
	found = knn_find(single, 700, 5, 8, 700, pool, &err);
	for (size_t i = 0; i < 700; i++) {
		size_t at = 0;

		rank_all(&points, points.at + i * 5, list);
		wrong += found->neighbors[i * 8] != i;
		for (size_t j = 1; j < 8; j++, at++) {
			at += list[at].row == i;
			wrong += found->neighbors[i * 8 + j] != list[at].row;
		}
	}
	OK(wrong == 0, "among themselves, many the same: %zu are wrong", wrong);
	knn_free(found);
	free(list);
	free(single);
	free(points.at);
}

int main(void)
{
	struct pool *pool = pool_new(3);

	exact("thirty dimensions", draw(200, 30, 1, 0, 1, 0), draw(2000, 30, 2, 0, 1, 0), 15, pool);
	exact("one", draw(100, 1, 1, 0, 1, 0), draw(999, 1, 2, 0, 1, 0), 1, pool);
	exact("far from 0", draw(100, 10, 1, 1000, 1e-3, 0), draw(1500, 10, 2, 1000, 1e-3, 0), 20,
	      pool);
	exact("further than floats can tell", draw(50, 4, 1, 1e9, 1, 0), draw(800, 4, 2, 1e9, 1, 0),
	      5, pool);
	exact("many in one place", draw(40, 3, 1, 0, 1, 2), draw(3000, 3, 2, 0, 1, 2), 7, pool);
	exact("all in one place", draw(13, 3, 1, 2, 0, 0), draw(900, 3, 2, 2, 0, 0), 7, pool);
	exact("huge", draw(50, 6, 1, 0, 1e140, 0), draw(700, 6, 2, 0, 1e140, 0), 9, pool);
	exact("tiny", draw(50, 6, 1, 0, 1e-140, 0), draw(700, 6, 2, 0, 1e-140, 0), 9, pool);
	exact("near 0 among larger ones", draw(50, 6, 1, 0, 1e-12, 0), draw(700, 6, 2, 0, 1, 0), 9,
	      pool);
	exact("all of them", draw(9, 2, 1, 0, 1, 0), draw(33, 2, 2, 0, 1, 0), 33, pool);
	groups(pool);
	themselves(pool);
	pool_free(pool);
	return done_testing();
}
