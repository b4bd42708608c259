/* term_names.h - every name of every term, found by its words.
 *
 * Labels, synonyms and the aliases of ontology/aliases.tsv as folded words, with two exact
 * indexes (words in order, words as a set) and an inverted one with weights (rare words weigh
 * more). Built once, read-only after.
 *
 *	struct term_names x;
 *	names_init(&x, cl, lexicon);
 *	names_alias(&x, treg, "Tregs", NAME_ALIAS, TISSUE_NONE);
 *	names_finish(&x);
 *	names_words(&x, "CD8+ T cells", LEXICON_LABEL, TISSUE_NONE, &w);
 *	const struct name *n = names_find_words(&x, BY_SET, &w, TISSUE_NONE);
 *	names_clear(&x);
 */
#ifndef ONTO_NAMES_TERM_NAMES_H
#define ONTO_NAMES_TERM_NAMES_H

#include "onto/names/lexicon.h"
#include "onto/onto.h"
#include "onto/typo.h"

/* Where a name comes from; lower is trusted more. */
enum name_scope { NAME_LABEL, NAME_ALIAS, NAME_EXACT, NAME_RELATED, NAME_NARROW, NAME_BROAD };

struct name {
	uint32_t term;
	uint32_t tissue; /* an alias that holds in this tissue only; TISSUE_NONE for the rest */
	uint32_t organ;  /* the tissue its words speak of, TISSUE_NONE for none or several */
	uint8_t scope;
	bool species; /* says "human", "mouse", ...: chosen only when nothing else fits */
	uint16_t n_words;
	uint32_t *words;    /* distinct word numbers, rising */
	float weight;       /* of all its words */
	const char *text;   /* as written */
	const char *folded; /* its words, joined by spaces */
	uint32_t next[2];   /* the next name with the same key, by index; UINT32_MAX ends */
};

/* Does the name have this word, by its number? */
static inline bool name_has(const struct name *n, uint32_t w)
{
	for (size_t i = 0; i < n->n_words; i++)
		if (n->words[i] == w)
			return true;
	return false;
}

enum { BY_ORDER, BY_SET };

struct term_names {
	const struct onto *onto;
	const struct lexicon *lexicon;
	struct name *list;
	size_t n, cap;
	uint32_t *own; /* the name that is each term's label; UINT32_MAX for terms not answered */
	struct strtab keys[2];
	uint32_t *first[2]; /* key to name */
	size_t cap_first[2];
	struct strtab words;
	float *weight;       /* of each word */
	struct strtab spelt; /* the words that names are spelt with, before the lexicon */
	struct typos typos;  /* of long words, the lexicon's too */
	uint32_t *postings;  /* names per word, one after the other */
	size_t *posting;     /* where each word's begin; words.n + 1 */
	struct arena arena;
};

/* Index all current terms of 'onto'; then names_alias aliases; then names_finish, once. */
void names_init(struct term_names *x, const struct onto *onto, const struct lexicon *lexicon);
void names_alias(struct term_names *x, uint32_t term, const char *text, enum name_scope scope,
		 uint32_t tissue);
void names_finish(struct term_names *x);
void names_clear(struct term_names *x);

/* The same for folded words; for BY_ORDER a last "cell" makes no difference. */
const struct name *names_find_words(const struct term_names *x, int by, const struct words *w,
				    uint32_t tissue);

/* The term whose own label this is, case and punctuation aside: "dendritic cell, human" is that
 * one. Or NULL. */
const struct name *names_verbatim(const struct term_names *x, const char *label);

/* A word's weight; a word of no name has the weight of the rarest. */
double names_weight(const struct term_names *x, const char *w);

/*
 * The known word that a misspelt one is nearest to: one edit away, or two for long words, the
 * more common of several. NULL when there is none, when it is short, or has a digit.
 */
const char *names_meant(const struct term_names *x, const char *w);

/*
 * The words of a label that can meet a name's: folded, the lexicon applied, fillers taken out.
 */
void names_words(const struct term_names *x, const char *label, enum lexicon_use use,
		 uint32_t tissue, struct words *out);

/* Take out the fillers and what CD4 and CD8 T cells imply. For words made by hand. */
void names_trim(struct words *w);

#endif
