/* distinct.h - are many names all different? In two megabytes, however many.
 *
 * Names that come in blocks and are not kept, such as a million cells': each marks six bits of a
 * field (Bloom's filter), and a name that finds all its bits marked is suspect. There are hardly
 * any that are not really there twice; so only if there are some the names are looked at again.
 *
 *	struct distinct seen = {0};
 *	distinct_add(&seen, name);                       // every name
 *	for (each name again, if seen.n)
 *		if (distinct_is_suspect(&seen, name) && strtab_add(&those, name) < before)
 *			it_is_there_twice(name);
 *	distinct_release(&seen);
 */
#ifndef EXPRESSION_DISTINCT_H
#define EXPRESSION_DISTINCT_H

#include "base/mem.h"

struct distinct {
	uint8_t *bits;
	uint64_t *suspects; /* hashes of names that may have been there before */
	size_t n, cap;
};

void distinct_add(struct distinct *d, const char *name);

/* May the name have been there twice? It may, if it was. */
bool distinct_is_suspect(const struct distinct *d, const char *name);
void distinct_release(struct distinct *d);

#endif
