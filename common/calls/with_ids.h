/* with_ids.h - a table of calls with the ontology's terms appended: cl_id, cl_name, cl_score.
 *
 * A cell that comes with an id keeps it: it is what its model, or the reference that the model
 * learnt from, says the label is. Only the others are asked for by their labels:
 *
 *	struct with_ids w = {.input = "calls.tsv", .output = "typed.tsv", .onto = cl,
 *			     .find = find_label, .arg = &map};
 *	if (calls_append_ids(&w, &err))
 *		die_err(&err);
 *	say("%zu cells came with an id", w.n_given);
 *
 * A cell that the gate gave a reason has no term, whatever its word for such is, but for one that
 * climbed: its answer is a term. Columns of earlier ids (cl_id, cl_name, cl_score, and the gate's
 * and the vote's of them) give way to the three. Rows keep their order, and are read and written
 * one at a time.
 */
#ifndef CALLS_WITH_IDS_H
#define CALLS_WITH_IDS_H

#include "base/err.h"
#include "onto/onto.h"

struct label_term {
	const char *id, *name; /* "" when the label has none; borrowed */
	double score;          /* NaN when there is none */
};

struct with_ids {
	const char *input, *output;
	const struct onto *onto; /* the names of ids that cells come with */
	/* The term of a label: false when it was never asked for. */
	bool (*find)(void *arg, const char *label, struct label_term *term);
	void *arg;
	size_t n_cells, n_given, n_found; /* filled in: cells that came with an id, that got one */
};

/* An id that the ontology does not have is an error that names the cell. */
int calls_append_ids(struct with_ids *w, struct err *err) MUST_USE;

#endif
