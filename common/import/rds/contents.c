/* contents.c - see contents.h. */
#include "base/util.h"

#include "base/text.h"
#include "import/rds/contents.h"
#include "import/rds/rds_matrix.h"
#include "import/rds/rds_table.h"

void rds_contents_release(struct rds_contents *c)
{
	for (size_t i = 0; i < c->n_offers; i++) {
		free(c->offers[i].name);
		free(c->offers[i].genes);
		free(c->offers[i].cells);
	}
	for (size_t i = 0; i < c->n_embeddings; i++)
		free(c->embeddings[i].name);
	free(c->offers);
	free(c->embeddings);
	free(c->kind);
	free(c->assay);
	memset(c, 0, sizeof(*c));
}

static int no_experiment(const struct rds *file, struct err *err)
{
	const struct rds_value *root = file->root;
	struct text names = TEXT_INIT;
	for (uint64_t i = 0; i < rds_length(root) && names.len < 400; i++)
		if (rds_name(file, root, i))
			text_add(&names, "%s%s", names.len ? ", " : ": ", rds_name(file, root, i));
	err_set(err,
		"%s: holds a %s%s%s, not a Seurat or SingleCellExperiment object, a matrix or "
		"a data frame (--list shows what is in it; in R: save the one object with "
		"saveRDS())",
		file->path, rds_class(file, root), rds_is(root, RDS_LIST) ? " of other things" : "",
		names.s);
	text_release(&names);
	return -1;
}

static int plain_find(struct rds_contents *c, const struct rds *file, const char *assay,
		      struct err *err)
{
	if (assay)
		return err_set(err, "%s: a %s has no assays to choose from", file->path,
			       rds_class(file, file->root));
	c->kind = mem_str(rds_class(file, file->root));
	if (rds_is_table(file, file->root))
		c->obs = file->root;
	else
		rds_contents_offer(c, "X", file->root, NULL, NULL);
	return 0;
}

int rds_contents_find(struct rds_contents *c, const struct rds *file, const char *assay,
		      struct err *err)
{
	memset(c, 0, sizeof(*c));
	if (seurat_is(file))
		return seurat_find(c, file, assay, err);
	if (bioconductor_is(file))
		return bioconductor_find(c, file, assay, err);
	if (rds_is_table(file, file->root) || rds_is_matrix(file, file->root))
		return plain_find(c, file, assay, err);
	return no_experiment(file, err);
}
