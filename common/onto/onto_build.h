/* onto_build.h - putting an ontology together; for its readers only.
 *
 * Terms come in the order of the file, each once. Strings are copied into the ontology's arena.
 *
 *	struct onto_term *t = build_term(&b, "CL:0000084", "T cell", line, err);
 *	if (!t)
 *		return -1;
 *	t->xrefs = build_split(b.o, field);
 */
#ifndef ONTO_ONTO_BUILD_H
#define ONTO_ONTO_BUILD_H

#include "onto/onto.h"

struct builder {
	struct onto *o;
	size_t cap;
	const char *path;
	size_t *lines; /* of each term, for messages */
	size_t cap_lines;
};

/* NULL when the id is there already: the error names both lines. Valid until the next is added. */
struct onto_term *build_term(struct builder *b, const char *id, const char *label, size_t line,
			     struct err *err) MUST_USE;

struct onto_strings build_list(struct onto *o, char *const *items, size_t n);

/* "a|b", cut at the bars in place. */
struct onto_strings build_split(struct onto *o, char *field);

#endif
