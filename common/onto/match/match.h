/* match.h - labels to ontology terms, with how and how sure.
 *
 *	struct matcher *m = matcher_open(&(struct matcher_files){0}, &err);
 *	struct match found[3];
 *	size_t n = matcher_match(m, "CD8 TEM", NULL, found, 3);
 *	printf("%s %.2f", found[0].id, found[0].score);
 *
 * Tiers, the first that answers wins: an override of the user's; no cell type at all ("Unknown",
 * "doublet"); exact words of a name; the same words in any order; the words left when numbers,
 * unknown markers and brackets are dropped; a pattern; the best weighted overlap of words; the
 * most similar character n-grams; and for "A/B" what both are. Every answer is a current term.
 *
 * A matcher is read-only once open: any number of threads may ask it.
 */
#ifndef ONTO_MATCH_MATCH_H
#define ONTO_MATCH_MATCH_H

#include "base/text.h"
#include "onto/names/lexicon.h"
#include "onto/onto.h"

/* A matcher gives no more answers than this to one label. */
#define MATCH_MOST 24

enum match_tier {
	TIER_NONE,
	TIER_OVERRIDE,
	TIER_EXACT,
	TIER_TOKEN, /* same words in another order, or after dropping what says no type */
	TIER_PATTERN,
	TIER_OVERLAP,
	TIER_NGRAM,
	TIER_COMMON, /* what the parts of a combination share */
	N_TIERS
};

struct match {
	enum match_tier tier;
	uint32_t term;         /* ONTO_NONE: no cell type, and 'how' says why */
	const char *id, *name; /* "" without a term; borrowed from the matcher */
	double score;          /* probability that the id is right */
	double tier_score;     /* nominal score of the tier: 1, 0.95, 0.7-0.85, 0.5-0.7 */
	char how[160];
	double features[1]; /* what the score was computed from (enum feature of calibrate.h) */
	int kind;           /* the row of the calibration table */
	size_t meanings;    /* of a code that nothing settles; 0 for all other answers */
	bool no_type;       /* the label says that it names none: "Unknown", "doublet" */
};

/* Paths; NULL means the embedded file of ontology/. An empty string means none. */
struct matcher_files {
	const char *ontology_name; /* another embedded ontology: "ontology/uberon.tsv.gz" */
	const char *ontology, *words, *aliases, *patterns, *calibration, *overrides;
	const char *prefix;     /* ids answered, "CL:" when NULL */
	bool others_overridden; /* overrides may have ids of other ontologies: passed over */
};

struct matcher;

struct matcher *matcher_open(const struct matcher_files *files, struct err *err) MUST_USE;
void matcher_free(struct matcher *m); /* NULL is fine */

const struct onto *matcher_onto(const struct matcher *m);

/*
 * The best answers for a label, best first, at most 'cap' (and at least one, which may be "no
 * id"). 'tissue' is free text ("lung", "UBERON:0002048 lung") or NULL. Deterministic.
 */
size_t matcher_match(const struct matcher *m, const char *label, const char *tissue,
		     struct match *found, size_t cap);

/*
 * The same for a label among others, which speak of the tissue 'around' (matcher_around). Only
 * codes such as "S3" ask it, and only when no tissue is given.
 */
size_t matcher_match_among(const struct matcher *m, const char *label, const char *tissue,
			   uint32_t around, struct match *found, size_t cap);

/*
 * The tissue that most labels of a file speak of, by their first answers, 'n' of them 'step' apart:
 * two or more of them, and more than half of those that speak of any. Else TISSUE_NONE.
 */
uint32_t matcher_around(const struct matcher *m, const struct match *found, size_t n, size_t step);

/* "kidney", as words.tsv calls it. */
const char *matcher_tissue_name(const struct matcher *m, uint32_t tissue);

/* Does any rule ask for the tissue that a text speaks of? Those that rules ask for, in words. */
bool matcher_knows_tissue(const struct matcher *m, const char *text);
void matcher_tissues(const struct matcher *m, struct text *list);

const char *match_tier_name(enum match_tier tier);

/* The words a label came down to. 'out' of WORDS_BYTES. */
void matcher_words(const struct matcher *m, const char *label, const char *tissue, char *out);

#endif
