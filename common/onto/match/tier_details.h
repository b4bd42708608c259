/* tier_details.h - a label in two parts: a type, and what more is known of it.
 *
 * The second part stands in brackets or after a colon: "Dendritic cell (DC2)", "B: naive".
 *
 *	const struct name *n = details_find(q, "Dendritic cell (DC2)");  // CD1c-positive myeloid DC
 */
#ifndef ONTO_MATCH_TIER_DETAILS_H
#define ONTO_MATCH_TIER_DETAILS_H

#include "onto/match/tier_words.h"

/* "Dendritic cell (DC2)": the type before the details, or the kind of it that they say. */
const struct name *details_find(const struct asked *q, const char *label);

#endif
