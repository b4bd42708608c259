/* loom.h - loom files, genes x cells in HDF5.
 *
 * What loompy, velocyto and the HCA's matrix service wrote: a dense /matrix with genes as rows,
 * row_attrs/Gene (or Accession) and col_attrs/CellID beside it. Layers and graphs are left alone.
 *
 *	if (loom_is("cells.loom"))
 *		ret = import_loom("cells.loom", &in, &table, &err);
 *
 * The matrix is read tile by tile through a spool (matrix/spool.h), so memory does not grow with
 * it.
 */
#ifndef IMPORT_LOOM_H
#define IMPORT_LOOM_H

#include "import/import.h"
#include "import/spatial.h"

/* Does a file that is HDF5 look like it? What cannot be opened is none. */
bool loom_is(const char *path);

/*
 * Fill 'in', and the columns of 'table' (which has no positions) with the other attributes of the
 * cells. Both are the caller's to release, but on failure only 'table'.
 */
int import_loom(const char *path, struct import *in, struct spatial *table,
		struct err *err) MUST_USE;

#endif
