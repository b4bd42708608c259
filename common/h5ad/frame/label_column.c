/* label_column.c - looks for a column of cell types by its usual names. */
#include "base/util.h"

#include "base/text.h"
#include "h5ad/frame/label_column.h"

static const char *const candidates[] = {
	"celltype_lvl_1_standardized", "cell_type", "celltype",        "CellType",
	"cell_type_ontology_term_id",  "cluster",   "seurat_clusters",
};

const char *label_column(const struct frame *obs, const char *wanted, struct err *err)
{
	struct text there = TEXT_INIT;

	if (!wanted || !str_eq(wanted, "auto") || frame_find(obs, "auto"))
		return wanted;
	for (size_t i = 0; i < ARRAY_LEN(candidates); i++)
		if (frame_find(obs, candidates[i]))
			return candidates[i];
	for (size_t i = 0; i < obs->n_columns; i++)
		text_add(&there, "%s%s", i ? ", " : "", obs->columns[i].name);
	err_set(err, "no column is known to have cell types; there are: %s", there.s);
	text_release(&there);
	return NULL;
}
