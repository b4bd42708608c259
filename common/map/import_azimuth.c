/* import_azimuth.c - see import_azimuth.h. */
#include "base/util.h"

#include <math.h>

#include "import/rds/rds_table.h"
#include "map/import_azimuth.h"

#define MOST_DIMS ((uint64_t)1000)
#define NEIGHBORS "refdr.annoy.neighbors"

static const char *const not_kept[] = {"counts", "data",    "scale.data", "cell.attributes",
				       "misc",   "tools",   "commands",   "graphs",
				       "nn.idx", "nn.dist", NULL};
const struct rds_plan azimuth_plan = {.drop = not_kept};

static const struct rds_value *reduction(const struct rds *file, const char *name)
{
	return rds_element(file, rds_slot(file, file->root, "reductions"), name);
}

bool azimuth_is(const struct rds *file)
{
	return rds_inherits(file, file->root, "Seurat") && reduction(file, "refDR");
}

/* A slot of a reduction that is a matrix with names of its rows. NULL with an error. */
static const struct rds_value *matrix(const struct rds *file, const char *where, const char *slot,
				      uint64_t dim[2], const struct rds_value **rows,
				      struct err *err)
{
	const struct rds_value *v = rds_slot(file, reduction(file, where), slot);

	*rows = rds_item(rds_attribute(file, v, "dimnames"), 0);
	if (!v || v->dropped || !rds_dim(file, v, dim) || !rds_is(*rows, RDS_STRING) ||
	    rds_length(*rows) != dim[0])
		return err_null(err, "%s: %s: %s is no matrix with named rows", file->path, where,
				slot);
	return v;
}

/* The first columns of R's matrix, row by row. */
static double *numbers(const struct rds_value *v, const uint64_t dim[2], size_t n_columns)
{
	double *out = mem_alloc(mem_product(dim[0], n_columns) + 1, sizeof(*out));

	for (size_t j = 0; j < n_columns; j++)
		for (size_t i = 0; i < dim[0]; i++)
			out[i * n_columns + j] = rds_number(v, j * dim[0] + i);
	return out;
}

static int take_names(struct reference *ref, const struct rds *file, const struct rds_value *from,
		      const char *what, char **names, struct err *err)
{
	for (uint64_t i = 0; i < rds_length(from); i++) {
		const char *name = rds_text(file, from, i);

		if (!name)
			return err_set(err, "%s: refDR: %s %llu has no name", file->path, what,
				       (unsigned long long)i + 1);
		names[i] = reference_str(ref, name);
	}
	return 0;
}

/* How many of refDR's dimensions the neighbours were searched in: those that mapping uses. */
static size_t count_dims(const struct rds *file, size_t n_columns)
{
	const struct rds_value *found =
		rds_element(file, rds_slot(file, file->root, "neighbors"), NEIGHBORS);
	double n = rds_number(rds_element(file, rds_slot(file, found, "alg.info"), "ndim"), 0);

	return n >= 1 && n <= (double)n_columns ? (size_t)n : n_columns;
}

static int read_cells(struct reference *ref, const struct rds *file, struct err *err)
{
	uint64_t dim[2];
	const struct rds_value *names;
	const struct rds_value *at = matrix(file, "refDR", "cell.embeddings", dim, &names, err);

	if (!at)
		return -1;
	if (dim[1] < 1 || dim[1] > MOST_DIMS)
		return err_set(err, "%s: refDR: %llu cells in %llu dimensions", file->path,
			       (unsigned long long)dim[0], (unsigned long long)dim[1]);
	ref->n_cells = dim[0];
	ref->n_dims = count_dims(file, dim[1]);
	ref->pca = ref->corrected = numbers(at, dim, ref->n_dims);
	MEM_ARRAY(ref->cells, ref->n_cells + 1);
	ref->variance = mem_zero(ref->n_dims, sizeof(double));
	for (size_t i = 0; i < ref->n_cells * ref->n_dims; i++)
		ref->variance[i % ref->n_dims] += ref->pca[i] * ref->pca[i] / (double)ref->n_cells;
	return take_names(ref, file, names, "cell", ref->cells, err);
}

static int read_genes(struct reference *ref, const struct rds *file, struct err *err)
{
	uint64_t dim[2];
	const struct rds_value *names;
	const struct rds_value *v = matrix(file, "refDR", "feature.loadings", dim, &names, err);

	if (!v)
		return -1;
	if (dim[1] < ref->n_dims)
		return err_set(err, "%s: refDR: loadings of %llu components for %zu", file->path,
			       (unsigned long long)dim[1], ref->n_dims);
	ref->genes.n = dim[0];
	ref->genes.loadings = numbers(v, dim, ref->n_dims);
	ref->genes.mean = mem_zero(dim[0] + 1, sizeof(double));
	ref->genes.deviation = mem_zero(dim[0] + 1, sizeof(double));
	MEM_ARRAY(ref->genes.names, dim[0] + 1);
	return take_names(ref, file, names, "gene", ref->genes.names, err);
}

/* ---- the model that its cells were placed by ---- */

/* The one model of the reference's assay, of counts by depth alone; else NULL. */
static const struct rds_value *model_of(const struct rds *file)
{
	const struct rds_value *assay =
		rds_element(file, rds_slot(file, file->root, "assays"), "refAssay");
	const struct rds_value *models = rds_slot(file, assay, "SCTModel.list"), *model;
	const char *formula;

	if (rds_length(models) != 1)
		return NULL;
	model = rds_item(models, 0);
	formula = rds_text(file, rds_slot(file, model, "model"), 0);
	return formula && str_eq(formula, "y ~ log_umi") ? model : NULL;
}

/*
 * What is the least variance of a residual? Not said: there is none; by the median count: as Seurat
 * has it for references. False for what follows from the other cells of a query.
 */
static bool read_least(const struct rds *file, const struct rds_value *model, double *least)
{
	const struct rds_value *v =
		rds_element(file, rds_slot(file, model, "arguments"), "min_variance");
	const char *word = rds_text(file, v, 0);
	double number = rds_number(v, 0);

	*least = number > 0 && isfinite(number) ? number : 0;
	if (word && str_eq(word, "umi_median"))
		*least = 0.04;
	return !word || *least > 0;
}

/* A gene is used where its model is whole. */
static void take_model(struct ref_genes *g, size_t gene, const double of[4])
{
	double theta = of[2];

	if (!isfinite(of[0]) || !isfinite(of[1]) || !(theta > 0) || !isfinite(of[3]))
		return;
	g->residuals.intercept[gene] = of[0];
	g->residuals.slope[gene] = of[1];
	g->residuals.dispersion[gene] = 1 / theta; /* infinite: Poisson's */
	g->mean[gene] = of[3];
	g->deviation[gene] = 1;
}

/* Without such a model, or with another kind of it, no gene has a deviation. */
static void read_model(struct reference *ref, const struct rds *file)
{
	static const char *const columns[] = {"(Intercept)", "log_umi", "theta", "residual_mean"};
	struct ref_genes *g = &ref->genes;
	const struct rds_value *model = model_of(file), *table, *clips, *of[4], *keys;
	size_t n_found;
	uint32_t *rows;

	table = rds_slot(file, model, "feature.attributes");
	keys = rds_attribute(file, table, "row.names");
	clips = rds_element(file, rds_slot(file, model, "clips"), "sct");
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		of[i] = rds_element(file, table, columns[i]);
		if (!rds_is(of[i], RDS_REAL) || rds_length(of[i]) != rds_length(keys))
			return;
	}
	if (!rds_is(keys, RDS_STRING) || !(rds_number(clips, 0) < rds_number(clips, 1)) ||
	    !read_least(file, model, &g->residuals.least))
		return;
	g->clip_low = rds_number(clips, 0);
	g->clip_high = rds_number(clips, 1);
	g->residuals.intercept = mem_zero(g->n + 1, sizeof(double));
	g->residuals.slope = mem_zero(g->n + 1, sizeof(double));
	g->residuals.dispersion = mem_zero(g->n + 1, sizeof(double));
	rows = rds_match(file, keys, g->names, g->n, &n_found);
	for (size_t i = 0; i < g->n; i++) {
		size_t row = rows ? rows[i] : i;
		double values[4];

		for (size_t j = 0; j < ARRAY_LEN(of); j++)
			values[j] = rds_number(of[j], row); /* NaN for no such row */
		take_model(g, i, values);
	}
	free(rows);
}

/* The picture; of a UMAP of other or fewer cells there is none. */
static void read_layout(struct reference *ref, const struct rds *file)
{
	struct err ignored = ERR_INIT;
	uint64_t dim[2];
	const struct rds_value *names;
	const struct rds_value *at =
		matrix(file, "refUMAP", "cell.embeddings", dim, &names, &ignored);
	size_t n_found;
	uint32_t *rows;

	if (!at || dim[1] != 2)
		return;
	rows = rds_match(file, names, ref->cells, ref->n_cells, &n_found);
	if (n_found == ref->n_cells) {
		ref->layout = mem_alloc(mem_product(ref->n_cells, 2) + 1, sizeof(double));
		for (size_t i = 0; i < 2 * ref->n_cells; i++)
			ref->layout[i] =
				rds_number(at, i % 2 * dim[0] + (rows ? rows[i / 2] : i / 2));
	}
	free(rows);
}

static int read_labels(struct reference *ref, const struct rds *file, const char *const *columns,
		       size_t n_columns, struct err *err)
{
	const struct rds_value *meta = rds_slot(file, file->root, "meta.data");
	struct text skipped = TEXT_INIT;
	struct rds_table table;
	size_t n_found = 0;
	uint32_t *rows;
	struct frame *obs;
	int ret;

	if (!meta || rds_table_open(&table, file, meta, err))
		return err_is_set(err) ? err_prefix(err, "%s: meta.data", file->path)
				       : err_set(err, "%s: there is no meta.data", file->path);
	rows = rds_match(file, table.keys, ref->cells, ref->n_cells, &n_found);
	if (n_found != ref->n_cells) {
		free(rows);
		return err_set(err, "%s: meta.data has %zu of refDR's %zu cells", file->path,
			       n_found, ref->n_cells);
	}
	obs = frame_new(ref->n_cells);
	rds_table_fill(&table, obs, rows, &skipped);
	ret = build_labels(ref, obs, columns, n_columns, 2, err);
	frame_free(obs);
	text_release(&skipped);
	free(rows);
	return ret;
}

struct reference *import_azimuth(const struct rds *file, const char *const *columns,
				 size_t n_columns, const struct build_rules *rules,
				 struct pool *pool, struct err *err)
{
	struct reference *ref = reference_new();
	struct harmony_result none = {0};
	struct batches one;

	ref->genes.clip_low = -10;
	ref->genes.clip_high = 10;
	ref->genes.target_sum = 1e4;
	ref->knn_k = 15;
	ref->knn_cosine = true;
	if (read_cells(ref, file, err) || read_genes(ref, file, err) ||
	    read_labels(ref, file, columns, n_columns, err) ||
	    reference_check(ref, file->path, err))
		goto fail;
	read_model(ref, file);
	read_layout(ref, file);
	batches_none(&one, ref->n_cells);
	if (build_clusters(ref, &one, NULL, rules, &none, pool, err)) {
		batches_release(&one);
		goto fail;
	}
	batches_release(&one);
	return ref;
fail:
	reference_free(ref);
	return NULL;
}
