/* datadir.h - where the data files that ship with the project are.
 *
 *	char *path = datadir_find("ontology/cl.tsv", &err);
 *
 * Looked for, first hit wins: in $PIPETTE_DATA; in the source tree the program was built in
 * (from build/bin, build/unit and the like); in share/pipette of the prefix it was installed
 * under (from libexec/pipette or bin).
 */
#ifndef BASE_DATADIR_H
#define BASE_DATADIR_H

#include "base/err.h"

/*
 * The path of a data file or folder, or NULL with the places tried and the variable to set.
 * The caller frees it.
 */
char *datadir_find(const char *name, struct err *err) MUST_USE;

/* Is there a program of this name in the folder of the running one? */
bool datadir_program(const char *name);

#endif
