/* tenx.h - 10x Genomics' HDF5 matrices.
 *
 * Both layouts: Cell Ranger 3 and later (a group "matrix" with "features", also Xenium's
 * cell_feature_matrix.h5), and 2 and before (a group per genome). The matrix is genes x cells
 * by column, which is cells x genes by row: it streams as it is.
 *
 *	struct import in;
 *	if (import_tenx("filtered_feature_bc_matrix.h5", &choice, pool, &in, &err))
 *		die_err(&err);
 *	write_cells(in.stream, in.cells, in.genes);
 *	import_release(&in);
 */
#ifndef IMPORT_TENX_H
#define IMPORT_TENX_H

#include "base/pool.h"
#include "import/import.h"

/*
 * Open a file and fill 'in' (import/import.h), with the features 'choice' asks for. An old file
 * of several genomes needs choice->genome. The pool must outlive the stream.
 */
int import_tenx(const char *path, const struct feature_choice *choice, struct pool *pool,
		struct import *in, struct err *err) MUST_USE;

#endif
