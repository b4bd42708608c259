/* transfer.c - see transfer.h. */
#include "base/util.h"

#include <math.h>

#include "calls/calls.h"
#include "map/percentiles.h"
#include "map/transfer.h"
#include "map/tree/sureness.h"

#define CELLS_PER_PART ((size_t)256)

void transfer_start(struct transfer *t, const struct atlas_labels *labels, size_t n)
{
	*t = (struct transfer){.labels = labels, .n = n};
	t->shares = mem_zero(mem_product(n, labels->n) + 1, sizeof(*t->shares));
	MEM_ZERO(t->votes, n + 1);
}

void transfer_release(struct transfer *t)
{
	free(t->shares);
	free(t->votes);
	free(t->knn_distance);
	free(t->knn_pct);
	free(t->map_pct);
	free(t->mapping_score);
	free(t->probability);
	free(t->reconstruction);
	for (size_t i = 0; t->path && i < t->n; i++)
		free(t->path[i]);
	free(t->path);
	free(t->called);
	free(t->reason);
	*t = (struct transfer){0};
}

/* ---- votes ---- */

struct voting {
	struct transfer *t;
	const struct knn_cross *found;
	enum vote_kernel kernel;
};

static void vote_part(void *arg, size_t part)
{
	const struct voting *v = arg;
	struct transfer *t = v->t;
	size_t end = MIN(t->n, (part + 1) * CELLS_PER_PART), k = v->found->k;
	double *weights = mem_alloc(k, sizeof(*weights));

	for (size_t i = part * CELLS_PER_PART; i < end; i++) {
		const double *distances = v->found->distances + i * k;
		double sum = 0;

		vote_weigh(v->kernel, distances, k, weights);
		t->votes[i] =
			vote_count(v->found->neighbors + i * k, weights, k, t->labels->of_point,
				   t->labels->n, t->shares + i * t->labels->n);
		for (size_t j = 0; j < k; j++)
			sum += distances[j];
		t->knn_distance[i] = sum / (double)k;
	}
	free(weights);
}

/* What the shares say: fills votes, and the reason of cells without any. */
static void transfer_count(struct transfer *t, const char *reason)
{
	MEM_ARRAY(t->reason, t->n + 1);
	for (size_t i = 0; i < t->n; i++) {
		t->votes[i] = vote_of_shares(t->shares + i * t->labels->n, t->labels->n);
		t->reason[i] = t->votes[i].label == VOTE_NONE ? reason : "";
	}
}

void transfer_by_cells(struct transfer *t, const struct knn_cross *found, enum vote_kernel kernel,
		       struct pool *pool)
{
	struct voting v = {t, found, kernel};

	MEM_ARRAY(t->knn_distance, t->n + 1);
	pool_run(pool, (t->n + CELLS_PER_PART - 1) / CELLS_PER_PART, vote_part, &v);
	transfer_count(t, "no_labelled_neighbor");
}

static double distance_from_profile(const double *profile, const double *point, size_t dims)
{
	double squares = 0, sum = 0, length;

	for (size_t d = 0; d < dims; d++)
		squares += profile[d] * profile[d];
	length = squares > 0 ? sqrt(squares) : 1;
	for (size_t d = 0; d < dims; d++)
		sum += (profile[d] / length - point[d]) * (profile[d] / length - point[d]);
	return sum;
}

void transfer_by_profiles(struct transfer *t, const double *points, size_t dims)
{
	const double *means = t->labels->of_reference->means;
	size_t n_labels = t->labels->n;

	for (size_t i = 0; i < t->n; i++) {
		double *shares = t->shares + i * n_labels, all = 0;

		for (size_t l = 0; l < n_labels; l++) {
			double squared =
				distance_from_profile(means + l * dims, points + i * dims, dims);

			shares[l] = 1 / MAX(squared * squared, 1e-12);
			all += shares[l];
		}
		for (size_t l = 0; l < n_labels; l++)
			shares[l] /= all;
	}
	transfer_count(t, "no_profile");
}

/* Anchors' shares are kept from 0 and 1 by this when they are taken for probabilities. */
#define LEAST 0.005

void transfer_by_anchors(struct transfer *t, const struct anchors *anchors, size_t k)
{
	if (k && k <= ANCHOR_NEIGHBORS)
		MEM_ZERO(t->knn_distance, t->n + 1);
	for (size_t i = 0; i < t->n && t->knn_distance; i++)
		for (size_t j = 0; j < k; j++)
			t->knn_distance[i] +=
				anchors->distances[i * ANCHOR_NEIGHBORS + j] / (double)k;
	anchors_shares(anchors, t->labels->of_point, t->labels->n, t->shares);
	transfer_count(t, "no_anchor");
	MEM_ARRAY(t->probability, t->n + 1);
	for (size_t i = 0; i < t->n; i++)
		t->probability[i] = t->votes[i].label == VOTE_NONE
					    ? 0
					    : MIN(MAX(t->votes[i].share, LEAST), 1 - LEAST);
}

void transfer_be_sure(struct transfer *t)
{
	const struct ref_labels *l = t->labels->of_reference;

	if (!l || !l->sure)
		return;
	MEM_ARRAY(t->probability, t->n + 1);
	for (size_t i = 0; i < t->n; i++)
		t->probability[i] = t->votes[i].label == VOTE_NONE
					    ? 0
					    : sureness_of(l->sure, t->votes[i].share);
}

void transfer_judge(struct transfer *t, const double *map_distance)
{
	const struct ref_labels *l = t->labels->of_reference;
	struct percentile_scale knn = {0}, map = {0};

	if (l && l->knn_quantiles && t->knn_distance) {
		MEM_ARRAY(t->knn_pct, t->n + 1);
		knn = percentile_scale_of(l->knn_quantiles, l->counts, l->n);
	}
	if (l && l->map_quantiles && map_distance) {
		MEM_ARRAY(t->map_pct, t->n + 1);
		map = percentile_scale_of(l->map_quantiles, l->counts, l->n);
	}
	for (size_t i = 0; i < t->n; i++) {
		if (t->knn_pct)
			t->knn_pct[i] = percentile_in(&knn, t->votes[i].label, t->knn_distance[i]);
		if (t->map_pct)
			t->map_pct[i] = percentile_in(&map, t->votes[i].label, map_distance[i]);
	}
	percentile_scale_release(&knn);
	percentile_scale_release(&map);
}

/* ---- writing ---- */

struct writing {
	const struct transfer *t;
	char *const *cells;
	const char *model;
	struct pool *pool;
};

static const char *label_name(const struct transfer *t, uint32_t label, const char *none)
{
	return label == VOTE_NONE ? none : t->labels->names[label];
}

static void put_optional(struct tsv_writer *w, const double *values, size_t row)
{
	if (values)
		tsv_put_float(w, values[row]);
}

static void put_row(struct tsv_writer *w, void *arg, size_t row)
{
	const struct writing *x = arg;
	const struct transfer *t = x->t;
	const struct vote *v = &t->votes[row];

	tsv_put(w, x->cells[row]);
	tsv_put(w, t->called ? t->called[row] : label_name(t, v->label, TRANSFER_UNKNOWN));
	tsv_put_float(w, v->share);
	tsv_put_float(w, v->margin);
	tsv_put(w, label_name(t, v->second, ""));
	tsv_put_float(w, v->entropy);
	tsv_put(w, x->model);
	if (t->labels->ids)
		tsv_put(w, v->label == VOTE_NONE ? "" : t->labels->ids[v->label]);
	put_optional(w, t->knn_distance, row);
	put_optional(w, t->knn_pct, row);
	put_optional(w, t->map_pct, row);
	put_optional(w, t->mapping_score, row);
	put_optional(w, t->probability, row);
	put_optional(w, t->reconstruction, row);
	if (t->path)
		tsv_put(w, t->path[row]);
	tsv_put(w, t->reason[row]);
}

static int put_table(struct tsv_writer *w, void *arg, struct err *err UNUSED)
{
	struct writing *x = arg;
	const struct transfer *t = x->t;
	struct text header = TEXT_INIT;

	text_add(&header, "%s%s%s%s%s%s%s%s%s\ttransfer_reason", CALLS_HEADER,
		 t->labels->ids ? "\tcl_id" : "", t->knn_distance ? "\tknn_distance" : "",
		 t->knn_pct ? "\tknn_pct" : "", t->map_pct ? "\tmap_pct" : "",
		 t->mapping_score ? "\tmapping_score" : "", t->probability ? "\tprobability" : "",
		 t->reconstruction ? "\treconstruction" : "", t->path ? "\tpath" : "");
	tsv_header(w, header.s);
	tsv_put_rows(w, x->pool, t->n, put_row, x);
	text_release(&header);
	return 0;
}

int transfer_write(const struct transfer *t, char *const *cells, const char *model,
		   const char *path, struct pool *pool, struct err *err)
{
	struct writing x = {t, cells, model, pool};

	return tsv_write_file(path, put_table, &x, err);
}

static int put_shares(struct tsv_writer *w, void *arg, struct err *err UNUSED)
{
	const struct writing *x = arg;
	const struct transfer *t = x->t;

	tsv_put(w, "cell");
	for (size_t l = 0; l < t->labels->n; l++)
		tsv_put(w, t->labels->names[l]);
	tsv_end_row(w);
	for (size_t i = 0; i < t->n; i++) {
		tsv_put(w, x->cells[i]);
		for (size_t l = 0; l < t->labels->n; l++)
			tsv_put_float(w, t->shares[i * t->labels->n + l]);
		tsv_end_row(w);
	}
	return 0;
}

int transfer_write_shares(const struct transfer *t, char *const *cells, const char *path,
			  struct err *err)
{
	struct writing x = {t, cells, NULL, NULL};

	return tsv_write_file(path, put_shares, &x, err);
}
