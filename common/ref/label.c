#include "ref/label.h"

#include "h5ad/h5ad.h"
#include "import/rds/object.h"
#include "import/rds/read.h"

static const char *const candidates[] = {
	"celltype_lvl_1_standardized", "cell_type", "celltype",        "CellType",
	"cell_type_ontology_term_id",  "cluster",   "seurat_clusters",
};

/* What only the matrices need: none of it is kept. */
static const char *const unwanted[] = {"scale.data", "graphs",   "neighbors", "images",
				       "commands",   "tools",    "misc",      "feature.loadings",
				       "jackstraw",  "metadata", NULL};
static const char *const values[] = {"x", NULL};

/* The name (static), or NULL with an error that lists the columns there are. */
static const char *label_choose(const struct frame *obs, struct err *err)
{
	struct text there = TEXT_INIT;

	for (size_t i = 0; i < ARRAY_LEN(candidates); i++)
		if (frame_find(obs, candidates[i]))
			return candidates[i];
	for (size_t i = 0; i < obs->n_columns; i++)
		text_add(&there, "%s%s", i ? ", " : "", obs->columns[i].name);
	err_set(err, "no column is known to have cell types; there are: %s", there.s);
	text_release(&there);
	return NULL;
}

static const char *of_h5ad(const char *path, struct err *err)
{
	struct h5ad *in = h5ad_open(path, err);
	struct frame *obs = in ? h5ad_obs(in, err) : NULL;
	const char *label = obs ? label_choose(obs, err) : NULL;

	h5ad_close(in);
	return label;
}

static const char *of_rds(const char *path, struct err *err)
{
	struct rds_plan plan = {unwanted, values, NULL};
	struct pool *pool = pool_new(1);
	struct rds *file = rds_read(path, &plan, pool, err);
	struct rds_object object;
	const char *label = NULL;

	if (file && rds_object_open(&object, file, NULL, NULL, err) == 0) {
		label = label_choose(object.obs, err);
		rds_object_close(&object);
	}
	rds_free(file);
	pool_free(pool);
	return label;
}

const char *label_of_file(const char *path, struct err *err)
{
	const char *label = str_ends(path, ".h5ad") ? of_h5ad(path, err) : of_rds(path, err);

	if (!label)
		err_prefix(err, "%s", path);
	return label;
}
