/* import_trio.h - the three files of a Matrix Market matrix: where they are.
 *
 * The matrix is named, or the only *matrix.mtx[.gz] of a folder; the lists lie beside it, called as
 * Cell Ranger and others call them, with whatever precedes "matrix.mtx" in its name.
 *
 *	struct trio files = {.matrix = NULL};
 *	if (trio_find("filtered_feature_bc_matrix", NULL, NULL, &files, &err))
 *		die_err(&err);
 *	trio_release(&files);
 */
#ifndef IMPORT_IMPORT_TRIO_H
#define IMPORT_IMPORT_TRIO_H

#include "base/err.h"

struct trio {
	char *matrix, *genes, *cells; /* owned */
};

/* Find what 'genes' and 'cells' (paths, or NULL) do not give. After -1 release 'files' too. */
int trio_find(const char *path, const char *genes, const char *cells, struct trio *files,
	      struct err *err) MUST_USE;
void trio_release(struct trio *files);

#endif
