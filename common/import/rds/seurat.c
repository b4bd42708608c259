/* seurat.c - what a Seurat object holds, of any of its generations. */
#include "base/util.h"

#include "base/text.h"
#include "import/rds/contents.h"
#include "import/rds/rds_matrix.h"
#include "import/rds/rds_table.h"

static const char *const preferred[] = {"counts", "data", NULL};

bool seurat_is(const struct rds *file)
{
	const char *class = rds_class(file, file->root);
	return rds_is(file->root, RDS_S4) && (str_eq(class, "Seurat") || str_eq(class, "seurat"));
}

static char *version_text(const struct rds *file)
{
	const struct rds_value *v = rds_item(rds_slot(file, file->root, "version"), 0);
	struct text t = TEXT_INIT;
	text_add(&t, "Seurat");
	for (uint64_t i = 0; i < rds_length(v); i++)
		text_add(&t, "%c%.0f", i ? '.' : ' ', rds_number(v, i));
	return text_take(&t);
}

static int no_assay(const struct rds *file, const struct rds_value *assays, const char *wanted,
		    struct err *err)
{
	struct text t = TEXT_INIT;
	for (uint64_t i = 0; i < rds_length(assays); i++)
		text_add(&t, "%s%s", i ? ", " : "",
			 rds_name(file, assays, i) ? rds_name(file, assays, i) : "?");
	err_set(err, "%s: there is no assay '%s'; there are: %s (--assay)", file->path, wanted,
		t.len ? t.s : "none");
	text_release(&t);
	return -1;
}

/* ---- Assay5: layers, and a map of which genes and cells each has ---- */

/* The rows of a logical map that are true in the column of that name; NULL when all are. */
static int read_map(const struct rds *file, const struct rds_value *map, const char *layer,
		    uint32_t **rows, struct err *err)
{
	uint64_t dim[2], column = 0;
	const struct rds_value *names = rds_item(rds_attribute(file, map, "dimnames"), 1);
	*rows = NULL;
	if (!rds_is(map, RDS_LOGICAL) || map->dropped || !rds_dim(file, map, dim))
		return err_set(err,
			       "%s: the layer map of the assay is missing (the file is "
			       "damaged)",
			       file->path);
	while (column < dim[1] &&
	       !(rds_text(file, names, column) && str_eq(rds_text(file, names, column), layer)))
		column++;
	if (column == dim[1])
		return err_set(err, "%s: layer %s is not in the assay's map", file->path, layer);
	const int32_t *marks = map->ints + column * dim[0];
	uint32_t *list, n = 0;
	MEM_ARRAY(list, dim[0]);
	for (uint64_t i = 0; i < dim[0]; i++)
		if (marks[i] == 1)
			list[n++] = (uint32_t)i;
	if (n < dim[0])
		*rows = list;
	else
		free(list);
	return 0;
}

static bool has_layer(const struct rds *file, const struct rds_value *layers, const char *name)
{
	return rds_element(file, layers, name) != NULL;
}

/* "counts.2" is a part of "counts", unless there is a whole "counts" too. The caller frees. */
static char *layer_name(const struct rds *file, const struct rds_value *layers, const char *name)
{
	for (size_t i = 0; preferred[i]; i++) {
		size_t n = strlen(preferred[i]);
		if (!strncmp(name, preferred[i], n) && name[n] == '.' &&
		    !has_layer(file, layers, preferred[i]))
			return mem_str(preferred[i]);
	}
	return mem_str(name);
}

static int offer_layer(struct rds_contents *c, const struct rds *file,
		       const struct rds_value *assay, uint64_t i, struct err *err)
{
	const struct rds_value *layers = rds_slot(file, assay, "layers");
	const char *name = rds_name(file, layers, i);
	uint32_t *genes, *cells;
	if (!name || str_starts(name, "scale.data"))
		return 0;
	if (read_map(file, rds_slot(file, assay, "features"), name, &genes, err))
		return -1;
	if (read_map(file, rds_slot(file, assay, "cells"), name, &cells, err)) {
		free(genes);
		return -1;
	}
	char *whole = layer_name(file, layers, name);
	rds_contents_offer(c, whole, rds_item(layers, i), genes, cells);
	free(whole);
	return 0;
}

static int find_layers(struct rds_contents *c, const struct rds *file,
		       const struct rds_value *assay, struct err *err)
{
	const struct rds_value *layers = rds_slot(file, assay, "layers");
	const struct rds_value *genes = rds_slot(file, assay, "features");
	const struct rds_value *cells = rds_slot(file, assay, "cells");
	c->gene_names = rds_item(rds_attribute(file, genes, "dimnames"), 0);
	c->cell_names = rds_item(rds_attribute(file, cells, "dimnames"), 0);
	c->var = rds_slot(file, assay, "meta.data");
	c->variable_genes = rds_element(file, c->var, "var.features");
	for (uint64_t i = 0; i < rds_length(layers); i++)
		if (offer_layer(c, file, assay, i, err))
			return -1;
	return 0;
}

/* ---- Assay of version 3 and 4: two matrices with names of their own ---- */

static void offer_slot(struct rds_contents *c, const struct rds *file,
		       const struct rds_value *assay, const char *slot)
{
	const struct rds_value *v = rds_slot(file, assay, slot);
	struct err ignored = ERR_INIT;
	struct rds_matrix m;
	/* A slot that is not in use holds an empty matrix. */
	bool empty = v && !rds_matrix_shape(&m, file, v, &ignored) && (!m.n_genes || !m.n_cells);
	if (v && !empty)
		rds_contents_offer(c, slot, v, NULL, NULL);
}

static int find_matrices(struct rds_contents *c, const struct rds *file,
			 const struct rds_value *assay, struct err *err)
{
	for (size_t i = 0; preferred[i]; i++)
		offer_slot(c, file, assay, preferred[i]);
	if (!c->n_offers)
		return err_set(err, "%s: assay %s has neither counts nor data", file->path,
			       c->assay);
	c->var = rds_slot(file, assay, "meta.features");
	c->variable_genes = rds_slot(file, assay, "var.features");
	return 0;
}

/* ---- the object ---- */

static void find_embeddings(struct rds_contents *c, const struct rds *file)
{
	const struct rds_value *reductions = rds_slot(file, file->root, "reductions");
	for (uint64_t i = 0; i < rds_length(reductions); i++) {
		const char *name = rds_name(file, reductions, i);
		const struct rds_value *m =
			rds_slot(file, rds_item(reductions, i), "cell.embeddings");
		if (name && m)
			rds_contents_embed(c, name, m);
	}
}

int seurat_find(struct rds_contents *c, const struct rds *file, const char *assay, struct err *err)
{
	const struct rds_value *root = file->root;
	if (str_eq(rds_class(file, root), "seurat"))
		return err_set(err,
			       "%s: a Seurat object of version 2 (in R: UpdateSeuratObject() "
			       "it, then saveRDS())",
			       file->path);
	const struct rds_value *assays = rds_slot(file, root, "assays");
	const char *active = rds_text(file, rds_slot(file, root, "active.assay"), 0);
	const char *name = assay ? assay : active ? active : rds_name(file, assays, 0);
	const struct rds_value *chosen = name ? rds_element(file, assays, name) : NULL;
	if (!chosen)
		return no_assay(file, assays, name ? name : "?", err);
	c->kind = version_text(file);
	c->assay = mem_str(name);
	c->preferred = preferred;
	c->obs = rds_slot(file, root, "meta.data");
	c->idents = rds_slot(file, root, "active.ident");
	find_embeddings(c, file);
	return rds_slot(file, chosen, "layers") ? find_layers(c, file, chosen, err)
						: find_matrices(c, file, chosen, err);
}
