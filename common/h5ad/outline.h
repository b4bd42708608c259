/* outline.h - what is in an h5ad, as a table.
 *
 * One row per part: the file, its matrices, the tables and their columns, and the elements of obsm,
 * varm, obsp, varp and uns, each with its shape and how it is stored. Reads names and shapes, no
 * values.
 *
 *	part  kind  rows  columns  type  stored  compression
 */
#ifndef H5AD_OUTLINE_H
#define H5AD_OUTLINE_H

#include "format/tsv.h"
#include "h5ad/h5ad.h"

int outline_put(struct tsv_writer *out, struct h5ad *in, struct err *err) MUST_USE;

/* "int32", "uint8", "float64", "nullable int64", "category", ... in 't'. */
const char *column_type_name(const struct column *c, struct text *t);

#endif
