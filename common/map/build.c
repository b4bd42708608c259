/* build.c - see build.h. */
#include "base/util.h"

#include <math.h>

#include "expression/pca.h"
#include "expression/variable_genes.h"
#include "graph/knn.h"
#include "map/build.h"
#include "map/harmony/soft.h"
#include "map/percentiles.h"
#include "map/projection.h"
#include "map/spread.h"
#include "map/tree/tree_predict.h"
#include "matrix/stream_steps.h"

#define CLIP 10.0
#define SOFT_ROUNDS 20
#define NEIGHBORS ((size_t)31) /* the cell itself and the 30 that score anchors */
#define EXACT_CELLS ((size_t)150000)

/* ---- genes and components ---- */

/* Of the genes named, those the file has; or the most variable. */
static size_t choose_genes(const struct input *input, const struct build_rules *rules,
			   const struct gene_moments *m, bool *chosen)
{
	struct strtab named = {0};
	size_t n = 0;

	if (!rules->n_named)
		return variable_genes(m, rules->n_genes, chosen);
	for (size_t i = 0; i < rules->n_named; i++)
		strtab_add(&named, rules->genes[i]);
	for (size_t g = 0; g < input->n_genes; g++) {
		chosen[g] =
			strtab_find(&named, input->genes[g]) != STRTAB_NONE &&
			m->sums[g].squares * (double)m->n_cells > m->sums[g].sum * m->sums[g].sum;
		n += chosen[g];
	}
	strtab_release(&named);
	return n;
}

static void keep_genes(struct reference *ref, const struct input *input,
		       const struct gene_moments *m, const bool *chosen, size_t n, uint32_t *map)
{
	struct ref_genes *out = &ref->genes;

	MEM_ARRAY(out->names, n + 1);
	MEM_ARRAY(out->mean, n + 1);
	MEM_ARRAY(out->deviation, n + 1);
	for (size_t g = 0; g < input->n_genes; g++) {
		map[g] = chosen[g] ? (uint32_t)out->n : STRTAB_NONE;
		if (!chosen[g])
			continue;
		out->names[out->n] = reference_str(ref, input->genes[g]);
		out->mean[out->n] = gene_mean(m, g);
		out->deviation[out->n++] = gene_deviation(m, g);
	}
}

static int read_genes(struct reference *ref, struct input *input, const struct build_rules *rules,
		      uint32_t *map, struct pool *pool, struct err *err)
{
	struct stream *cells = input_stream(input, NULL, 0, err);
	struct gene_moments m = {0};
	bool *chosen = mem_zero(input->n_genes + 1, sizeof(*chosen));
	int failed = cells ? gene_moments_read(&m, cells, pool, err) : -1;
	size_t n = failed ? 0 : choose_genes(input, rules, &m, chosen);

	stream_free(cells);
	if (!failed && n < 2)
		failed = err_refuse(err, "%s: %zu genes that vary in 5 cells or more: too few",
				    h5ad_path(input->file), n);
	if (!failed)
		keep_genes(ref, input, &m, chosen, n, map);
	gene_moments_release(&m);
	free(chosen);
	return failed;
}

static int read_components(struct reference *ref, struct input *input,
			   const struct build_rules *rules, const uint32_t *map, struct pool *pool,
			   struct err *err)
{
	struct scaled_genes scaled = {ref->genes.n, ref->genes.mean, ref->genes.deviation};
	struct stream *all = input_stream(input, NULL, 0, err);
	struct stream *cells = all ? stream_take_genes(all, map, ref->genes.n) : NULL;
	struct pca *p = cells ? pca_of(cells, &scaled, rules->n_dims, pool, err) : NULL;

	stream_free(cells);
	if (!p)
		return -1;
	ref->n_dims = p->n_components;
	ref->genes.loadings =
		mem_copy(p->components, mem_product(p->n_genes, p->n_components), sizeof(double));
	ref->variance = mem_copy(p->variance, p->n_components, sizeof(double));
	pca_free(p);
	return 0;
}

static int place_cells(struct reference *ref, struct input *input, struct pool *pool,
		       struct err *err)
{
	struct projection *p = projection_new(ref, input->genes, input->n_genes);
	struct stream *cells = input_stream(input, NULL, 0, err);
	size_t n_empty = 0;
	int ret = -1;

	ref->pca = mem_alloc(mem_product(ref->n_cells, ref->n_dims) + 1, sizeof(double));
	ref->corrected = ref->pca;
	if (cells)
		ret = projection_read(p, cells, pool, ref->pca, &n_empty, err);
	if (!ret && n_empty)
		ret = err_refuse(err,
				 "%s: %zu of %zu cells have no value of the %zu genes chosen: they "
				 "have no place (h5-select leaves cells out; --genes takes more)",
				 h5ad_path(input->file), n_empty, ref->n_cells, ref->genes.n);
	stream_free(cells);
	projection_free(p);
	return ret;
}

struct reference *build_space(struct input *input, const struct build_rules *rules,
			      struct pool *pool, struct err *err)
{
	struct reference *ref = reference_new();
	uint32_t *map = mem_alloc(input->n_genes + 1, sizeof(*map));
	char **names;
	int ret;

	ref->n_cells = h5ad_n_cells(input->file);
	ref->genes.clip_low = -CLIP;
	ref->genes.clip_high = CLIP;
	ref->genes.target_sum = input->rules.target_sum;
	ret = read_genes(ref, input, rules, map, pool, err) ||
	      read_components(ref, input, rules, map, pool, err) ||
	      place_cells(ref, input, pool, err);
	free(map);
	names = ret ? NULL : frame_keys(h5ad_obs(input->file), err);
	if (!names) {
		reference_free(ref);
		return NULL;
	}
	MEM_ARRAY(ref->cells, ref->n_cells + 1);
	for (size_t i = 0; i < ref->n_cells; i++)
		ref->cells[i] = reference_str(ref, names[i]);
	return ref;
}

/* ---- labels ---- */

/* Codes of the groups that are large enough; the others become -1. */
static int keep_labels(struct reference *ref, struct ref_labels *l, const struct column_groups *g,
		       size_t min_cells, struct err *err)
{
	int32_t *code = mem_alloc(g->n + 1, sizeof(*code));
	int ret = 0;

	MEM_ARRAY(l->names, g->n + 1);
	MEM_ARRAY(l->counts, g->n + 1);
	MEM_ARRAY(l->of_cell, ref->n_cells + 1);
	for (size_t i = 0; i < g->n; i++) {
		code[i] = -1;
		if (g->counts[i] < min_cells || !g->names[i][0])
			continue;
		code[i] = (int32_t)l->n;
		l->names[l->n] = reference_str(ref, g->names[i]);
		l->counts[l->n++] = (double)g->counts[i];
		if (g->counts[i] < 2)
			ret = err_refuse(err,
					 "obs column %s: label '%s' has one cell: nothing can be "
					 "said of it (--min-cells 2 leaves such labels out)",
					 l->column, g->names[i]);
	}
	for (size_t i = 0; i < ref->n_cells; i++)
		l->of_cell[i] = g->codes[i] < 0 ? -1 : code[g->codes[i]];
	free(code);
	if (!ret && !l->n)
		ret = err_refuse(err, "obs column %s: no label has %zu cells (--min-cells)",
				 l->column, min_cells);
	return ret;
}

int build_labels(struct reference *ref, struct frame *obs, const char *const *columns,
		 size_t n_columns, size_t min_cells, struct err *err)
{
	MEM_ZERO(ref->labels, n_columns + 1);
	for (size_t i = 0; i < n_columns; i++) {
		const struct column *c = frame_column(obs, columns[i], err);
		struct ref_labels *l = &ref->labels[ref->n_labels++];
		struct column_groups g;
		int failed;

		l->column = reference_str(ref, columns[i]);
		if (!c)
			return -1;
		g = column_group(c);
		failed = keep_labels(ref, l, &g, min_cells, err);
		column_groups_release(&g);
		if (failed)
			return -1;
	}
	return 0;
}

#define LISTED ((size_t)5)

bool build_few(const struct ref_labels *l, struct text *said)
{
	struct text list = TEXT_INIT;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (l->counts[i] >= (double)BUILD_FEW)
			continue;
		if (n < LISTED)
			text_add(&list, "%s%s (%.0f)", n ? ", " : "", l->names[i], l->counts[i]);
		else if (n == LISTED)
			text_add(&list, ", ...");
		n++;
	}
	text_clear(said);
	text_add(said,
		 "%zu labels have fewer than %zu cells: %s: their percentiles are those of all "
		 "cells",
		 n, BUILD_FEW, list.s);
	text_release(&list);
	return n > 0;
}

/* The mean of a label's cells as unit vectors. */
static void find_profiles(struct reference *ref, struct pool *pool)
{
	size_t dims = ref->n_dims;
	double *units = mem_alloc(mem_product(ref->n_cells, dims) + 1, sizeof(*units));

	unit_rows(ref->corrected, ref->n_cells, dims, units, pool);
	for (size_t i = 0; i < ref->n_labels; i++) {
		struct ref_labels *l = &ref->labels[i];

		l->means = mem_zero(mem_product(l->n, dims) + 1, sizeof(*l->means));
		for (size_t cell = 0; cell < ref->n_cells; cell++)
			for (size_t d = 0; d < dims && l->of_cell[cell] >= 0; d++)
				l->means[(size_t)l->of_cell[cell] * dims + d] +=
					units[cell * dims + d] / l->counts[l->of_cell[cell]];
	}
	free(units);
}

/* ---- clusters ---- */

/* Clusters without batches: k-means, then memberships and centroids in turn. Returns them. */
static double *soft_clusters(struct reference *ref, size_t K, uint64_t seed, struct pool *pool)
{
	size_t n = ref->n_cells, dims = ref->n_dims;
	double *units = mem_alloc(mem_product(n, dims) + 1, sizeof(*units));
	double *members = mem_alloc(mem_product(n, K) + 1, sizeof(*members));
	double *centroids = mem_alloc(mem_product(K, dims), sizeof(*centroids));
	double *weights = mem_alloc(K, sizeof(*weights));

	unit_rows(ref->pca, n, dims, units, pool);
	soft_centroids(units, n, dims, K, seed, pool, centroids);
	for (int round = 0; round < SOFT_ROUNDS; round++) {
		soft_assign(units, n, dims, centroids, K, SOFT_SIGMA, pool, members);
		soft_sums(members, units, n, dims, K, pool, weights, centroids);
		unit_rows(centroids, K, dims, centroids, pool);
	}
	soft_assign(units, n, dims, centroids, K, SOFT_SIGMA, pool, members);
	free(weights);
	free(centroids);
	free(units);
	return members;
}

/* What mapping needs of memberships: weights, sums and centroids of corrected coordinates. */
static void keep_clusters(struct reference *ref, const double *members, size_t K,
			  const char *flavour, struct pool *pool)
{
	struct ref_clusters *c = &ref->clusters;
	size_t n = ref->n_cells, dims = ref->n_dims;

	c->n = K;
	c->flavour = reference_str(ref, flavour);
	c->sigma = SOFT_SIGMA;
	c->weights = mem_alloc(K, sizeof(double));
	c->sums = mem_alloc(mem_product(K, dims), sizeof(double));
	c->centroids = mem_alloc(mem_product(K, dims), sizeof(double));
	soft_sums(members, ref->corrected, n, dims, K, pool, c->weights, c->sums);
	unit_rows(c->sums, K, dims, c->centroids, pool);
	spread_of(members, ref->pca, n, dims, K, pool, &c->pca);
	spread_of(members, ref->corrected, n, dims, K, pool, &c->corrected);
}

static int find_neighbors(struct reference *ref, struct pool *pool, struct err *err)
{
	size_t n = ref->n_cells, dims = ref->n_dims;
	double *units = mem_alloc(mem_product(n, dims) + 1, sizeof(*units));
	float *single = mem_alloc(mem_product(n, dims) + 1, sizeof(*single));
	struct knn *knn;

	unit_rows(ref->corrected, n, dims, units, pool);
	for (size_t i = 0; i < n * dims; i++)
		single[i] = (float)units[i];
	free(units);
	ref->n_neighbors = MIN(NEIGHBORS, n);
	knn = knn_find(single, n, dims, ref->n_neighbors, EXACT_CELLS, pool, err);
	free(single);
	if (!knn)
		return -1;
	ref->neighbors = knn->neighbors;
	knn->neighbors = NULL;
	knn_free(knn);
	return 0;
}

int build_finish(struct reference *ref, const double *members, size_t K, const char *flavour,
		 const struct batches *donors, const struct build_rules *rules, struct pool *pool,
		 struct err *err)
{
	keep_clusters(ref, members, K, flavour, pool);
	find_profiles(ref, pool);
	if (percentiles_fill(ref, members, donors, rules->seed, pool, err))
		return -1;
	return rules->neighbors ? find_neighbors(ref, pool, err) : 0;
}

static const char *const flavours[] = {"H0", "H1", "H2"};

static int by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Different coordinates that the cells have. */
static size_t count_places(const struct reference *ref)
{
	size_t width = ref->n_dims * sizeof(*ref->pca), n = 0;
	uint64_t *hashes = mem_alloc(ref->n_cells + 1, sizeof(*hashes));

	for (size_t i = 0; i < ref->n_cells; i++)
		hashes[i] = hash_bytes(ref->pca + i * ref->n_dims, width, 0);
	qsort(hashes, ref->n_cells, sizeof(*hashes), by_hash);
	for (size_t i = 0; i < ref->n_cells; i++)
		n += i == 0 || hashes[i] != hashes[i - 1];
	free(hashes);
	return n;
}

int build_clusters(struct reference *ref, const struct batches *batches,
		   const struct batches *donors, const struct build_rules *rules,
		   struct harmony_result *report, struct pool *pool, struct err *err)
{
	size_t n = ref->n_cells;
	size_t K = rules->n_clusters ? rules->n_clusters : MAX(harmony_n_clusters(n), (size_t)2);
	struct harmony_options o = harmony_defaults(HARMONY_2);
	double *members;
	int ret = 0;

	*report = (struct harmony_result){0};
	if (K < 2 || K > n / 2)
		return err_refuse(err,
				  "%zu clusters of %zu cells: 2 to half of the cells (--clusters)",
				  K, n);
	if (K > count_places(ref) / 2)
		return err_refuse(
			err,
			"%zu clusters of %zu cells in %zu places: 2 to half of the places "
			"(--clusters; are cells there many times?)",
			K, n, count_places(ref));
	if (rules->harmony) {
		o = *rules->harmony;
		o.n_clusters = K;
		o.sigma = SOFT_SIGMA;
		if (harmony_run(ref->pca, n, ref->n_dims, batches, &o, pool, report, err))
			return -1;
		ref->corrected = report->corrected;
		report->corrected = NULL;
		members = report->members;
	} else {
		members = soft_clusters(ref, K, rules->seed, pool);
	}
	ret = build_finish(ref, members, K, rules->harmony ? flavours[o.flavour] : REF_UNCORRECTED,
			   donors, rules, pool, err);
	if (!rules->harmony)
		free(members);
	return ret;
}

/* ---- the tree ---- */

int build_tree(struct reference *ref, const char *path, struct pool *pool, struct err *err)
{
	const struct ref_labels *l = &ref->labels[0];
	struct label_tree *tree = label_tree_read_file(path, err);
	size_t n = ref->n_cells, dims = ref->n_dims;
	struct text newick = TEXT_INIT;
	double *points;
	int ret;

	if (!tree)
		return -1;
	points = mem_copy(ref->corrected, mem_product(n, dims), sizeof(*points));
	if (ref->knn_cosine)
		unit_rows(points, n, dims, points, pool);
	struct tree_atlas a = {tree, points, n, dims, l->of_cell, l->names, l->n, ref->knn_k};
	ret = tree_check(&a, err) || tree_max_distance(&a, pool, &ref->tree_max_distance, err);
	if (!ret) {
		ref->tree = reference_str(ref, label_tree_text(tree, &newick));
		ref->tree_column = l->column;
	}
	text_release(&newick);
	free(points);
	label_tree_free(tree);
	return ret ? -1 : 0;
}
