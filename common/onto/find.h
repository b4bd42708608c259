/* find.h - the names that a label could mean.
 *
 * The searching half of match.h: which name of the ontology has the label's words, all of them or
 * most. What to answer and how sure to be is match.c's.
 */
#ifndef ONTO_FIND_H
#define ONTO_FIND_H

#include "onto/calibrate.h"
#include "onto/names.h"

/* A label being looked for. */
struct question {
	const struct names *names;
	const char *label;
	uint32_t tissue;    /* the user's; else the one that the label speaks of */
	struct words raw;   /* folded */
	struct words words; /* with the lexicon applied, fillers out */
	double weight;      /* of all 'words' */
};

/* The name with exactly these words, BY_ORDER or BY_SET; NULL when there is none. */
const struct name *find_words(const struct question *q, int by, const struct words *w);

/*
 * The name with all words of 'label' (which may be a part of the question's), in order or as a
 * set. Sets what was compared, the kind of answer (its first of four) and the tier.
 */
const struct name *find_whole(const struct question *q, const char *label, const char **what,
			      int *base, enum match_tier *tier);

/* The same after dropping numbers, then unknown markers, then states like "activated". */
const struct name *find_reduced(const struct question *q, const char *label, const char **what,
				int *base);

/* The name of the question's words without its markers: "Pro-B_cell_CD34+" is a pro-B cell. */
const struct name *find_unmarked(const struct question *q);

/* find_whole, then find_reduced. */
const struct name *find_name(const struct question *q, const char *label, const char **what,
			     int *base);

/* "Dendritic cell (DC2)": the type before the details, or the kind of it that they say. */
const struct name *find_detailed(const struct question *q, const char *label);

/* The kind of 'type' that most of the question's words speak of, when it has nearly all its own. */
const struct name *find_under(const struct question *q, uint32_t type);

/* The question's words that names know, misspelt ones repaired; all words when they know none. */
void find_known_words(const struct question *q, struct words *w);

struct candidate {
	uint32_t name; /* index into names->list */
	double score;
};

/*
 * The best few terms, of those under 'above' unless it is ONTO_NONE, by the weight of shared words
 * less that of words only the name has. One place per term; ties go to the lower index.
 */
size_t find_overlaps(const struct question *q, const struct words *w, uint32_t above,
		     struct candidate *best, size_t cap);

/* The share of the label's weight that the name has too, and of the name's that the label has. */
void find_cover(const struct question *q, const struct name *n, double *label_side,
		double *name_side);

/* The name of the question's words without those that speak of its tissue: "PC of the kidney". */
const struct name *find_placeless(const struct question *q);

/* Do they share a word that says more than a number, a letter, or (unless 'whole') a tissue? */
bool find_shares_type(const struct question *q, const struct name *n, bool whole);

#endif
