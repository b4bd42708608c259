/* tier_peeled.h - a label without what is wrapped around a name.
 *
 *	c12_T(agonist)      HSC/MPP_CXCL8      human IN      Sample1|DN(P)
 *
 * Words that no name is spelt with, donors and cluster codes go; the rest must be a name as it
 * is spelt, so that abbreviations keep the meaning that they have alone.
 */
#ifndef ONTO_MATCH_TIER_PEELED_H
#define ONTO_MATCH_TIER_PEELED_H

#include "onto/match/tier_words.h"

/* The name inside, or NULL when nothing is around one. */
const struct name *peel_find(const struct asked *q, const char *label);

#endif
