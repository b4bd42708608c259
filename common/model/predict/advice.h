/* advice.h - what to do when a file has too few of a model's genes by name.
 *
 * Files often keep ids as names and symbols in a column of var, or write symbols in another case,
 * as of another species. What would match is counted, so that the advice is a fact.
 *
 *	die("too few genes (%s)", advice_on_genes(model, input, &text));
 */
#ifndef MODEL_PREDICT_ADVICE_H
#define MODEL_PREDICT_ADVICE_H

#include "expression/expression.h"
#include "model/model.h"

/* The text is in 'scratch'. What cannot be read is passed over. */
const char *advice_on_genes(const struct model *m, const struct input *in, struct text *scratch);

#endif
