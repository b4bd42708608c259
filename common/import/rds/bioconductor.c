/* bioconductor.c - what a SingleCellExperiment or SummarizedExperiment holds. */
#include "base/util.h"

#include "import/rds/contents.h"
#include "import/rds/rds_table.h"

static const char *const preferred[] = {"counts", "logcounts", NULL};

bool bioconductor_is(const struct rds *file)
{
	return rds_is(file->root, RDS_S4) && rds_slot(file, file->root, "assays") &&
	       rds_slot(file, file->root, "colData");
}

/* A named list is kept as an S4 SimpleList around the list. */
static const struct rds_value *plain_list(const struct rds *file, const struct rds_value *v)
{
	const struct rds_value *inner = rds_slot(file, v, "listData");
	return inner ? inner : v;
}

/* In old files 'assays' is a reference class, whose fields are in an environment. */
static const struct rds_value *assay_list(const struct rds *file)
{
	const struct rds_value *assays = rds_slot(file, file->root, "assays");
	const struct rds_value *fields = rds_slot(file, assays, ".xData");
	const struct rds_value *data =
		fields ? rds_element(file, fields, "data") : rds_slot(file, assays, "data");
	return plain_list(file, data ? data : assays);
}

static const struct rds_value *gene_names(const struct rds *file)
{
	const struct rds_value *ranges = rds_slot(file, file->root, "rowRanges");
	const struct rds_value *places[] = {
		rds_slot(file, file->root, "NAMES"),
		rds_slot(file, rds_slot(file, ranges, "partitioning"), "NAMES"),
		rds_slot(file, rds_slot(file, ranges, "ranges"), "NAMES"),
	};
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (rds_is(places[i], RDS_STRING))
			return places[i];
	return NULL;
}

static const struct rds_value *gene_table(const struct rds *file)
{
	const struct rds_value *ranges = rds_slot(file, file->root, "rowRanges");
	const struct rds_value *of_ranges = rds_slot(file, ranges, "elementMetadata");
	return rds_length(plain_list(file, of_ranges))
		       ? of_ranges
		       : rds_slot(file, file->root, "elementMetadata");
}

static void find_embeddings(struct rds_contents *c, const struct rds *file)
{
	const struct rds_value *internal = rds_slot(file, file->root, "int_colData");
	const struct rds_value *dims = rds_element(file, plain_list(file, internal), "reducedDims");
	const struct rds_value *list =
		plain_list(file, dims ? dims : rds_slot(file, file->root, "reducedDims"));
	for (uint64_t i = 0; i < rds_length(list); i++)
		if (rds_name(file, list, i))
			rds_contents_embed(c, rds_name(file, list, i), rds_item(list, i));
}

static int find_assays(struct rds_contents *c, const struct rds *file, struct err *err)
{
	const struct rds_value *list = assay_list(file);
	for (uint64_t i = 0; i < rds_length(list); i++) {
		const char *name = rds_name(file, list, i);
		char number[32];
		if (!name || !*name) {
			snprintf(number, sizeof(number), "assay_%llu", (unsigned long long)i + 1);
			name = number;
		}
		rds_contents_offer(c, name, rds_item(list, i), NULL, NULL);
	}
	return c->n_offers ? 0 : err_set(err, "%s: the object has no assays", file->path);
}

int bioconductor_find(struct rds_contents *c, const struct rds *file, const char *assay,
		      struct err *err)
{
	if (assay)
		return err_set(err,
			       "%s: a %s has one set of genes, and its matrices are chosen "
			       "with --slot",
			       file->path, rds_class(file, file->root));
	c->kind = mem_str(rds_class(file, file->root));
	c->preferred = preferred;
	c->obs = rds_slot(file, file->root, "colData");
	c->var = gene_table(file);
	c->gene_names = gene_names(file);
	c->cell_names = rds_slot(file, c->obs, "rownames");
	find_embeddings(c, file);
	return find_assays(c, file, err);
}
