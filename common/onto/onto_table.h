/* onto_table.h - an ontology as a table: ontology/cl.tsv.
 *
 * One row per term, lists joined by bars. onto_write (onto.h) writes what termtable_read reads.
 *
 *	struct builder b = {.o = o, .path = "ontology/cl.tsv"};
 *	if (termtable_read(&b, "CL:", err))
 *		return -1;
 */
#ifndef ONTO_ONTO_TABLE_H
#define ONTO_ONTO_TABLE_H

#include "onto/onto_build.h"

/* Add the terms whose ids begin with 'prefix' (NULL: all). 0, or -1 with 'err'. */
int termtable_read(struct builder *b, const char *prefix, struct err *err) MUST_USE;

#endif
