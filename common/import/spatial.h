/* spatial.h - the folders that spatial instruments write: a matrix, and a table of its cells.
 *
 *	Xenium    cell_feature_matrix.h5 and cells.csv(.gz)
 *	Visium    filtered_feature_bc_matrix.h5 and spatial/tissue_positions(_list).csv
 *	MERSCOPE  *cell_by_gene.csv and *cell_metadata.csv
 *	CosMx     *exprMat_file.csv(.gz) and *metadata_file.csv(.gz)
 *
 * Hides which is which, how cells are called and which columns are positions.
 *
 *	struct spatial s;
 *	if (spatial_find(&s, folder, &err) && s.kind != SPATIAL_NONE &&
 *	    !spatial_matrix(&s, &choice, pool, &in, &err) && !spatial_table(&s, &in.cells, &err))
 *		use(s.positions, s.columns);
 *	spatial_release(&s);
 *
 * Positions are x and y: for Visium pixel column and row of the full image, as scanpy has them.
 * Every cell of the matrix needs one that is a number; rows of cells that are not in the matrix
 * (spots outside the tissue) are counted. Memory is the table.
 */
#ifndef IMPORT_SPATIAL_H
#define IMPORT_SPATIAL_H

#include "base/pool.h"
#include "import/import.h"

enum spatial_kind { SPATIAL_NONE, SPATIAL_XENIUM, SPATIAL_VISIUM, SPATIAL_MERSCOPE, SPATIAL_COSMX };

struct spatial {
	enum spatial_kind kind;
	char *matrix, *table; /* paths */
	float *positions;     /* cells x 2 */
	size_t n_columns, n_others;
	char **names;     /* of the other columns */
	char ***values;   /* per column and cell; NULL where empty */
	bool all_at_once; /* all positions are the same */
	struct arena arena;
};

/* What is in a folder: SPATIAL_NONE when nothing of these is, -1 when something is missing. */
int spatial_find(struct spatial *s, const char *folder, struct err *err) MUST_USE;

/* The matrix; the pool must outlive its stream. */
int spatial_matrix(const struct spatial *s, const struct feature_choice *choice, struct pool *pool,
		   struct import *in, struct err *err) MUST_USE;

/* Positions and columns in the order of 'cells'. */
int spatial_table(struct spatial *s, const struct names *cells, struct err *err) MUST_USE;
void spatial_release(struct spatial *s);

const char *spatial_name(enum spatial_kind kind); /* "Xenium", ... */

#endif
