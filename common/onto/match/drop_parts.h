/* drop_parts.h - a label without a part that names what it is not.
 *
 * Each writes the rest into 'out' and says whether there was such a part.
 *
 *	char rest[WORDS_BYTES];
 *	if (without_nots(q, "Stromal cell (non-FRC/non-FDC)", rest, sizeof(rest)))
 *		return find_name(q, rest);           // "Stromal cell"
 */
#ifndef ONTO_MATCH_DROP_PARTS_H
#define ONTO_MATCH_DROP_PARTS_H

#include "onto/match/tier_words.h"

/* "CMC-like pericytes" are pericytes. */
bool without_likes(const char *label, char *out, size_t room);

/* "Stromal (non-FRC/non-FDC)"; but "(non-classical)" is a type, for "classical" alone is none. */
bool without_nots(const struct asked *q, const char *label, char *out, size_t room);

/*
 * "Neutrophil_Ngp high(Bone-Marrow)" is a neutrophil: brackets at the end that name a place and no
 * more, and one gene with how much there is of it.
 */
bool without_place(const struct asked *q, const char *label, char *out, size_t room);

/* "ES cell-derived neural precursor" is a neural precursor. Of stem cells only. */
bool without_origin(const struct asked *q, const char *label, char *out, size_t room);

#endif
