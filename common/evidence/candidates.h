/* candidates.h - the types a cluster might be: a closed list to choose a label from.
 *
 * All types of a label space that have any support in a cluster, and the terms above them, by
 * falling z: what a person or a language model may be offered, and nothing else.
 *
 *	struct candidates c;
 *	candidates_find(&c, &space, &genes, values);
 *	for (size_t i = 0; i < c.n; i++)
 *		puts(space.types[c.items[i].type].name);
 *	candidates_release(&c);
 *
 * At most CANDIDATES_MOST, equal z in the order of the space. A type needs a z above 0 and a gene
 * with evidence. Each comes with its genes, the strongest first.
 */
#ifndef EVIDENCE_CANDIDATES_H
#define EVIDENCE_CANDIDATES_H

#include "base/text.h"
#include "evidence/label_space.h"

#define CANDIDATES_MOST 40

struct candidate {
	size_t type;
	double z;
	struct text genes;
};

struct candidates {
	struct candidate *items;
	size_t n;
};

void candidates_find(struct candidates *c, const struct label_space *s, const struct strtab *genes,
		     const float *values);
void candidates_release(struct candidates *c);

#endif
