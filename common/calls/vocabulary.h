/* vocabulary.h - predictions in the words of the true labels.
 *
 * A model says "CD4-positive, alpha-beta T cell" where the truth says "T cells", and text that
 * differs is no error. By their ontology ids every label that was predicted is one of the truth's:
 *	the same label          stays
 *	the same term           as the true label of that term, of several the first by bytes
 *	a descendant            as the true label nearest above it: a naive CD4 T cell is a "T cells",
 *	                        or a "CD4 T" where the truth has that, too
 *	anything else           stays, and is wrong in any words
 *
 *	struct evaluation *e = vocabulary_evaluate(&v, predicted, confidence, unknown);
 *	printf("%g\n", e->accuracy);
 *	evaluation_free(e);
 */
#ifndef CALLS_VOCABULARY_H
#define CALLS_VOCABULARY_H

#include "calls/evaluation.h"
#include "onto/onto.h"

struct vocabulary {
	const struct onto *onto;
	const struct strtab *names;
	const uint32_t *terms; /* per name, ONTO_NONE for none */
	const uint32_t *truth; /* per cell: a name */
	size_t n_cells;
};

/* Predictions judged in those words. 'predicted', 'confidence' (or NULL) and 'unknown' as in
 * evaluation_new; free with evaluation_free. */
struct evaluation *vocabulary_evaluate(const struct vocabulary *v, const uint32_t *predicted,
				       const double *confidence, uint32_t unknown);

/* Is any of the predicted names a true one? If not, figures by text are all 0 and mean nothing. */
bool vocabulary_shared(const uint32_t *truth, const uint32_t *predicted, size_t n_cells,
		       size_t n_names);

#endif
