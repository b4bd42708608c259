/* code.h - population codes: "T.4SP24-.Th", "SC.CMP.DR", "MF.103-11B+24-".
 *
 * Bulk references name what they sorted by a code of segments: first the lineage, then the type or
 * its markers, then organ, time or treatment. A marker is written without its "CD", and for T
 * cells "4" and "8" are the coreceptors.
 *
 *	code_split(&c, "T.4Mem.Sp")         T, 4Mem, Sp
 *	code_spell(&c, 0, 2, known, ...)    "T CD4+ Mem"
 */
#ifndef ONTO_CODE_H
#define ONTO_CODE_H

#include "onto/match/tier_words.h"

#define MOST_SEGMENTS 8

struct code {
	char text[256]; /* the segments, each NUL-terminated */
	const char *segments[MOST_SEGMENTS];
	size_t n;
};

/* False when it is no code: no dot between two letters or digits, or blanks. */
bool code_split(struct code *c, const char *label);

/* Segments [first, last) with dots between them, as they were. */
void code_join(const struct code *c, size_t first, size_t last, char *out, size_t room);

/* The same as words: the lineage in full, markers with their "CD" where a name has such a word. */
void code_spell(const struct question *q, const struct code *c, size_t first, size_t last,
		char *out, size_t room);

/*
 * The name that a code stands for: of its first segments, as many as a name has, or of what
 * follows the lineage when that is a kind of it. 'outer' is a term that the answer must be of,
 * or ONTO_NONE.
 */
const struct name *code_find(const struct question *q, const char *label, uint32_t outer);

#endif
