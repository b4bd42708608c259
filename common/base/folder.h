/* folder.h - a folder to write into, made where it is not there.
 *
 *	if (folder_make("runs/pbmc/calls", &err))       // and runs, and runs/pbmc
 *		die_err(&err);
 *
 * A folder that is there already is no failure, whoever made it, also in the same moment: several
 * processes may ask for the same one. Nothing is ever taken away. A file of that name is told by
 * whoever writes into the folder then.
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include "base/err.h"

/* -1: the error names the first of the folders that could not be made. */
int folder_make(const char *path, struct err *err) MUST_USE;

#endif
