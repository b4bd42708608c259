/* cell_names.h - no two cells of a file may have one name.
 *
 * Whoever joins by name would take one for the other. Names are seen as the cells go by, at a few
 * bytes each; only the file's suspects are looked at again.
 *
 *	struct cell_names seen = {0};
 *	cell_names_add(&seen, names, n);                  // each block's
 *	if (cell_names_check(&seen, input, err))          // at the end
 *		die_err(err);
 *	cell_names_release(&seen);
 */
#ifndef EXPRESSION_CELL_NAMES_H
#define EXPRESSION_CELL_NAMES_H

#include "expression/distinct.h"
#include "expression/expression.h"

struct cell_names {
	struct distinct seen;
};

void cell_names_add(struct cell_names *c, char *const *names, size_t n);

/* -1: a name is there twice, and err says which. */
int cell_names_check(struct cell_names *c, struct input *in, struct err *err) MUST_USE;
void cell_names_release(struct cell_names *c);

#endif
