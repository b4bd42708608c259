/* percentiles.c - see percentiles.h. */
#include "base/util.h"

#include <math.h>

#include "base/rng.h"
#include "graph/knn_cross.h"
#include "linalg/exponential.h"
#include "map/harmony/soft.h"
#include "map/percentiles.h"
#include "map/spread.h"
#include "map/tree/neighbour_votes.h"
#include "map/tree/sureness.h"

#define FOLDS ((size_t)5)
#define EXACT_CELLS ((size_t)500000)

/* ---- quantiles ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

void percentile_quantiles(double *values, size_t n, double *quantiles)
{
	qsort(values, n, sizeof(*values), by_value);
	for (size_t i = 0; i < REF_QUANTILES; i++) {
		double at = (double)i / (double)(REF_QUANTILES - 1) * (double)(n - 1);
		size_t low = (size_t)at, high = MIN(low + 1, n - 1);

		quantiles[i] = values[low] + (at - (double)low) * (values[high] - values[low]);
	}
}

double percentile_of(const double *quantiles, double value)
{
	size_t low = 0, high = REF_QUANTILES - 1;
	double step;

	if (isnan(value) || value <= quantiles[0])
		return isnan(value) ? NAN : 0;
	if (value >= quantiles[high])
		return 100;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (quantiles[middle] <= value)
			low = middle;
		else
			high = middle;
	}
	step = quantiles[high] - quantiles[low];
	return 100 * ((double)low + (step > 0 ? (value - quantiles[low]) / step : 0)) /
	       (double)(REF_QUANTILES - 1);
}

/* ---- beyond the quantiles ---- */

#define TENTH ((REF_QUANTILES - 1) / 10 * 9) /* the quantile that a tenth of the cells exceed */

struct weighed {
	double value, weight;
};

static int by_weighed(const void *a, const void *b)
{
	return by_value(&((const struct weighed *)a)->value, &((const struct weighed *)b)->value);
}

/* The quantiles of all labels' cells together. */
static void pool_quantiles(const double *quantiles, const double *counts, size_t n, double *pooled)
{
	size_t all = mem_product(n, REF_QUANTILES), at = 0;
	struct weighed *list = mem_alloc(all, sizeof(*list));
	double total = 0, sum = 0;

	for (size_t i = 0; i < all; i++) {
		list[i] = (struct weighed){quantiles[i], counts[i / REF_QUANTILES]};
		total += list[i].weight;
	}
	qsort(list, all, sizeof(*list), by_weighed);
	for (size_t i = 0; i < REF_QUANTILES; i++) {
		double want = total * (double)i / (double)(REF_QUANTILES - 1);

		while (at + 1 < all && sum + list[at].weight < want)
			sum += list[at++].weight;
		pooled[i] = list[at].value;
	}
	free(list);
}

/* How steeply the share of cells falls with the distance, beyond a tenth of them. */
static double power_of(const double *quantiles, const double *counts, size_t n)
{
	double logs = 0, exceeding = 0;

	for (size_t l = 0; l < n; l++) {
		const double *own = quantiles + l * REF_QUANTILES;

		for (size_t i = TENTH + 1; i < REF_QUANTILES && own[TENTH] > 0; i++) {
			logs += counts[l] * log_double(own[i] / own[TENTH]);
			exceeding += counts[l];
		}
	}
	return logs > 0 ? exceeding / logs : 0;
}

struct percentile_scale percentile_scale_of(const double *quantiles, const double *counts, size_t n)
{
	struct percentile_scale s = {.n = quantiles ? n : 0};
	double pooled[REF_QUANTILES];

	if (!s.n)
		return s;
	s.quantiles = mem_alloc(mem_product(n, REF_QUANTILES), sizeof(*s.quantiles));
	pool_quantiles(quantiles, counts, n, pooled);
	for (size_t i = 0; i < n * REF_QUANTILES; i++)
		s.quantiles[i] = sqrt(quantiles[i] * pooled[i % REF_QUANTILES]);
	s.power = power_of(quantiles, counts, n);
	return s;
}

void percentile_scale_release(struct percentile_scale *s)
{
	free(s->quantiles);
	*s = (struct percentile_scale){0};
}

double percentile_in(const struct percentile_scale *s, size_t label, double value)
{
	const double *own = s->quantiles + label * REF_QUANTILES;
	double beyond;

	if (label >= s->n || isnan(value))
		return NAN;
	if (value <= own[TENTH] || !(own[TENTH] > 0) || !(s->power > 0))
		return percentile_of(own, value);
	beyond = 1 + s->power * log_double(value / own[TENTH]);
	return 100 - 10 / (beyond * beyond);
}

/* ---- who is measured against whom ---- */

struct own_distances {
	const struct reference *ref;
	const double *members;
	struct pool *pool;
	size_t n_folds;
	uint8_t *fold; /* per cell */
	size_t *cells; /* measured, rising */
	size_t n_cells;
	double *map, *knn; /* per measured cell */
	double *shares;    /* label columns x measured cells: of the label that wins */
	bool *right;       /* it is the cell's own; the same shape */
};

static void choose_folds(struct own_distances *h, const struct batches *donors, uint64_t seed)
{
	size_t n = h->ref->n_cells, n_donors = donors ? donors->first[1] : 0;

	MEM_ARRAY(h->fold, n + 1);
	h->n_folds = n_donors >= 2 ? MIN(FOLDS, n_donors) : FOLDS;
	for (size_t i = 0; i < n; i++)
		h->fold[i] = (uint8_t)(n_donors >= 2 ? donors->levels[i * donors->n_variables] %
							       h->n_folds
						     : mix64(seed ^ mix64(i)) % h->n_folds);
}

/*
 * A label that all lies in one fold would be measured against an atlas without it: its cells are spread
 * over the folds by chance.
 */
static void spread_lonely(struct own_distances *h, uint64_t seed)
{
	const struct ref_labels *l = &h->ref->labels[0];
	size_t n = h->ref->n_cells, none = h->n_folds;
	size_t *only = mem_alloc(l->n + 1, sizeof(*only));

	for (size_t i = 0; i < l->n; i++)
		only[i] = none;
	for (size_t i = 0; i < n; i++) {
		size_t *seen = l->of_cell[i] >= 0 ? &only[l->of_cell[i]] : NULL;

		if (seen && *seen != h->fold[i])
			*seen = *seen == none ? h->fold[i] : none + 1;
	}
	for (size_t i = 0; i < n; i++)
		if (l->of_cell[i] >= 0 && only[l->of_cell[i]] < none)
			h->fold[i] = (uint8_t)(mix64(seed ^ mix64(i)) % h->n_folds);
	free(only);
}

/* Of every label of the first column so many cells, evenly spread over the file. */
static void choose_cells(struct own_distances *h)
{
	const struct ref_labels *l = &h->ref->labels[0];
	size_t *seen = mem_zero(l->n + 1, sizeof(*seen));

	MEM_ARRAY(h->cells, h->ref->n_cells + 1);
	for (size_t i = 0; i < h->ref->n_cells; i++) {
		size_t label, of, take;

		if (l->of_cell[i] < 0)
			continue;
		label = (size_t)l->of_cell[i];
		of = (size_t)l->counts[label];
		take = MIN(of, PERCENTILES_CELLS);
		if ((seen[label] + 1) * take / of > seen[label] * take / of)
			h->cells[h->n_cells++] = i;
		seen[label]++;
	}
	free(seen);
	MEM_ARRAY(h->map, h->n_cells + 1);
	MEM_ARRAY(h->knn, h->n_cells + 1);
	MEM_ZERO(h->shares, mem_product(h->ref->n_labels, h->n_cells) + 1);
	MEM_ZERO(h->right, mem_product(h->ref->n_labels, h->n_cells) + 1);
}

/* ---- distances ---- */

static double *gather(const double *from, const size_t *rows, size_t n, size_t width)
{
	double *to = mem_alloc(mem_product(n, width) + 1, sizeof(*to));

	for (size_t i = 0; i < n; i++)
		memcpy(to + i * width, from + rows[i] * width, width * sizeof(*to));
	return to;
}

/* What the neighbours of a measured cell say it is, and whether they are right. */
static void count_votes(struct own_distances *h, size_t at, const uint32_t *neighbors,
			const double *distances, size_t k, const size_t *others)
{
	uint32_t *rows = mem_alloc(k, sizeof(*rows));
	double *weights = mem_alloc(k, sizeof(*weights));

	vote_weigh(VOTE_SHARP, distances, k, weights);
	for (size_t j = 0; j < k; j++)
		rows[j] = (uint32_t)others[neighbors[j]];
	for (size_t c = 0; c < h->ref->n_labels; c++) {
		const struct ref_labels *l = &h->ref->labels[c];
		double *shares = mem_alloc(l->n + 1, sizeof(*shares));
		struct vote v = vote_count(rows, weights, k, l->of_cell, l->n, shares);
		int32_t own = l->of_cell[h->cells[at]];

		h->shares[c * h->n_cells + at] = own < 0 ? NAN : v.share;
		h->right[c * h->n_cells + at] = own >= 0 && v.label == (uint32_t)own;
		free(shares);
	}
	free(weights);
	free(rows);
}

static int measure_knn(struct own_distances *h, const double *points, const size_t *asked,
		       const size_t *at, size_t n_asked, const size_t *others, size_t n_others,
		       struct err *err)
{
	size_t dims = h->ref->n_dims, k = MIN(h->ref->knn_k, n_others);
	double *queries = gather(points, asked, n_asked, dims);
	double *rest = gather(points, others, n_others, dims);
	struct knn_cross *found = knn_cross_find(queries, n_asked, rest, n_others, dims, k,
						 EXACT_CELLS, h->pool, err);

	for (size_t i = 0; found && i < n_asked; i++) {
		double sum = 0;

		for (size_t j = 0; j < k; j++)
			sum += found->distances[i * k + j];
		h->knn[at[i]] = sum / (double)k;
		count_votes(h, at[i], found->neighbors + i * k, found->distances + i * k, k,
			    others);
	}
	free(queries);
	free(rest);
	if (!found)
		return -1;
	knn_cross_free(found);
	return 0;
}

static void measure_map(struct own_distances *h, const size_t *asked, const size_t *at,
			size_t n_asked, const size_t *others, size_t n_others)
{
	const struct reference *ref = h->ref;
	size_t K = ref->clusters.n, dims = ref->n_dims;
	double *rest = gather(ref->pca, others, n_others, dims);
	double *rest_members = gather(h->members, others, n_others, K);
	double *queries = gather(ref->pca, asked, n_asked, dims);
	double *query_members = gather(h->members, asked, n_asked, K);
	double *distances = mem_alloc(n_asked + 1, sizeof(*distances));
	struct ref_spread s = {.means = NULL};

	spread_of(rest_members, rest, n_others, dims, K, h->pool, &s);
	spread_distances(&s, query_members, queries, n_asked, dims, K, h->pool, distances);
	for (size_t i = 0; i < n_asked; i++)
		h->map[at[i]] = distances[i];
	free(s.means);
	free(s.factors);
	free(distances);
	free(query_members);
	free(queries);
	free(rest_members);
	free(rest);
}

static int measure_fold(struct own_distances *h, const double *points, size_t fold, struct err *err)
{
	size_t *asked = mem_alloc(h->n_cells + 1, sizeof(*asked));
	size_t *at = mem_alloc(h->n_cells + 1, sizeof(*at));
	size_t *others = mem_alloc(h->ref->n_cells + 1, sizeof(*others));
	size_t n_asked = 0, n_others = 0;
	int ret = 0;

	for (size_t i = 0; i < h->n_cells; i++)
		if (h->fold[h->cells[i]] == fold) {
			at[n_asked] = i;
			asked[n_asked++] = h->cells[i];
		}
	for (size_t i = 0; i < h->ref->n_cells; i++)
		if (h->fold[i] != fold)
			others[n_others++] = i;
	if (n_asked && n_others < 2)
		ret = err_refuse(err,
				 "%zu cells are too few to measure distances of held-out cells",
				 h->ref->n_cells);
	else if (n_asked)
		ret = measure_knn(h, points, asked, at, n_asked, others, n_others, err);
	if (!ret && n_asked && h->members)
		measure_map(h, asked, at, n_asked, others, n_others);
	free(others);
	free(at);
	free(asked);
	return ret;
}

/* ---- per label ---- */

static double *label_quantiles(const struct own_distances *h, const struct ref_labels *l,
			       const double *values)
{
	double *out = mem_alloc(mem_product(l->n, REF_QUANTILES) + 1, sizeof(*out));
	double *room = mem_alloc(h->n_cells + 1, sizeof(*room));

	for (size_t label = 0; label < l->n; label++) {
		size_t n = 0;

		for (size_t i = 0; i < h->n_cells; i++)
			if (l->of_cell[h->cells[i]] == (int32_t)label)
				room[n++] = values[i];
		if (n < PERCENTILES_LEAST) {
			memcpy(room, values, h->n_cells * sizeof(*room));
			n = h->n_cells;
		}
		percentile_quantiles(room, n, out + label * REF_QUANTILES);
	}
	free(room);
	return out;
}

/* Of the cells that have a label in the column. */
static double *column_sureness(const struct own_distances *h, size_t column)
{
	double *sure = mem_alloc(2, sizeof(*sure));
	double *shares = mem_alloc(h->n_cells + 1, sizeof(*shares));
	bool *right = mem_alloc(h->n_cells + 1, sizeof(*right));
	size_t n = 0;

	for (size_t i = 0; i < h->n_cells; i++) {
		if (isnan(h->shares[column * h->n_cells + i]))
			continue;
		shares[n] = h->shares[column * h->n_cells + i];
		right[n++] = h->right[column * h->n_cells + i];
	}
	sureness_fit(shares, right, n, sure);
	free(right);
	free(shares);
	return sure;
}

int percentiles_fill(struct reference *ref, const double *members, const struct batches *donors,
		     uint64_t seed, struct pool *pool, struct err *err)
{
	struct own_distances h = {.ref = ref, .members = members, .pool = pool};
	double *units = NULL;
	int ret = 0;

	choose_folds(&h, donors, seed);
	spread_lonely(&h, seed);
	choose_cells(&h);
	if (ref->knn_cosine) {
		units = mem_alloc(mem_product(ref->n_cells, ref->n_dims) + 1, sizeof(*units));
		unit_rows(ref->pca, ref->n_cells, ref->n_dims, units, pool);
	}
	for (size_t fold = 0; fold < h.n_folds && !ret; fold++)
		ret = measure_fold(&h, units ? units : ref->pca, fold, err);
	for (size_t i = 0; i < ref->n_labels && !ret && h.n_cells; i++) {
		ref->labels[i].knn_quantiles = label_quantiles(&h, &ref->labels[i], h.knn);
		ref->labels[i].sure = column_sureness(&h, i);
		if (members)
			ref->labels[i].map_quantiles = label_quantiles(&h, &ref->labels[i], h.map);
	}
	free(units);
	free(h.fold);
	free(h.cells);
	free(h.map);
	free(h.knn);
	free(h.shares);
	free(h.right);
	return ret;
}
