/* left_out.h - types that a model's training cells had, and the model has not.
 *
 * They had too few cells. Cells of theirs will be called something else, with confidence; so the
 * model says which they were, wherever it is used:
 *	/left_out/classes  names
 *	/left_out/cells    how many cells each had
 *
 *	left_out_text(m->left_out, &text);               // "DC (32 cells), Platelet (14 cells)"
 *
 * The names belong to the model.
 */
#ifndef MODEL_LEFT_OUT_H
#define MODEL_LEFT_OUT_H

#include "base/mem.h"
#include "base/text.h"

struct left_out {
	size_t n;
	char **names;
	double *n_cells;
};

struct left_out *left_out_new(size_t n); /* zeroed */
void left_out_free(struct left_out *l);  /* NULL is fine */

/* All of them with their cells, the first ten by name; "" when NULL. */
void left_out_text(const struct left_out *l, struct text *text);

#endif
