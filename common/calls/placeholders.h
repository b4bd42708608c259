/* placeholders.h - labels that are no cell types: "Unknown", "Doublet", "ND", "unassigned".
 *
 * A model that is trained on them learns them, and calls cells so with confidence; an evaluation
 * counts cells as wrong whose truth nobody knew. The words are data: refs/placeholders.txt.
 *
 *	struct placeholders *p = placeholders_but((const char *[]){"Doublet"}, 1, &err);
 *	if (placeholders_has(p, label))
 *		leave_out(cell);
 *	placeholders_free(p);
 *
 * Words are compared without case, blanks, signs, and figures at the end. A label without a letter
 * or figure ("?", "-") is one, too.
 */
#ifndef CALLS_PLACEHOLDERS_H
#define CALLS_PLACEHOLDERS_H

#include "base/err.h"

#define PLACEHOLDERS_FILE "refs/placeholders.txt"

struct placeholders;

/*
 * The list that is installed (one label a line, "#" begins a comment line) but for the 'n' labels
 * of 'kept', which are types here. NULL on failure.
 */
struct placeholders *placeholders_but(const char *const *kept, size_t n, struct err *err) MUST_USE;
void placeholders_free(struct placeholders *p); /* NULL is fine */

/* Is the label no type? False when 'p' is NULL. An empty label is for the caller. */
bool placeholders_has(const struct placeholders *p, const char *label);

#endif
