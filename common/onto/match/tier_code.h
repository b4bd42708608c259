/* tier_code.h - population codes: "T.4SP24-.Th", "SC.CMP.DR", "MF.103-11B+24-".
 *
 * Bulk references name what they sorted by a code of segments: first the lineage, then the type or
 * its markers, then organ, time or treatment. A marker is written without its "CD", and for T
 * cells "4" and "8" are the coreceptors: "T.4Mem.Sp" is a CD4-positive memory T cell of the spleen.
 *
 *	const struct name *n = code_find(q, "T.8.Sp", ONTO_NONE);        // CD8-positive T cell
 */
#ifndef ONTO_MATCH_TIER_CODE_H
#define ONTO_MATCH_TIER_CODE_H

#include "onto/match/tier_words.h"

/*
 * The name that a code stands for: of its first segments, as many as a name has, or of what
 * follows the lineage when that is a kind of it. 'outer' is a term that the answer must be of,
 * or ONTO_NONE.
 */
const struct name *code_find(const struct asked *q, const char *label, uint32_t outer);

#endif
