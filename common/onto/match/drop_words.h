/* drop_words.h - words of a label that can go, or be read as another.
 *
 * A label says more than its type: the number of a cluster, a marker, a state, the species. Each
 * function takes one such kind of word out of 'w'. tier_words.c drops one kind after another until
 * a name is left.
 *
 *	struct words w = q->words;                   // "c12 activated cd4+ t cell"
 *	reduce_first_code(&w);
 *	reduce_states(&w);
 *	found = find_words(q, BY_SET, &w);           // "cd4+ t cell"
 */
#ifndef ONTO_MATCH_DROP_WORDS_H
#define ONTO_MATCH_DROP_WORDS_H

#include "onto/match/tier_words.h"

/* Does any name have this word? */
bool reduce_known(const struct asked *q, const char *w);

/* Words that no name has, numbers aside. */
void reduce_strangers(const struct asked *q, struct words *w);

/* A cluster's number or code before its name: "c12_Th2", "5: Th2". */
void reduce_first_code(struct words *w);

/* "human", "adult", "healthy", "treated": whose cells, not which. */
void reduce_donors(struct words *w);

void reduce_numbers(struct words *w);
void reduce_last_number(struct words *w);

/* States and stages: without them the label still names its type. */
void reduce_states(struct words *w);
bool reduce_is_state(const char *w);

/* Words of many names that alone name no type: "class 2", "associated", states, letters. */
bool reduce_is_vague(const char *w);

/* "type", "segment": a number after it belongs to the name. */
bool reduce_is_counted(const char *w);

/* Words of no name, and signed genes: they say which cluster, not which type. */
void reduce_unknown(const struct asked *q, struct words *w);

/* Codes such as "a2" and "s1" and the layers of the cortex: where, or which cluster. */
void reduce_codes(struct words *w);

/* Signed markers, and how much there is of them: "CD34dim". */
void reduce_markers(struct words *w);

/* Words that speak of the question's tissue: "PC of the kidney" is a PC there. */
void reduce_tissue(const struct asked *q, struct words *w);

/* Does the label begin with the number or code of a cluster: "07_", "c12 ", "cluster 3: "? */
bool words_begin_with_code(const char *label);

#endif
