#include "graph/knn.h"

#include <cblas.h>
#include <math.h>

#include "base/mem.h"
#include "base/rng.h"

#define QUERIES_PER_PART ((size_t)256)
#define TILE ((size_t)1024)   /* points compared with a part's queries at a time */
#define SPARE ((size_t)16)    /* candidates kept beyond k, for what single precision confuses */
#define SAMPLE ((size_t)1000) /* cells whose true neighbours measure the recall */
#define CENTRE_ROUNDS 8

/* ---- candidates: the nearest seen so far, farthest on top ---- */

struct candidate {
	float distance; /* squared */
	uint32_t point;
};

struct nearest {
	struct candidate *heap;
	size_t n, room;
};

static bool is_farther(struct candidate a, struct candidate b)
{
	return a.distance > b.distance || (a.distance == b.distance && a.point > b.point);
}

static void sift_down(struct nearest *h)
{
	struct candidate top = h->heap[0];
	size_t at = 0;

	for (size_t child; (child = 2 * at + 1) < h->n; at = child) {
		if (child + 1 < h->n && is_farther(h->heap[child + 1], h->heap[child]))
			child++;
		if (!is_farther(h->heap[child], top))
			break;
		h->heap[at] = h->heap[child];
	}
	h->heap[at] = top;
}

static void offer(struct nearest *h, struct candidate c)
{
	size_t at = h->n;

	if (h->n == h->room) {
		if (!is_farther(h->heap[0], c))
			return;
		h->heap[0] = c;
		sift_down(h);
		return;
	}
	for (h->n++; at && is_farther(c, h->heap[(at - 1) / 2]); at = (at - 1) / 2)
		h->heap[at] = h->heap[(at - 1) / 2];
	h->heap[at] = c;
}

/* ---- points ---- */

struct points {
	const float *at; /* n x dims */
	float *squares;  /* of their lengths */
	size_t n, dims;
};

static float square(const float *x, size_t dims)
{
	float sum = 0;

	for (size_t d = 0; d < dims; d++)
		sum += x[d] * x[d];
	return sum;
}

static double exact_distance(const float *a, const float *b, size_t dims)
{
	double sum = 0;

	for (size_t d = 0; d < dims; d++)
		sum += ((double)a[d] - (double)b[d]) * ((double)a[d] - (double)b[d]);
	return sum;
}

/* products[q][p] of queries and points of a tile */
static void multiply(const float *queries, size_t n_queries, const float *points, size_t n_points,
		     size_t dims, float *products)
{
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n_queries, (int)n_points,
		    (int)dims, 1, queries, (int)dims, points, (int)dims, 0, products,
		    (int)n_points);
}

/* ---- a cell's answer ---- */

struct exact {
	double distance;
	uint32_t point;
};

static int by_distance(const void *a, const void *b)
{
	const struct exact *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->point < y->point ? -1 : x->point > y->point;
}

/* Measure the candidates again, in double, and keep the k nearest, the cell itself first. */
static void settle(const struct points *p, size_t cell, const struct nearest *h, size_t k,
		   uint32_t *neighbors, float *distances)
{
	struct exact *list = mem_alloc(h->n + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		uint32_t other = h->heap[i].point;

		if (other != cell)
			list[n++] = (struct exact){exact_distance(p->at + cell * p->dims,
								  p->at + other * p->dims, p->dims),
						   other};
	}
	qsort(list, n, sizeof(*list), by_distance);
	neighbors[0] = (uint32_t)cell;
	distances[0] = 0;
	for (size_t i = 1; i < k; i++) {
		neighbors[i] = list[i - 1].point;
		distances[i] = sqrtf((float)list[i - 1].distance); /* rounded twice, as scanpy's */
	}
	free(list);
}

/* ---- exact search ---- */

struct search {
	const struct points *points;
	struct knn *knn;
	const uint32_t *queries; /* cells to look for, NULL for all */
	size_t n_queries;
	const struct groups *groups; /* NULL: exact */
	size_t n_probes;
};

static size_t query_cell(const struct search *s, size_t i)
{
	return s->queries ? s->queries[i] : i;
}

static void offer_tile(const struct points *p, size_t cell, const float *products, size_t first,
		       size_t n, struct nearest *h)
{
	for (size_t i = 0; i < n; i++) {
		float d = p->squares[cell] + p->squares[first + i] - 2 * products[i];

		if (h->n < h->room || d <= h->heap[0].distance)
			offer(h, (struct candidate){d, (uint32_t)(first + i)});
	}
}

static void search_part(void *arg, size_t part)
{
	const struct search *s = arg;
	const struct points *p = s->points;
	size_t from = part * QUERIES_PER_PART, n = MIN(QUERIES_PER_PART, s->n_queries - from);
	size_t room = s->knn->k + SPARE;
	struct candidate *heaps = mem_alloc(n * room, sizeof(*heaps));
	struct nearest *nearest = mem_alloc(n, sizeof(*nearest));
	float *products = mem_alloc(n * TILE, sizeof(*products));
	float *queries = mem_alloc(n * p->dims, sizeof(*queries));

	for (size_t q = 0; q < n; q++) {
		nearest[q] = (struct nearest){heaps + q * room, 0, room};
		memcpy(queries + q * p->dims, p->at + query_cell(s, from + q) * p->dims,
		       p->dims * sizeof(*queries));
	}
	for (size_t first = 0; first < p->n; first += TILE) {
		size_t width = MIN(TILE, p->n - first);

		multiply(queries, n, p->at + first * p->dims, width, p->dims, products);
		for (size_t q = 0; q < n; q++)
			offer_tile(p, query_cell(s, from + q), products + q * width, first, width,
				   &nearest[q]);
	}
	for (size_t q = 0; q < n; q++)
		settle(p, query_cell(s, from + q), &nearest[q], s->knn->k,
		       s->knn->neighbors + (from + q) * s->knn->k,
		       s->knn->distances + (from + q) * s->knn->k);
	free(heaps);
	free(nearest);
	free(products);
	free(queries);
}

static size_t n_parts(size_t n_queries)
{
	return (n_queries + QUERIES_PER_PART - 1) / QUERIES_PER_PART;
}

static struct knn *knn_new(size_t n_cells, size_t k)
{
	struct knn *knn = mem_zero(1, sizeof(*knn));

	knn->n_cells = n_cells;
	knn->k = k;
	knn->recall = 1;
	knn->neighbors = mem_alloc(mem_product(n_cells, k), sizeof(*knn->neighbors));
	knn->distances = mem_alloc(mem_product(n_cells, k), sizeof(*knn->distances));
	return knn;
}

void knn_free(struct knn *knn)
{
	if (!knn)
		return;
	free(knn->neighbors);
	free(knn->distances);
	free(knn);
}

/* ---- inverted file ---- */

struct groups {
	size_t n;
	float *centres, *squares; /* n x dims; lengths */
	size_t *starts;           /* members of group g: members[starts[g]..starts[g + 1]) */
	uint32_t *members, *of_point;
	const struct points *points;
};

static uint32_t nearest_centre(const struct groups *g, const float *products)
{
	uint32_t best = 0;

	for (uint32_t c = 1; c < g->n; c++)
		if (g->squares[c] - 2 * products[c] < g->squares[best] - 2 * products[best])
			best = c;
	return best;
}

static void assign_part(void *arg, size_t part)
{
	struct groups *g = arg;
	const struct points *p = g->points;
	size_t from = part * QUERIES_PER_PART, n = MIN(QUERIES_PER_PART, p->n - from);
	float *products = mem_alloc(n * g->n, sizeof(*products));

	multiply(p->at + from * p->dims, n, g->centres, g->n, p->dims, products);
	for (size_t i = 0; i < n; i++)
		g->of_point[from + i] = nearest_centre(g, products + i * g->n);
	free(products);
}

/* Centres become the means of their points; a group that is empty keeps its centre. */
static void move_centres(struct groups *g)
{
	const struct points *p = g->points;
	double *sums = mem_zero(mem_product(g->n, p->dims), sizeof(*sums));
	size_t *counts = mem_zero(g->n, sizeof(*counts));

	for (size_t i = 0; i < p->n; i++) {
		counts[g->of_point[i]]++;
		for (size_t d = 0; d < p->dims; d++)
			sums[g->of_point[i] * p->dims + d] += (double)p->at[i * p->dims + d];
	}
	for (size_t c = 0; c < g->n; c++) {
		for (size_t d = 0; d < p->dims && counts[c]; d++)
			g->centres[c * p->dims + d] =
				(float)(sums[c * p->dims + d] / (double)counts[c]);
		g->squares[c] = square(g->centres + c * p->dims, p->dims);
	}
	free(sums);
	free(counts);
}

static void list_members(struct groups *g)
{
	MEM_ZERO(g->starts, g->n + 2);
	MEM_ARRAY(g->members, g->points->n);
	for (size_t i = 0; i < g->points->n; i++)
		g->starts[g->of_point[i] + 2]++;
	for (size_t c = 2; c < g->n + 2; c++)
		g->starts[c] += g->starts[c - 1];
	for (size_t i = 0; i < g->points->n; i++)
		g->members[g->starts[g->of_point[i] + 1]++] = (uint32_t)i;
}

static struct groups groups_of(const struct points *p, struct pool *pool)
{
	struct groups g = {.n = (size_t)sqrt((double)p->n) + 1, .points = p};
	struct rng rng = rng_seeded(42);

	g.centres = mem_alloc(mem_product(g.n, p->dims), sizeof(*g.centres));
	MEM_ARRAY(g.squares, g.n);
	MEM_ARRAY(g.of_point, p->n);
	for (size_t c = 0; c < g.n; c++) {
		const float *point = p->at + rng_below(&rng, p->n) * p->dims;

		memcpy(g.centres + c * p->dims, point, p->dims * sizeof(*point));
		g.squares[c] = square(point, p->dims);
	}
	for (int round = 0; round < CENTRE_ROUNDS; round++) {
		pool_run(pool, n_parts(p->n), assign_part, &g);
		if (round + 1 < CENTRE_ROUNDS)
			move_centres(&g);
	}
	list_members(&g);
	return g;
}

static void groups_release(struct groups *g)
{
	free(g->centres);
	free(g->squares);
	free(g->starts);
	free(g->members);
	free(g->of_point);
}

/* The groups whose centres are nearest to a cell, by number. */
static size_t nearest_groups(const struct search *s, size_t cell, struct candidate *room)
{
	const struct groups *g = s->groups;
	const struct points *p = s->points;
	struct nearest h = {room, 0, s->n_probes};

	for (uint32_t c = 0; c < g->n; c++) {
		float product = 0;

		for (size_t d = 0; d < p->dims; d++)
			product += g->centres[c * p->dims + d] * p->at[cell * p->dims + d];
		offer(&h, (struct candidate){g->squares[c] - 2 * product, c});
	}
	return h.n;
}

static void probe_cell(const struct search *s, size_t i, struct candidate *groups,
		       struct candidate *heap)
{
	const struct points *p = s->points;
	size_t cell = query_cell(s, i), n = nearest_groups(s, cell, groups);
	struct nearest h = {heap, 0, s->knn->k + SPARE};

	for (size_t k = 0; k < n; k++) {
		const size_t *starts = s->groups->starts + groups[k].point;

		for (size_t m = starts[0]; m < starts[1]; m++) {
			uint32_t other = s->groups->members[m];
			float product = 0;

			for (size_t d = 0; d < p->dims; d++)
				product += p->at[other * p->dims + d] * p->at[cell * p->dims + d];
			offer(&h,
			      (struct candidate){p->squares[cell] + p->squares[other] - 2 * product,
						 other});
		}
	}
	if (h.n < s->knn->k) /* too few in those groups: the rest is far away, take it in order */
		for (uint32_t other = 0; h.n < s->knn->k; other++)
			offer(&h, (struct candidate){INFINITY, other});
	settle(p, cell, &h, s->knn->k, s->knn->neighbors + i * s->knn->k,
	       s->knn->distances + i * s->knn->k);
}

static void probe_part(void *arg, size_t part)
{
	const struct search *s = arg;
	size_t end = MIN(s->n_queries, (part + 1) * QUERIES_PER_PART);
	struct candidate *groups = mem_alloc(s->n_probes, sizeof(*groups));
	struct candidate *heap = mem_alloc(s->knn->k + SPARE, sizeof(*heap));

	for (size_t i = part * QUERIES_PER_PART; i < end; i++)
		probe_cell(s, i, groups, heap);
	free(groups);
	free(heap);
}

static double recall(const struct knn *found, const struct knn *truth)
{
	size_t hits = 0, k = truth->k;

	for (size_t i = 0; i < truth->n_cells; i++)
		for (size_t a = 1; a < k; a++)
			for (size_t b = 1; b < k; b++)
				hits += found->neighbors[i * k + a] == truth->neighbors[i * k + b];
	return (double)hits / (double)(truth->n_cells * (k - 1));
}

/* Search more groups until a sample's neighbours are found well enough. */
static size_t choose_probes(struct search *s, struct pool *pool, double *measured)
{
	size_t n = MIN(SAMPLE, s->points->n), k = s->knn->k;
	uint32_t *sample = mem_alloc(n, sizeof(*sample));
	struct knn *truth = knn_new(n, k), *found = knn_new(n, k);
	struct search trial = *s;

	for (size_t i = 0; i < n; i++)
		sample[i] = (uint32_t)(i * s->points->n / n);
	trial.queries = sample;
	trial.n_queries = n;
	trial.knn = truth;
	pool_run(pool, n_parts(n), search_part, &trial);
	trial.knn = found;
	for (trial.n_probes = 4;; trial.n_probes = MIN(s->groups->n, trial.n_probes * 3 / 2)) {
		pool_run(pool, n_parts(n), probe_part, &trial);
		*measured = recall(found, truth);
		if (*measured >= KNN_RECALL + 0.01 || trial.n_probes == s->groups->n)
			break;
	}
	free(sample);
	knn_free(truth);
	knn_free(found);
	return trial.n_probes;
}

/* ---- both ---- */

struct knn *knn_find(const float *points, size_t n_cells, size_t n_dims, size_t k,
		     size_t exact_cells, struct pool *pool, struct err *err)
{
	struct points p = {.at = points, .n = n_cells, .dims = n_dims};
	struct search s = {.points = &p, .n_queries = n_cells};
	struct groups groups;

	if (k < 2 || k > n_cells)
		return err_null(err, "%zu neighbours of %zu cells cannot be found", k, n_cells);
	openblas_set_num_threads(1); /* the pool shares out the work */
	MEM_ARRAY(p.squares, n_cells);
	for (size_t i = 0; i < n_cells; i++)
		p.squares[i] = square(points + i * n_dims, n_dims);
	s.knn = knn_new(n_cells, k);
	if (n_cells <= exact_cells) {
		pool_run(pool, n_parts(n_cells), search_part, &s);
	} else {
		groups = groups_of(&p, pool);
		s.groups = &groups;
		s.n_probes = choose_probes(&s, pool, &s.knn->recall);
		s.knn->n_probes = s.n_probes;
		pool_run(pool, n_parts(n_cells), probe_part, &s);
		groups_release(&groups);
	}
	free(p.squares);
	return s.knn;
}
