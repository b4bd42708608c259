/* kin.h - may one label name both terms?
 *
 * "Stem cells (GMP)": what stands in brackets is seldom the group's kind by the ontology's is_a.
 *
 *	if (kin_of(names, inner->term, outer->term))
 *		return inner;                        // the details name a kind of it
 */
#ifndef ONTO_NAMES_KIN_H
#define ONTO_NAMES_KIN_H

#include "onto/names/term_names.h"

/*
 * May details name 'inner' after a label has said 'outer'? Kinds of it, what stands beside it under
 * one parent, what has its name in its own, and for stem cells all that is early.
 */
bool kin_of(const struct term_names *x, uint32_t inner, uint32_t outer);

/* Does the term's own label have this word? */
bool kin_says(const struct term_names *x, uint32_t term, const char *w);

#endif
