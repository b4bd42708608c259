/* distinct.h - are many names all different? In eight bytes each.
 *
 * Names that come in blocks and are not kept, such as a million cells': their hashes are, and at the
 * end two equal ones mean a name that was there twice (two names of one hash of 64 bits among a
 * million would be one chance in 36 million; who must be sure looks at the names again).
 *
 *	struct distinct seen = {0};
 *	distinct_add(&seen, name);                       // every name
 *	if (distinct_repeated(&seen, &hash))
 *		find_names_with(hash);                   // distinct_hash(name) == hash
 *	distinct_release(&seen);
 */
#ifndef BASE_DISTINCT_H
#define BASE_DISTINCT_H

#include "base/mem.h"

struct distinct {
	uint64_t *hashes;
	size_t n, cap;
};

void distinct_add(struct distinct *d, const char *name);
uint64_t distinct_hash(const char *name);

/* Was a name there twice? Its hash, the smallest of such. Sorts what was added. */
bool distinct_repeated(struct distinct *d, uint64_t *hash);
void distinct_release(struct distinct *d);

#endif
