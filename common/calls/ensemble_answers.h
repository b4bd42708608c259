/* ensemble_answers.h - what an ensemble says of every cell, as a predictions table.
 *
 * Each cell's answer is one model's call, the surest of those that give the label; what else that
 * model says of the cell goes along, column by column: how sure it was, what the cell had to go by,
 * what came second. Behind it stand how many models agree and how far they do not.
 *
 *	struct ensemble_answers a = {.models = models, .rule = ENSEMBLE_MAX, .pool = pool};
 *	if (ensemble_answers_write(&a, "calls.tsv", &err))
 *		die_err(&err);
 *	say("%zu cells without dissent", a.n_unanimous);
 *
 * With terms the label is the ontology's and so is cl_id; without, ids that calls brought go along:
 * an answer without one of its own takes that of another model's same label. A column that no table
 * has is left out, but for the standard ones (calls.h). Same tables, same bytes, any threads.
 */
#ifndef CALLS_ENSEMBLE_ANSWERS_H
#define CALLS_ENSEMBLE_ANSWERS_H

#include "calls/ensemble_terms.h"

struct ensemble_answers {
	const struct ensemble *models; /* this and what follows is borrowed */
	enum ensemble_rule rule;
	struct ensemble_terms *terms; /* instead of a rule: what they agree on; or NULL */
	const struct onto *onto;      /* of the terms */
	const char *unknown;          /* the label of a cell for which there is no term */
	bool tells_votes; /* columns votes and voters: ensemble_terms_allow was called */
	struct pool *pool;
	_Atomic size_t n_unanimous, n_none; /* filled in: cells all models agree on, and none */
};

/* The table, whole or not at all. */
int ensemble_answers_write(struct ensemble_answers *a, const char *path, struct err *err) MUST_USE;

#endif
