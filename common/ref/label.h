/* label.h - the label column of a file, when nobody said which.
 *
 *	const char *label = label_of_file("21.curated.seurat.rds", &err);
 *
 * By the names of h5ad/frame/label_column.h. An h5ad's obs is looked at; an RDS is read whole for
 * it, but for the parts that only its matrices need.
 */
#ifndef REF_LABEL_H
#define REF_LABEL_H

#include "base/err.h"

/* The column's name (static), or NULL with an error that lists the columns there are. */
const char *label_of_file(const char *path, struct err *err) MUST_USE;

#endif
