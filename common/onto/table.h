/* table.h - an ontology as a table: ontology/cl.tsv.
 *
 * One row per term, lists joined by bars. onto_write (onto.h) writes what table_read reads.
 */
#ifndef ONTO_TABLE_H
#define ONTO_TABLE_H

#include "onto/build.h"

/* Add the terms whose ids begin with 'prefix' (NULL: all). 0, or -1 with 'err'. */
int table_read(struct builder *b, const char *prefix, struct err *err) MUST_USE;

#endif
