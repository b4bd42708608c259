/* label.c - the label column of a file, h5ad or RDS. */
#include "base/util.h"

#include "h5ad/frame/label_column.h"
#include "h5ad/h5ad.h"
#include "import/rds/object.h"
#include "import/rds/read.h"
#include "ref/label.h"

/* What only the matrices need: none of it is kept. */
static const char *const unwanted[] = {"scale.data", "graphs",   "neighbors", "images",
				       "commands",   "tools",    "misc",      "feature.loadings",
				       "jackstraw",  "metadata", NULL};
static const char *const values[] = {"x", NULL};

static const char *of_h5ad(const char *path, struct err *err)
{
	struct h5ad *in = h5ad_open(path, err);
	struct frame *obs = in ? h5ad_obs(in) : NULL;
	const char *label = obs ? label_column(obs, "auto", err) : NULL;

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
		label = label_column(object.obs, "auto", err);
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
