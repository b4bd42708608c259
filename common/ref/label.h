/* label.h - the column with the cell types, when nobody said which.
 *
 * The first of celltype_lvl_1_standardized, cell_type, celltype, CellType,
 * cell_type_ontology_term_id, cluster, seurat_clusters that the file has.
 */
#ifndef REF_LABEL_H
#define REF_LABEL_H

#include "h5ad/frame/frame.h"

/* The same for a file: h5ad, or RDS, which is read whole for it. */
const char *label_of_file(const char *path, struct err *err);

#endif
