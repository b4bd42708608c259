/* symphony.c - a reference that symphonypy made, read, and its query mapped as symphonypy maps it
 * (tests/golden/map/README.md). */
#include "tap.h"

#include <hdf5.h>
#include <math.h>

#include "expression/expression.h"
#include "graph/knn_cross.h"
#include "map/correction.h"
#include "map/import_symphony.h"
#include "map/projection.h"
#include "map/spread.h"
#include "map/tree/neighbour_votes.h"

#define GOLDEN "tests/golden/map/"

struct world {
	struct pool *pool;
	struct reference *ref;
	struct h5ad *query;
	hid_t results;
	size_t n, dims;
};

static double *read_doubles(const struct world *w, const char *name, const char *what, size_t *n)
{
	char path[200];
	hid_t dataset, space;
	double *values;

	snprintf(path, sizeof(path), "%s/%s", name, what);
	dataset = H5Dopen2(w->results, path, H5P_DEFAULT);
	space = H5Dget_space(dataset);
	*n = (size_t)H5Sget_simple_extent_npoints(space);
	values = mem_alloc(*n, sizeof(*values));
	H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
	H5Sclose(space);
	H5Dclose(dataset);
	return values;
}

/* Texts of fixed width, one after the other. */
static char **read_texts(const struct world *w, const char *name, const char *what,
			 struct names *out)
{
	char path[200];
	hid_t dataset, type, space;
	char *bytes;
	size_t width, n;

	snprintf(path, sizeof(path), "%s/%s", name, what);
	if (H5Lexists(w->results, path, H5P_DEFAULT) <= 0)
		return out->s;
	dataset = H5Dopen2(w->results, path, H5P_DEFAULT);
	type = H5Dget_type(dataset);
	space = H5Dget_space(dataset);
	width = H5Tget_size(type);
	n = (size_t)H5Sget_simple_extent_npoints(space);
	bytes = mem_zero(n * width + 1, 1);
	H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes);
	for (size_t i = 0; i < n; i++)
		names_add_n(out, bytes + i * width, strnlen(bytes + i * width, width));
	free(bytes);
	H5Sclose(space);
	H5Tclose(type);
	H5Dclose(dataset);
	return out->s;
}

static void compare(const struct world *w, const char *name, const char *what, const double *ours,
		    double tolerance)
{
	size_t n;
	double *want = read_doubles(w, name, what, &n), worst = 0, scale = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(want[i]) != isnan(ours[i]))
			worst = INFINITY;
		if (isnan(want[i]))
			continue;
		scale = MAX(scale, fabs(want[i]));
		worst = MAX(worst, fabs(want[i] - ours[i]));
	}
	OK(worst < tolerance * MAX(scale, 1), "%s: %s within %.0e: %.1e", name, what, tolerance,
	   worst / MAX(scale, 1));
	free(want);
}

/* The query's coordinates, without the genes that this case drops. */
static double *project(const struct world *w, const char *name)
{
	struct err err = ERR_INIT;
	struct input_rules rules = {.slot = "X", .target_sum = 1e4};
	struct input *in = input_open(w->query, &rules, w->pool, &err);
	struct names dropped = {0};
	char **genes = mem_alloc(in->n_genes, sizeof(*genes));
	double *points = mem_alloc(w->n * w->dims, sizeof(*points));
	struct projection *p;
	struct stream *cells;

	read_texts(w, name, "dropped_genes", &dropped);
	for (size_t g = 0; g < in->n_genes; g++) {
		genes[g] = in->genes[g];
		for (size_t i = 0; i < dropped.n; i++)
			if (str_eq(genes[g], dropped.s[i]))
				genes[g] = (char *)"";
	}
	p = projection_new(w->ref, genes, in->n_genes);
	cells = input_stream(in, NULL, 0, &err);
	OK(cells && !projection_read(p, cells, w->pool, points, NULL, &err), "%s: placed (%s)",
	   name, err.text);
	stream_free(cells);
	projection_free(p);
	free(genes);
	names_release(&dropped);
	input_close(in);
	return points;
}

static void compare_labels(const struct world *w, const char *name, const double *mapped)
{
	struct err err = ERR_INIT;
	const struct ref_labels *l = &w->ref->labels[0];
	struct knn_cross *found = knn_cross_find(mapped, w->n, w->ref->corrected, w->ref->n_cells,
						 w->dims, 5, SIZE_MAX, w->pool, &err);
	double weights[5], *shares = mem_alloc(l->n, sizeof(*shares));
	struct names want = {0};
	size_t same = 0;

	read_texts(w, name, "knn5_label", &want);
	for (size_t i = 0; i < w->n; i++) {
		struct vote v;

		vote_weigh(VOTE_UNIFORM, found->distances + i * 5, 5, weights);
		v = vote_count(found->neighbors + i * 5, weights, 5, l->of_cell, l->n, shares);
		same += str_eq(l->names[v.label], want.s[i]);
	}
	OK(same == w->n, "%s: labels of five neighbours: %zu of %zu", name, same, w->n);
	names_release(&want);
	free(shares);
	knn_cross_free(found);
}

static void compare_groups(const struct world *w, const char *name, const double *projected)
{
	struct err err = ERR_INIT;
	const struct column *c = frame_column(h5ad_obs(w->query), "cluster", &err);
	struct column_groups g = column_group(c);
	struct names want = {0};
	size_t K = w->ref->clusters.n, *group = mem_alloc(w->n, sizeof(*group));
	double *means = mem_alloc(K * w->dims, sizeof(*means));
	double *scores = mem_alloc(g.n, sizeof(*scores)), *sorted;

	read_texts(w, name, "per_cluster_label", &want);
	for (size_t i = 0; i < w->n; i++)
		group[i] = (size_t)g.codes[i];
	for (size_t i = 0; i < K * w->dims; i++)
		means[i] = w->ref->clusters.sums[i] / w->ref->clusters.weights[i / w->dims];
	spread_group_scores(means, w->ref->clusters.centroids, K, projected, group, w->n, g.n,
			    w->dims, scores);
	sorted = mem_alloc(want.n, sizeof(*sorted));
	for (size_t i = 0; i < want.n; i++)
		for (size_t k = 0; k < g.n; k++)
			if (str_eq(g.names[k], want.s[i]))
				sorted[i] = scores[k];
	compare(w, name, "per_cluster", sorted, 1e-8);
	free(sorted);
	free(scores);
	free(means);
	free(group);
	names_release(&want);
	column_groups_release(&g);
}

static void map_as(const struct world *w, const char *name, const char *const *keys, size_t n_keys)
{
	struct err err = ERR_INIT;
	size_t K = w->ref->clusters.n;
	double *streamed = project(w, name), *projected;
	double *mapped = mem_alloc(w->n * w->dims, sizeof(*mapped));
	double *members = mem_alloc(w->n * K, sizeof(*members));
	double *distances = mem_alloc(w->n, sizeof(*distances));
	struct batches b;

	size_t n;

	/* The file's X is float64, and a stream's values are float32: that is what differs here. */
	const char *has = str_eq(name, "missing") ? name : "none";
	compare(w, has, "X_pca_reference", streamed, 1e-7);
	projected = read_doubles(w, has, "X_pca_reference", &n);
	if (batches_read(&b, h5ad_obs(w->query), keys, n_keys, &err))
		BUG("%s", err.text);
	correction_members(w->ref, projected, w->n, w->pool, members);
	OK(!correction_apply(w->ref, projected, &b, 1, w->pool, mapped, &err), "%s: %s", name,
	   "corrected");
	if (str_eq(name, "none"))
		compare(w, name, "X_pca_harmony_symphony_R", members, 1e-9);
	compare(w, name, "X_pca_harmony", mapped, 1e-9);
	spread_distances(&w->ref->clusters.pca, members, projected, w->n, w->dims, K, w->pool,
			 distances);
	compare(w, name, "per_cell_X_pca", distances, 1e-8);
	spread_distances(&w->ref->clusters.corrected, members, projected, w->n, w->dims, K, w->pool,
			 distances);
	compare(w, name, "per_cell_X_pca_harmony", distances, 1e-8);
	compare_groups(w, name, projected);
	compare_labels(w, name, mapped);
	batches_release(&b);
	free(distances);
	free(members);
	free(mapped);
	free(projected);
	free(streamed);
}

int main(void)
{
	const char *const label[] = {"label"}, *const keys[] = {"donor", "pool"};
	struct build_rules rules = {.seed = 42};
	struct err err = ERR_INIT;
	struct world w = {.pool = pool_new(2)};
	struct h5ad *made = h5ad_open(GOLDEN "symphony_ref.h5ad", &err);

	w.query = made ? h5ad_open(GOLDEN "symphony_query.h5ad", &err) : NULL;
	w.results = H5Fopen(GOLDEN "symphony_results.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
	w.ref = w.query ? import_symphonypy(made, label, 1, &rules, w.pool, &err) : NULL;
	if (!OK(w.ref, "symphonypy's reference is read (%s)", err.text))
		return done_testing();
	w.n = h5ad_n_cells(w.query);
	w.dims = w.ref->n_dims;
	map_as(&w, "none", keys, 0);
	map_as(&w, "one", keys, 1);
	map_as(&w, "two", keys, 2);
	map_as(&w, "missing", keys, 1);
	reference_free(w.ref);
	h5ad_close(w.query);
	h5ad_close(made);
	H5Fclose(w.results);
	pool_free(w.pool);
	return done_testing();
}
