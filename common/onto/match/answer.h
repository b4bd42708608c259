/* answer.h - a question and the answers that the tiers of match.c have found so far.
 *
 *	const struct name *n = find_words(&a->q, BY_SET, &a->q.words);
 *	if (answer_name(a, n, TIER_TOKEN, kind, "same words in any order"))
 *		return true;
 */
#ifndef ONTO_MATCH_ANSWER_H
#define ONTO_MATCH_ANSWER_H

#include "onto/match/matcher_private.h"
#include "onto/match/tier_words.h"

struct asking {
	const struct matcher *m;
	struct asked q;
	uint32_t around; /* the tissue that the file's other labels speak of */
	struct match *found;
	size_t n, cap;
};

/* By enum name_scope: "label", "alias", ... */
extern const char *const answer_scopes[];

/*
 * One more answer, or NULL when the term is among them already or there is no more room. The text
 * says how it was found.
 */
PRINTF_LIKE(4, 5)
struct match *answer(struct asking *a, enum match_tier tier, uint32_t term, const char *format,
		     ...);

/* What the score depends on. An answer of NULL is fine. */
void answer_describe(struct asking *a, struct match *f, int kind);

/* Answer with a name, or false for NULL. 'base' is the first of its four kinds. */
bool answer_name(struct asking *a, const struct name *n, enum match_tier tier, int base,
		 const char *what);

#endif
