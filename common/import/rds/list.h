/* list.h - what an RDS file holds, as a table.
 *
 * One row per matrix, column, reduction or list element: part, class, rows, columns, stored,
 * missing (NA and NaN) and the first five values as R prints them. Looks at every assay, not only
 * at the one that would be imported.
 *
 *	struct tsv_writer out = {.file = stdout, .path = "stdout", .sanitize = true};
 *	rds_list(file, &out);
 *	if (tsv_writer_close(&out, &err))
 *		die_err(&err);
 */
#ifndef IMPORT_RDS_LIST_H
#define IMPORT_RDS_LIST_H

#include "format/tsv.h"
#include "import/rds/value.h"

/* Write the header and the rows. Nothing in the object can make this fail. */
void rds_list(const struct rds *file, struct tsv_writer *out);

#endif
