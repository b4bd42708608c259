/* model_file.h - models as files, of either format.
 *
 * A model is read from the container (model/container.h) or from a CellTypist pickle
 * (model/celltypist.h): the content decides, not the name. It may come from a pipe, which is copied
 * to a scratch file first (base/unpacked.h), and "-" is standard input.
 *
 *	struct model *m = model_read("Immune_All_Low.pkl", &err);
 *	if (!m || model_write(m, "immune.h5", &err))
 *		die_err(&err);
 *	model_free(m);
 */
#ifndef MODEL_MODEL_FILE_H
#define MODEL_MODEL_FILE_H

#include "model/model.h"

/* Read a file and check the model (model_check). NULL on failure; free with model_free. */
struct model *model_read(const char *path, struct err *err) MUST_USE;

/*
 * Write a pickle for CellTypist when the name ends in .pkl, else the container: whole or not at
 * all. "-" is standard output.
 */
int model_write(const struct model *m, const char *path, struct err *err) MUST_USE;

/*
 * A model's name: its file's, without folder and without .h5, .pkl or .pkl.gz; "stdin" for "-", and
 * "pipe63" for what a shell puts in place of <(COMMAND). The caller frees.
 */
char *model_file_name(const char *path);

#endif
