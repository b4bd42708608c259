/* label_column.h - the obs column with the cell types, when nobody said which.
 *
 * The first that is there of celltype_lvl_1_standardized, cell_type, celltype, CellType,
 * cell_type_ontology_term_id, cluster, seurat_clusters: the order of the pipeline's specification.
 *
 *	const char *label = label_column(obs, "auto", &err);
 *	if (!label)
 *		die_err(&err);               // lists the columns there are
 *
 * A filter that takes a column of labels takes "auto" for it, and says which it was.
 */
#ifndef H5AD_FRAME_LABEL_COLUMN_H
#define H5AD_FRAME_LABEL_COLUMN_H

#include "h5ad/frame/frame.h"

/*
 * 'wanted' itself, or for "auto" (unless obs has a column of that name) the column found: static,
 * or NULL with an error that lists the columns there are. NULL for NULL.
 */
const char *label_column(const struct frame *obs, const char *wanted, struct err *err) MUST_USE;

#endif
