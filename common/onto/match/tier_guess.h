/* tier_guess.h - the tiers for a label that no name's words make up.
 *
 *	return guess_by_words(a) || guess_by_letters(a);
 */
#ifndef ONTO_MATCH_TIER_GUESS_H
#define ONTO_MATCH_TIER_GUESS_H

#include "onto/match/answer.h"

/* The names with the best weighted overlap of words. */
bool guess_by_words(struct asking *a);

/* The names that are spelt alike. */
bool guess_by_letters(struct asking *a);

#endif
