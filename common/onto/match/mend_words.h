/* mend_words.h - unknown words as the known ones they stand for.
 *
 *	hMac3, Adip1, dIMCD     without the number and the letter of a species or state
 *	CD8Tem, AT2cell, L5IT   cut at the digits, when every piece is known
 *	TipEndothelial          cut where the label has a capital
 *	hepatocite              the nearest spelling
 */
#ifndef ONTO_MATCH_MEND_WORDS_H
#define ONTO_MATCH_MEND_WORDS_H

#include "onto/match/tier_words.h"

void repair_words(const struct asked *q, struct words *w);

#endif
