/* anchors_score.c - how well a cell finds back to its neighbours through the anchors: Seurat's
 * mapping score.
 *
 * The cell is carried over to the reference by the anchors near it, and back by the anchors near
 * where it landed. If the query cells near the place it comes back to are as near to it as its own
 * neighbours, it scores 1. Near is measured by a kernel as wide as the cell's graph neighbours with
 * fewest shared neighbours are far.
 */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "graph/knn_cross.h"
#include "linalg/exponential.h"
#include "map/anchors_private.h"
#include "map/harmony/soft.h"

#define SMOOTH ((size_t)100) /* neighbours compared */
#define GRAPH ((size_t)20)   /* neighbours whose sharing makes the graph, and sets the width */
#define EXACT SIZE_MAX
#define CELLS_PER_PART ((size_t)64)

struct scoring {
	const struct anchors *a;
	const struct anchor_sets *sets;
	double *reference, *query; /* unit */
	struct knn_cross *own;     /* of the query's cells among themselves, itself first */
	struct knn_cross *back;    /* of where they come back to */
	size_t smooth, graph;
	size_t *starts; /* per query cell: who has it among its first 'graph' neighbours */
	uint32_t *has;
	double *scores;
};

static double distance(const double *a, const double *b, size_t dims)
{
	double sum = 0;

	for (size_t d = 0; d < dims; d++)
		sum += (a[d] - b[d]) * (a[d] - b[d]);
	return sqrt(sum);
}

/* ---- over and back ---- */

/* Where a mix of the anchors' cells lies: 'points' of the set that 'cells' are of. */
static void mix(const double *points, const uint32_t *cells, const uint32_t *of,
		const double *weights, size_t k, size_t dims, double *out)
{
	memset(out, 0, dims * sizeof(*out));
	for (size_t j = 0; j < k && of[j] != UINT32_MAX; j++)
		for (size_t d = 0; d < dims; d++)
			out[d] += weights[j] * points[cells[of[j]] * dims + d];
}

/*
 * For every row of 'from' its nearest among the anchors' cells in 'points' (a row per item of
 * 'stands'), and the mix of 'to' that their weights make.
 */
static int carry(const struct scoring *s, const double *from, const double *points,
		 const uint32_t *stands, size_t n_points, const double *to,
		 const uint32_t *to_cells, double *out, struct pool *pool, struct err *err)
{
	size_t dims = s->sets->dims, n = s->sets->n_query, k = MIN(ANCHOR_WEIGHTS, n_points);
	struct anchor_index x = anchor_index_of(s->a->query, s->a->n, n);
	struct knn_cross *found =
		knn_cross_find(from, n, points, n_points, dims, k, EXACT, pool, err);
	uint32_t *stands_for = mem_alloc(2 * k, sizeof(*stands_for)), *of = stands_for + k;
	double *weights = mem_alloc(k, sizeof(*weights));

	for (size_t i = 0; found && i < n; i++) {
		for (size_t j = 0; j < k; j++)
			stands_for[j] = stands[found->neighbors[i * k + j]];
		anchor_walk(&x, s->a->scores, stands_for, found->distances + i * k, k, of, weights);
		mix(to, to_cells, of, weights, k, dims, out + i * dims);
	}
	free(weights);
	free(stands_for);
	anchor_index_release(&x);
	if (!found)
		return -1;
	knn_cross_free(found);
	return 0;
}

static int carry_over(const struct scoring *s, double *out, struct pool *pool, struct err *err)
{
	struct anchor_index x = anchor_index_of(s->a->query, s->a->n, s->sets->n_query);
	double *points = anchor_gather(s->query, x.cells, x.n_cells, s->sets->dims);
	int ret = carry(s, s->query, points, x.cells, x.n_cells, s->reference, s->a->reference, out,
			pool, err);

	free(points);
	anchor_index_release(&x);
	return ret;
}

/* A reference cell leads back to its first anchor's query cell, which stands for all its anchors.
 */
static int carry_back(const struct scoring *s, const double *over, double *out, struct pool *pool,
		      struct err *err)
{
	uint32_t *reference = mem_alloc(2 * s->a->n + 1, sizeof(*reference));
	uint32_t *query = reference + s->a->n;
	double *points;
	size_t n = 0;
	int ret;

	for (size_t i = 0; i < s->a->n; i++) {
		if (n && reference[n - 1] == s->a->reference[i])
			continue;
		reference[n] = s->a->reference[i];
		query[n++] = s->a->query[i];
	}
	points = anchor_gather(s->reference, reference, n, s->sets->dims);
	ret = carry(s, over, points, query, n, s->query, s->a->query, out, pool, err);
	free(points);
	free(reference);
	return ret;
}

/* ---- the width of a cell's surroundings ---- */

static void list_holders(struct scoring *s)
{
	size_t n = s->sets->n_query, k = s->own->k;
	size_t *at = mem_alloc(n + 1, sizeof(*at));

	MEM_ZERO(s->starts, n + 1);
	MEM_ARRAY(s->has, mem_product(n, s->graph) + 1);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < s->graph; j++)
			s->starts[s->own->neighbors[i * k + j] + 1]++;
	for (size_t i = 0; i < n; i++)
		s->starts[i + 1] += s->starts[i];
	memcpy(at, s->starts, n * sizeof(*at));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < s->graph; j++)
			s->has[at[s->own->neighbors[i * k + j]]++] = (uint32_t)i;
	free(at);
}

/* Cells that share neighbours with one: how many, and how far they are. */
struct sharer {
	uint32_t shared;
	double far;
};

static int by_shared(const void *a, const void *b)
{
	const struct sharer *x = a, *y = b;

	if (x->shared != y->shared)
		return x->shared < y->shared ? -1 : 1;
	return x->far > y->far ? -1 : x->far < y->far;
}

static int by_far(const void *a, const void *b)
{
	const struct sharer *x = a, *y = b;

	return x->far > y->far ? -1 : x->far < y->far;
}

/* The mean distance of the twenty that share fewest; of those tied with the last the farthest. */
static double width_of(const struct scoring *s, size_t cell, uint32_t *counts, uint32_t *met,
		       struct sharer *list)
{
	size_t n = 0, dims = s->sets->dims, few;
	double sum = 0;

	for (size_t j = 0; j < s->graph; j++) {
		uint32_t neighbor = s->own->neighbors[cell * s->own->k + j];

		for (size_t h = s->starts[neighbor]; h < s->starts[neighbor + 1]; h++)
			if (counts[s->has[h]]++ == 0)
				met[n++] = s->has[h];
	}
	for (size_t i = 0; i < n; i++) {
		list[i] = (struct sharer){counts[met[i]], distance(s->query + cell * dims,
								   s->query + met[i] * dims, dims)};
		counts[met[i]] = 0;
	}
	qsort(list, n, sizeof(*list), by_shared);
	few = MIN(s->graph, n);
	while (few < n && list[few].shared == list[few - 1].shared)
		few++;
	qsort(list, few, sizeof(*list), by_far);
	few = MIN(s->graph, few);
	for (size_t i = 0; i < few; i++)
		sum += list[i].far;
	return sum / (double)few;
}

/* ---- scores ---- */

static double score_of(const struct scoring *s, size_t cell, double width)
{
	size_t dims = s->sets->dims, k = s->smooth;
	const double *own = s->own->distances + cell * s->own->k;
	double nearest = own[1], there = 0, here = 0;

	width -= nearest;
	if (!(width > 0))
		width = 1e-300;
	for (size_t j = 0; j < k; j++) {
		uint32_t other = s->back->neighbors[cell * k + j];
		double d = distance(s->query + cell * dims, s->query + other * dims, dims);

		there += exp_double(-(d - nearest) / width);
		here += exp_double(-(own[j] - nearest) / width);
	}
	return here > 0 ? MIN(there / here, 1) : 0;
}

static void score_part(void *arg, size_t part)
{
	const struct scoring *s = arg;
	size_t n = s->sets->n_query, end = MIN(n, (part + 1) * CELLS_PER_PART);
	uint32_t *counts = mem_zero(n + 1, sizeof(*counts));
	uint32_t *met = mem_alloc(n + 1, sizeof(*met));
	struct sharer *list = mem_alloc(n + 1, sizeof(*list));

	for (size_t cell = part * CELLS_PER_PART; cell < end; cell++)
		s->scores[cell] = score_of(s, cell, width_of(s, cell, counts, met, list));
	free(list);
	free(met);
	free(counts);
}

static int score_all(struct scoring *s, struct pool *pool, struct err *err)
{
	size_t n = s->sets->n_query, dims = s->sets->dims;
	double *over = mem_alloc(mem_product(n, dims), sizeof(*over));
	double *back = mem_alloc(mem_product(n, dims), sizeof(*back));
	int ret = carry_over(s, over, pool, err) || carry_back(s, over, back, pool, err) ? -1 : 0;

	if (!ret) {
		s->back = knn_cross_find(back, n, s->query, n, dims, s->smooth, EXACT, pool, err);
		s->own =
			knn_cross_find(s->query, n, s->query, n, dims, s->smooth, EXACT, pool, err);
		ret = s->back && s->own ? 0 : -1;
	}

	free(back);
	free(over);
	if (!ret) {
		list_holders(s);
		pool_run(pool, (n + CELLS_PER_PART - 1) / CELLS_PER_PART, score_part, s);
	}
	return ret;
}

int anchors_map_score(const struct anchors *a, const struct anchor_sets *sets, struct pool *pool,
		      double *scores, struct err *err)
{
	struct scoring s = {.a = a,
			    .sets = sets,
			    .smooth = MIN(SMOOTH, sets->n_query),
			    .graph = MIN(GRAPH, sets->n_query),
			    .scores = scores};
	int ret;

	s.reference = mem_alloc(mem_product(sets->n_reference, sets->dims), sizeof(double));
	s.query = mem_alloc(mem_product(sets->n_query, sets->dims), sizeof(double));
	unit_rows(sets->reference, sets->n_reference, sets->dims, s.reference, pool);
	unit_rows(sets->query, sets->n_query, sets->dims, s.query, pool);
	ret = score_all(&s, pool, err);
	knn_cross_free(s.own);
	knn_cross_free(s.back);
	free(s.starts);
	free(s.has);
	free(s.reference);
	free(s.query);
	return ret;
}
