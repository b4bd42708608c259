/* pickle_pandas.h - the texts inside what pandas pickles.
 *
 * Genes and classes of a model may be an Index, a Series, a Categorical or an array of strings of
 * pandas 1 to 3, kept by numpy or by Arrow, one inside another. Only the values count: the labels
 * of a Series, names and dtypes are passed over.
 *
 *	v = pickle_pandas_inside(v);
 *	if (pickle_pandas_packs(v))
 *		return pickle_pandas_texts(v, "classes", arena, &texts, &n, err);
 */
#ifndef MODEL_PICKLE_PICKLE_PANDAS_H
#define MODEL_PICKLE_PICKLE_PANDAS_H

#include "model/pickle/pickle.h"

/* The plain array inside an Index, a Series or an array of strings; anything else as it is. */
const struct pickle_value *pickle_pandas_inside(const struct pickle_value *v);

/* Are its texts packed in pandas' own way, as codes or in Arrow's buffers? */
bool pickle_pandas_packs(const struct pickle_value *v);

/* Unpack them, as pickle_texts does. */
int pickle_pandas_texts(const struct pickle_value *v, const char *what, struct arena *arena,
			char ***texts, size_t *n, struct err *err) MUST_USE;

#endif
