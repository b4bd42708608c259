/* tier_short.h - labels that are a letter or two and a number: "S3", "M1", "G2 cells".
 *
 * Such a code means one thing in one organ and another elsewhere: S3 is a segment of the kidney's
 * tubule, and in the specification's table a stromal fibroblast. It is answered by the tissue; else
 * by the organ that the other labels of the file speak of; else it is ambiguous, which its score
 * says: one of the meanings that are known, or one that is not.
 *
 *	if (!try_exact(&a) && short_answer(&a))
 *		return;
 *
 * A code that is a name by itself ("M1", "B1": aliases) is no question for this tier.
 */
#ifndef ONTO_MATCH_TIER_SHORT_H
#define ONTO_MATCH_TIER_SHORT_H

#include "onto/match/answer.h"

/*
 * Answer a code by the names that have it as a word and by the last patterns. False when the label
 * is none, or when nothing is known by it. Answers that nothing settles have 'meanings' set.
 */
bool short_answer(struct asking *a);

/* The organ that a term's label speaks of, or the nearest above it; TISSUE_NONE for none. */
uint32_t short_organ(const struct term_names *x, uint32_t term);

#endif
