/* overlap.h - the names that share most words with a label.
 *
 * Words weigh more when few names have them. A name loses what it says and the label does not; the
 * label's last word, the organ, a marker's sign and numbers count beside the words.
 *
 *	struct overlap_candidate best[3];
 *	size_t n = overlap_best(q, &q->words, ONTO_NONE, best, 3);
 *	if (n && !overlap_contradicts(q, &q->names->list[best[0].name]))
 *		overlap_cover(q, &q->names->list[best[0].name], &of_label, &of_name);
 */
#ifndef ONTO_MATCH_OVERLAP_H
#define ONTO_MATCH_OVERLAP_H

#include "onto/match/tier_words.h"

/* The kind of 'type' that most of the question's words speak of, when it has nearly all its own. */
const struct name *overlap_under(const struct asked *q, uint32_t type);

/* The question's words that names know, misspelt ones repaired; all words when they know none. */
void overlap_known_words(const struct asked *q, struct words *w);

struct overlap_candidate {
	uint32_t name; /* index into names->list */
	double score;
};

/*
 * The best few terms, of those under 'above' unless it is ONTO_NONE, by the weight of shared words
 * less that of words only the name has. One place per term; ties go to the lower index.
 */
size_t overlap_best(const struct asked *q, const struct words *w, uint32_t above,
		    struct overlap_candidate *best, size_t cap);

/* The share of the label's weight that the name has too, and of the name's that the label has. */
void overlap_cover(const struct asked *q, const struct name *n, double *label_side,
		   double *name_side);

/* Does the name, or its term's label, have a marker with the other sign than the label? */
bool overlap_contradicts(const struct asked *q, const struct name *n);

/* Do they share a word that says more than a number, a letter, or (unless 'whole') a tissue? */
bool overlap_shares_type(const struct asked *q, const struct name *n, bool whole);

#endif
