/* object.h - an R object as the parts of an h5ad.
 *
 *	struct rds_object o;
 *	if (rds_object_open(&o, file, NULL, NULL, &err))
 *		die_err(&err);
 *	struct stream *cells = rds_layer_stream(&o.layers[0]);
 *
 * The first layer is the one for X; the others have the same genes and cells. Everything is
 * matched to the matrix's cells and genes by name, whatever order the tables are in.
 */
#ifndef IMPORT_RDS_OBJECT_H
#define IMPORT_RDS_OBJECT_H

#include "h5ad/frame/frame.h"
#include "import/rds/layer.h"

struct rds_reduction {
	char *name;    /* "X_pca" */
	float *values; /* n_cells × n_columns, row by row; NaN where a cell has none */
	size_t n_columns;
};

struct rds_object {
	char *kind;  /* "Seurat 4.0.0", "SingleCellExperiment", "dgCMatrix", "data.frame" */
	char *assay; /* NULL when the class has none */
	size_t n_genes, n_cells;
	struct rds_layer *layers;
	size_t n_layers; /* 0 for a data frame */
	struct frame *obs, *var;
	struct rds_reduction *reductions;
	size_t n_reductions;
	struct text notes; /* what was left out, a line each; "" for nothing */
};

/*
 * 'assay' NULL is the object's default; 'slot' NULL takes counts, else data (logcounts), else the
 * first there is; "data" and "logcounts" mean the same. 'file' must outlive the object. Errors
 * list what there is.
 */
int rds_object_open(struct rds_object *o, const struct rds *file, const char *assay,
		    const char *slot, struct err *err) MUST_USE;
void rds_object_close(struct rds_object *o);

#endif
