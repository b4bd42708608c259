/* celltypist.h - CellTypist's pickled models, read and written without Python.
 *
 * A CellTypist .pkl is a dict of a scikit-learn classifier ("Model", with CellTypist's attribute
 * 'features'), a StandardScaler ("Scaler_") and a dict of texts ("description"). Reading takes the
 * numbers out of the inert values that model/pickle/pickle.h builds; classifiers of scikit-learn
 * 0.22 to 1.9 are understood, by the attributes they hold. Nothing in the file runs.
 *
 * Writing gives a LogisticRegression that CellTypist loads and predicts with under scikit-learn
 * 1.2 and later. CellTypist takes the sigmoid of every score: a softmax model keeps its labels
 * there, not its probabilities.
 *
 *	struct model *m = celltypist_read("Immune_All_Low.pkl", &err);
 *	if (!m || celltypist_write(m, "copy.pkl", &err))
 *		die_err(&err);
 *	model_free(m);
 */
#ifndef MODEL_CELLTYPIST_H
#define MODEL_CELLTYPIST_H

#include "model/model.h"

/* Read a pickle; the caller checks the model (model_check) and frees it. NULL on failure. */
struct model *celltypist_read(const char *path, struct err *err) MUST_USE;

/* Write a pickle, whole or not at all; "-" is standard output. */
int celltypist_write(const struct model *m, const char *path, struct err *err) MUST_USE;

#endif
