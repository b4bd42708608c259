/* unseen.h - which true types no model knows, and how well a number tells their cells.
 *
 * A true type is unseen when cells are never called so, nor nearly so, nor anything above or below
 * it in the ontology. What cells are called or nearly called, such types the models know.
 *
 *	bool *known = unseen_known(calls, pool, &names, err);    // may add names
 *	scores = unseen_scores(&(struct unseen){...});
 *	free(known);
 */
#ifndef CALLS_UNSEEN_H
#define CALLS_UNSEEN_H

#include "calls/calls_table.h"
#include "calls/novelty_scores.h"
#include "onto/onto.h"

/* Per name: some cell has it as label, label_original or second. NULL on failure; the caller frees. */
bool *unseen_known(const struct calls_table *calls, struct pool *pool, struct strtab *names,
		   struct err *err) MUST_USE;

struct unseen {
	const bool *known;     /* per name */
	size_t n_names;        /* of them */
	const uint32_t *truth; /* per cell: a name */
	const double *novelty; /* per cell */
	size_t n_cells;
	const struct onto *onto; /* this and the next NULL without ids */
	const uint32_t *terms;   /* per name */
};

struct novelty_scores unseen_scores(const struct unseen *u);

#endif
