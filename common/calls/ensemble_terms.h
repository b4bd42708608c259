/* ensemble_terms.h - what a panel of models agrees on in the Cell Ontology.
 *
 *	struct panel_terms *t = panel_terms_read(panel, cl, NULL, 0.5, &err);
 *	struct panel_call v = panel_agree(panel, t, cell, &term);
 *	panel_terms_free(t);
 */
#ifndef CALLS_ENSEMBLE_TERMS_H
#define CALLS_ENSEMBLE_TERMS_H

#include "calls/ensemble.h"
#include "onto/onto.h"

struct panel_terms;

/*
 * The term of every call: from its table's own column cl_id, and where that is empty or there is
 * none, from 'map' (as cl-map writes it); without a map every table must have the column. Empty ids
 * and "unknown" are no term; replaced ids are followed; an id that the ontology does not have is an
 * error that names it. 'quorum' as in onto/consensus.h. Borrows the panel and the ontology. NULL on
 * failure.
 */
struct panel_terms *panel_terms_read(const struct panel *p, const struct onto *o, const char *map,
				     double quorum, struct err *err) MUST_USE;
void panel_terms_free(struct panel_terms *t); /* NULL is fine */

/* How many labels (calls, without a map) have no term. */
size_t panel_terms_n_without(const struct panel_terms *t);

/*
 * The term agreed on (ONTO_NONE for no agreement) and who supports it: confidence, model and agree
 * are those of the models that say the term or one below it. The label is STRTAB_NONE.
 */
struct panel_call panel_agree(const struct panel *p, struct panel_terms *t, size_t cell,
			      uint32_t *term);

/*
 * From now on agree as popV's parent vote does, that many voters aside (onto/consensus.h), instead
 * of by quorum and weights.
 */
void panel_terms_allow(struct panel_terms *t, size_t errors);

/* How many models have a term for the cell that panel_agree was asked about last. */
size_t panel_terms_voters(const struct panel_terms *t);

#endif
