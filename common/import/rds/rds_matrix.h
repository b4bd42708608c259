/* rds_matrix.h - R's genes × cells matrices, seen cell by cell.
 *
 * A dgCMatrix stores columns, which are cells, one after the other: its arrays already are our
 * rows and are read where they are. So do dense matrices (base R's and dgeMatrix). dgTMatrix and
 * dgRMatrix are turned into that order once. Logical (lgC...) and pattern (ngC...) matrices give
 * ones.
 *
 *	struct rds_matrix m;
 *	if (rds_matrix_open(&m, file, value, err))
 *		return -1;
 *	n = rds_matrix_cell(&m, 0, genes, values);
 *	rds_matrix_close(&m);
 *
 * Opening checks the shape, every start and every index; values are for the reader to check.
 */
#ifndef IMPORT_RDS_RDS_MATRIX_H
#define IMPORT_RDS_RDS_MATRIX_H

#include "base/err.h"
#include "import/rds/value.h"

struct rds_matrix {
	const char *class; /* "dgCMatrix", "matrix", ... */
	size_t n_genes, n_cells;
	size_t n_stored;                                 /* of a dense matrix all, zeros too */
	const struct rds_value *gene_names, *cell_names; /* string vectors, or NULL */
	bool dense;
	bool integers;         /* R stores integers or logicals */
	bool ones;             /* whatever is stored and not zero counts as one */
	bool adds;             /* a gene may stand twice in a cell: its values add up */
	const int32_t *starts; /* n_cells + 1; NULL when dense */
	const int32_t *genes;
	const int32_t *ints; /* at most one of these three is set */
	const double *reals;
	const float *floats;
	void *owned[3];
};

/* Is this a value that rds_matrix_open understands, or would explain why not? */
bool rds_is_matrix(const struct rds *file, const struct rds_value *v);

/* Borrows from 'file'. On failure 'm' needs no closing. */
int rds_matrix_open(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
		    struct err *err) MUST_USE;
/* Only the class, the sizes and the names: nothing to close. n_stored is 0. */
int rds_matrix_shape(struct rds_matrix *m, const struct rds *file, const struct rds_value *v,
		     struct err *err) MUST_USE;

void rds_matrix_close(struct rds_matrix *m); /* a zeroed one is fine */

/* The most values a cell can have: room for rds_matrix_cell. */
size_t rds_matrix_room(const struct rds_matrix *m, size_t cell);

/*
 * A cell's values in stored order, zeros of dense storage left out. Returns how many. NA of
 * integer and logical storage comes as NaN.
 */
size_t rds_matrix_cell(const struct rds_matrix *m, size_t cell, uint32_t *genes, float *values);

#endif
