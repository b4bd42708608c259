/* ensemble_terms.h - what several models agree on in the Cell Ontology.
 *
 *	struct ensemble_terms *t = ensemble_terms_read(models, cl, NULL, 0.5, &err);
 *	struct ensemble_call v = ensemble_agree(models, t, cell, &term);
 *	ensemble_terms_free(t);
 */
#ifndef CALLS_ENSEMBLE_TERMS_H
#define CALLS_ENSEMBLE_TERMS_H

#include "calls/ensemble.h"
#include "onto/onto.h"

struct ensemble_terms;

/*
 * The term of every call: from its table's own column cl_id, and where that is empty or there is
 * none, from 'map' (as cl-map writes it); without a map every table must have the column. Empty ids
 * and "unknown" are no term; replaced ids are followed; an id that the ontology does not have is an
 * error that names it. 'quorum' as in onto/consensus.h. Borrows the models and the ontology. NULL
 * on failure.
 */
struct ensemble_terms *ensemble_terms_read(const struct ensemble *p, const struct onto *o,
					   const char *map, double quorum,
					   struct err *err) MUST_USE;
void ensemble_terms_free(struct ensemble_terms *t); /* NULL is fine */

/* How many labels (calls, without a map) have no term. */
size_t ensemble_terms_n_without(const struct ensemble_terms *t);

/*
 * The term agreed on (ONTO_NONE for no agreement) and who supports it: confidence, model and agree
 * are those of the models that say the term or one below it. The label is STRTAB_NONE.
 */
struct ensemble_call ensemble_agree(const struct ensemble *p, struct ensemble_terms *t, size_t cell,
				    uint32_t *term);

/*
 * From now on agree as popV's parent vote does, that many voters aside (onto/consensus.h), instead
 * of by quorum and weights.
 */
void ensemble_terms_allow(struct ensemble_terms *t, size_t errors);

/* How many models have a term for the cell that ensemble_agree was asked about last. */
size_t ensemble_terms_voters(const struct ensemble_terms *t);

#endif
