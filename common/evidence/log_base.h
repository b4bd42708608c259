/* log_base.h - to which base are these values logarithms?
 *
 * Fold changes undo the logarithm. uns/log1p/base of the file says the base when it was not e; what
 * this program normalised itself is to e; and where the file is silent its values may tell.
 *
 *	double base;
 *	if (log_base_of(file, input, &base, &err))
 *		die_err(&err);
 *
 * A base of 1 or less, or above 100, is an error that names it.
 */
#ifndef EVIDENCE_LOG_BASE_H
#define EVIDENCE_LOG_BASE_H

#include "expression/expression.h"

int log_base_of(struct h5ad *file, const struct input *input, double *base,
		struct err *err) MUST_USE;

#endif
