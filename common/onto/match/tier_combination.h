/* tier_combination.h - several types in one label: "T/NK", "Mono & Macro".
 *
 * "T cells, memory Treg" is one, too: each part is asked for by itself.
 *
 *	combine_answer(a);                           // of "T/NK": lymphocyte
 */
#ifndef ONTO_MATCH_TIER_COMBINATION_H
#define ONTO_MATCH_TIER_COMBINATION_H

#include "onto/match/answer.h"

/* Answer with what the parts share, or false when there are no parts or one names nothing. */
bool combine_answer(struct asking *a);

#endif
