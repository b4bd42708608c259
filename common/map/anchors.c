/* anchors.c - see anchors.h. The mapping score: anchors_score.c. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "graph/knn_cross.h"
#include "linalg/exponential.h"
#include "map/anchors_private.h"
#include "map/harmony/soft.h"

#define CHOOSE ((size_t)5) /* neighbours that may become anchors */
#define SCORE ANCHOR_NEIGHBORS
#define EXACT SIZE_MAX
#define ANCHORS_PER_PART ((size_t)256)

/* Neighbours of some cells of one set in the other. */
struct lists {
	uint32_t *cells; /* whose; rising */
	size_t n;
	struct knn_cross *found;
	uint32_t *row; /* per cell of the whole set: its row here, or UINT32_MAX */
};

double *anchor_gather(const double *from, const uint32_t *rows, size_t n, size_t dims)
{
	double *to = mem_alloc(mem_product(n, dims) + 1, sizeof(*to));

	for (size_t i = 0; i < n; i++)
		memcpy(to + i * dims, from + rows[i] * dims, dims * sizeof(*to));
	return to;
}

/* Neighbours among 'points' of the cells of 'from' that are wanted. */
static int find_lists(struct lists *l, const bool *wanted, const double *from, size_t n_from,
		      const double *points, size_t n_points, size_t dims, struct pool *pool,
		      struct err *err)
{
	double *asked;

	*l = (struct lists){0};
	MEM_ARRAY(l->cells, n_from + 1);
	MEM_ARRAY(l->row, n_from + 1);
	for (size_t i = 0; i < n_from; i++) {
		l->row[i] = UINT32_MAX;
		if (!wanted || wanted[i]) {
			l->row[i] = (uint32_t)l->n;
			l->cells[l->n++] = (uint32_t)i;
		}
	}
	asked = anchor_gather(from, l->cells, l->n, dims);
	l->found = knn_cross_find(asked, l->n, points, n_points, dims, SCORE, EXACT, pool, err);
	free(asked);
	return l->found ? 0 : -1;
}

static void lists_release(struct lists *l)
{
	free(l->cells);
	free(l->row);
	knn_cross_free(l->found);
}

static const uint32_t *list_of(const struct lists *l, uint32_t cell)
{
	return l->found->neighbors + (size_t)l->row[cell] * SCORE;
}

/* ---- pairs ---- */

struct pair {
	uint32_t reference, query, rank_there, rank_here;
};

static int by_order(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->reference != y->reference)
		return x->reference < y->reference ? -1 : 1;
	if (x->rank_there != y->rank_there)
		return x->rank_there < y->rank_there ? -1 : 1;
	return x->rank_here < y->rank_here ? -1 : x->rank_here > y->rank_here;
}

static void keep_pairs(struct anchors *a, struct pair *pairs, size_t n)
{
	if (n)
		qsort(pairs, n, sizeof(*pairs), by_order);
	a->n = n;
	MEM_ARRAY(a->reference, n + 1);
	MEM_ARRAY(a->query, n + 1);
	for (size_t i = 0; i < n; i++) {
		a->reference[i] = pairs[i].reference;
		a->query[i] = pairs[i].query;
	}
}

static void choose_pairs(struct anchors *a, const struct lists *of_query,
			 const struct lists *of_reference)
{
	struct pair *pairs = mem_alloc(of_query->n * CHOOSE + 1, sizeof(*pairs));
	size_t n = 0;

	for (size_t y = 0; y < of_query->n; y++)
		for (uint32_t there = 0; there < CHOOSE; there++) {
			uint32_t x = of_query->found->neighbors[y * SCORE + there];
			const uint32_t *back = list_of(of_reference, x);

			for (uint32_t here = 0; here < CHOOSE; here++)
				if (back[here] == y)
					pairs[n++] = (struct pair){x, (uint32_t)y, there, here};
		}
	keep_pairs(a, pairs, n);
	free(pairs);
}

/* ---- scores ---- */

/* Of the first 30 neighbours of a cell, itself counted, and those across: the union. */
static size_t join(const uint32_t *own, const uint32_t *across, uint32_t offset, uint32_t *out)
{
	for (size_t i = 0; i < SCORE; i++) {
		out[i] = own[i];
		out[SCORE + i] = across[i] + offset;
	}
	return 2 * SCORE;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t count_shared(uint32_t *a, uint32_t *b, size_t n)
{
	uint32_t shared = 0;

	qsort(a, n, sizeof(*a), by_number);
	qsort(b, n, sizeof(*b), by_number);
	for (size_t i = 0, j = 0; i < n && j < n;) {
		if (a[i] == b[j]) {
			shared++;
			i++;
			j++;
		} else if (a[i] < b[j]) {
			i++;
		} else {
			j++;
		}
	}
	return shared;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double quantile(const double *sorted, size_t n, double share)
{
	double at = share * (double)(n - 1);
	size_t low = (size_t)at, high = MIN(low + 1, n - 1);

	return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

void anchors_scale_scores(struct anchors *a)
{
	double *sorted = mem_alloc(a->n, sizeof(*sorted)), low, high;

	for (size_t i = 0; i < a->n; i++)
		sorted[i] = a->shared[i];
	qsort(sorted, a->n, sizeof(*sorted), by_value);
	low = quantile(sorted, a->n, 0.01);
	high = quantile(sorted, a->n, 0.9);
	for (size_t i = 0; i < a->n; i++) {
		double s = high > low ? (a->shared[i] - low) / (high - low) : 1;

		a->scores[i] = s < 0 ? 0 : s > 1 ? 1 : s;
	}
	free(sorted);
}

struct sharing {
	struct anchors *a;
	const struct anchor_sets *sets;
	const struct lists *rr, *rq, *qr,
		*qq; /* whose neighbours in which set; rr NULL: the sets' */
};

/* Cells of one set keep their numbers, those of the other follow behind. */
static void share_part(void *arg, size_t part)
{
	const struct sharing *s = arg;
	struct anchors *a = s->a;
	uint32_t one[2 * SCORE], two[2 * SCORE], behind = (uint32_t)s->sets->n_reference;

	for (size_t i = part * ANCHORS_PER_PART; i < MIN(a->n, (part + 1) * ANCHORS_PER_PART);
	     i++) {
		uint32_t x = a->reference[i], y = a->query[i];
		const uint32_t *own =
			s->rr ? list_of(s->rr, x) : s->sets->neighbors + x * s->sets->n_neighbors;
		size_t n = join(own, list_of(s->rq, x), behind, one);

		join(list_of(s->qr, y), list_of(s->qq, y), behind, two);
		a->shared[i] = count_shared(one, two, n);
	}
}

static void score(struct sharing *s, struct pool *pool)
{
	struct anchors *a = s->a;

	MEM_ARRAY(a->shared, a->n + 1);
	MEM_ARRAY(a->scores, a->n + 1);
	pool_run(pool, (a->n + ANCHORS_PER_PART - 1) / ANCHORS_PER_PART, share_part, s);
	anchors_scale_scores(a);
}

/* ---- finding ---- */

static bool *flags_of(const uint32_t *cells, size_t n, size_t of)
{
	bool *flags = mem_zero(of + 1, sizeof(*flags));

	for (size_t i = 0; i < n; i++)
		flags[cells[i]] = true;
	return flags;
}

/* Reference cells that a query cell chose, and no others, are asked back. */
static bool *chosen(const struct lists *of_query, size_t n_reference)
{
	bool *flags = mem_zero(n_reference + 1, sizeof(*flags));

	for (size_t y = 0; y < of_query->n; y++)
		for (size_t i = 0; i < CHOOSE; i++)
			flags[of_query->found->neighbors[y * SCORE + i]] = true;
	return flags;
}

static int find_all(struct anchors *a, const struct anchor_sets *s, const double *reference,
		    const double *query, struct pool *pool, struct err *err)
{
	struct lists qr = {0}, rq = {0}, rr = {0}, qq = {0};
	bool has_own = s->neighbors && s->n_neighbors >= SCORE, *wanted = NULL, *anchored = NULL;
	int ret = find_lists(&qr, NULL, query, s->n_query, reference, s->n_reference, s->dims, pool,
			     err);

	if (!ret)
		a->distances = mem_copy(qr.found->distances, mem_product(s->n_query, SCORE),
					sizeof(*a->distances));
	if (!ret) {
		wanted = chosen(&qr, s->n_reference);
		ret = find_lists(&rq, wanted, reference, s->n_reference, query, s->n_query, s->dims,
				 pool, err);
	}
	if (!ret) {
		choose_pairs(a, &qr, &rq);
		if (!a->n)
			ret = err_refuse(err, "query and reference have no anchors: no two cells "
					      "choose each other");
	}
	if (!ret) {
		free(wanted);
		wanted = flags_of(a->reference, a->n, s->n_reference);
		anchored = flags_of(a->query, a->n, s->n_query);
		for (size_t i = 0; i < s->n_query; i++)
			a->n_anchored += anchored[i];
		ret = find_lists(&qq, anchored, query, s->n_query, query, s->n_query, s->dims, pool,
				 err);
	}
	if (!ret && !has_own)
		ret = find_lists(&rr, wanted, reference, s->n_reference, reference, s->n_reference,
				 s->dims, pool, err);
	if (!ret)
		score(&(struct sharing){a, s, has_own ? NULL : &rr, &rq, &qr, &qq}, pool);
	free(wanted);
	free(anchored);
	lists_release(&qr);
	lists_release(&rq);
	lists_release(&rr);
	lists_release(&qq);
	return ret;
}

struct anchors *anchors_find(const struct anchor_sets *sets, struct pool *pool, struct err *err)
{
	struct anchors *a = mem_zero(1, sizeof(*a));
	double *reference, *query;
	int ret;

	a->n_query = sets->n_query;
	if (sets->n_reference <= SCORE || sets->n_query <= SCORE) {
		free(a);
		err_refuse(err, "anchors between %zu and %zu cells: %zu are the fewest",
			   sets->n_reference, sets->n_query, SCORE + 1);
		return NULL;
	}
	reference = mem_alloc(mem_product(sets->n_reference, sets->dims), sizeof(double));
	query = mem_alloc(mem_product(sets->n_query, sets->dims), sizeof(double));
	unit_rows(sets->reference, sets->n_reference, sets->dims, reference, pool);
	unit_rows(sets->query, sets->n_query, sets->dims, query, pool);
	ret = find_all(a, sets, reference, query, pool, err);
	free(reference);
	free(query);
	if (!ret)
		return a;
	anchors_free(a);
	return NULL;
}

void anchors_free(struct anchors *a)
{
	if (!a)
		return;
	free(a->reference);
	free(a->query);
	free(a->shared);
	free(a->scores);
	free(a->distances);
	free(a->of);
	free(a->weights);
	free(a);
}

/* ---- weights ---- */

struct anchor_index anchor_index_of(const uint32_t *query, size_t n_anchors, size_t n_query)
{
	struct anchor_index x = {0};
	bool *seen = mem_zero(n_query + 1, sizeof(*seen));
	size_t *at = mem_alloc(n_query + 1, sizeof(*at));

	MEM_ARRAY(x.list, n_anchors + 1);
	MEM_ZERO(x.starts, n_query + 1);
	MEM_ARRAY(x.cells, n_anchors + 1);
	for (size_t i = 0; i < n_anchors; i++) {
		x.starts[query[i] + 1]++;
		if (!seen[query[i]])
			x.cells[x.n_cells++] = query[i];
		seen[query[i]] = true;
	}
	for (size_t i = 0; i < n_query; i++)
		x.starts[i + 1] += x.starts[i];
	memcpy(at, x.starts, n_query * sizeof(*at));
	for (size_t i = 0; i < n_anchors; i++)
		x.list[at[query[i]]++] = (uint32_t)i;
	free(at);
	free(seen);
	return x;
}

void anchor_index_release(struct anchor_index *x)
{
	free(x->list);
	free(x->starts);
	free(x->cells);
}

static size_t position(const uint32_t *list, size_t n, uint32_t item)
{
	size_t at = 0;

	while (at < n && list[at] != item)
		at++;
	return at;
}

void anchor_walk(const struct anchor_index *x, const double *scores, const uint32_t *stands_for,
		 const double *distances, size_t k, uint32_t *of, double *weights)
{
	double farthest = distances[k - 1], sum = 0;
	size_t n = 0, taken = 0;

	for (size_t i = 0; i < k && taken < k; i++) {
		double near = farthest > 0 ? 1 - distances[i] / farthest : 1;
		uint32_t cell = stands_for[i];

		for (size_t j = x->starts[cell]; j < x->starts[cell + 1] && taken < k; j++) {
			size_t at = position(of, n, x->list[j]);

			n += at == n;
			taken++;
			of[at] = x->list[j];
			weights[at] = 1 - exp_double(-near * scores[x->list[j]] / 4);
		}
	}
	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	for (size_t i = 0; i < k; i++) {
		if (i >= n) {
			of[i] = UINT32_MAX;
			weights[i] = 0;
		}
		weights[i] = sum > 0 ? weights[i] / sum : 0;
	}
}

size_t anchors_weigh(struct anchors *a, const struct anchor_sets *sets, size_t k, struct pool *pool,
		     struct err *err)
{
	struct anchor_index x = anchor_index_of(a->query, a->n, a->n_query);
	double *points = anchor_gather(sets->query, x.cells, x.n_cells, sets->dims);
	uint32_t *stands_for;
	struct knn_cross *found;

	a->width = k = MIN(k, x.n_cells);
	MEM_ARRAY(stands_for, k);
	found = knn_cross_find(sets->query, sets->n_query, points, x.n_cells, sets->dims, k, EXACT,
			       pool, err);
	if (found) {
		a->of = mem_alloc(mem_product(a->n_query, k), sizeof(*a->of));
		a->weights = mem_alloc(mem_product(a->n_query, k), sizeof(*a->weights));
	}
	for (size_t i = 0; found && i < a->n_query; i++) {
		for (size_t j = 0; j < k; j++)
			stands_for[j] = x.cells[found->neighbors[i * k + j]];
		anchor_walk(&x, a->scores, stands_for, found->distances + i * k, k, a->of + i * k,
			    a->weights + i * k);
	}
	k = found ? k : 0;
	knn_cross_free(found);
	free(stands_for);
	free(points);
	anchor_index_release(&x);
	return k;
}

void anchors_shares(const struct anchors *a, const int32_t *label_of, size_t n_labels,
		    double *shares)
{
	memset(shares, 0, mem_product(a->n_query, n_labels) * sizeof(*shares));
	for (size_t i = 0; i < a->n_query; i++)
		for (size_t j = 0; j < a->width && a->of[i * a->width + j] != UINT32_MAX; j++) {
			int32_t label = label_of[a->reference[a->of[i * a->width + j]]];

			if (label >= 0)
				shares[i * n_labels + (size_t)label] +=
					a->weights[i * a->width + j];
		}
}
