/* onto_read.h - an ontology from a file: the project's own table, or OBO.
 *
 *	struct onto *cl = onto_read("cl.obo", "CL:", &err);
 *	if (!cl)
 *		die_err(&err);
 *	onto_free(cl);
 *
 * The two are told apart by content, so "-" is not taken. Plain or gzip.
 */
#ifndef ONTO_ONTO_READ_H
#define ONTO_ONTO_READ_H

#include "onto/onto.h"

/*
 * 'prefix' ("CL:") keeps only terms whose ids begin so, for OBO files that import others; NULL
 * keeps all. Duplicate ids, unknown tags of the table, and is_a cycles are errors. NULL on failure;
 * free with onto_free.
 */
struct onto *onto_read(const char *path, const char *prefix, struct err *err) MUST_USE;

#endif
