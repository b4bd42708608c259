/* tier_words.h - the names that a label could mean.
 *
 * The searching half of match.h: which name of the ontology has the label's words, all of them or
 * most. What to answer and how sure to be is match.c's.
 *
 *	struct found f = find_name(&a->q, a->q.label);
 *	if (f.name)
 *		answer_name(a, f.name, f.tier, f.kind, f.what);
 */
#ifndef ONTO_MATCH_TIER_WORDS_H
#define ONTO_MATCH_TIER_WORDS_H

#include "onto/match/calibrate.h"
#include "onto/names/term_names.h"

/* A label being looked for. */
struct asked {
	const struct term_names *names;
	const char *label;
	uint32_t tissue;    /* the user's; else the one that the label speaks of */
	struct words raw;   /* folded */
	struct words words; /* with the lexicon applied, fillers out */
	double weight;      /* of all 'words' */
};

/* A name that was found, and how: what was compared, and the kind of answer that it makes. */
struct found {
	const struct name *name; /* NULL: none */
	const char *what;        /* "same words in any order", ... Static. */
	int kind;                /* the first of four of calibrate.h's */
	enum match_tier tier;
};

/* The name with exactly these words, BY_ORDER or BY_SET; NULL when there is none. */
const struct name *find_words(const struct asked *q, int by, const struct words *w);

/*
 * The name with all words of 'label' (which may be a part of the question's), in order or as a
 * set.
 */
struct found find_whole(const struct asked *q, const char *label);

/* The same after dropping numbers, then unknown markers, then states like "activated". */
struct found find_reduced(const struct asked *q, const char *label);

/* The name of the question's words without its markers: "Pro-B_cell_CD34+" is a pro-B cell. */
const struct name *find_unmarked(const struct asked *q);

/* find_whole, then find_reduced. */
struct found find_name(const struct asked *q, const char *label);

/* The name of the question's words without those that speak of its tissue: "PC of the kidney". */
const struct name *find_placeless(const struct asked *q);

#endif
