/* lexicon.h - what words in labels stand for.
 *
 * ontology/words.tsv: a phrase of up to four words, what it means, where the rule holds ("both"
 * for spellings that hold in ontology names too, "label" for abbreviations), and a tissue when
 * the abbreviation means this only there ("PC" in kidney). The longest phrase wins. Rows with
 * "tissue" say of which tissue a word speaks ("renal": kidney).
 *
 *	struct lexicon *lex = lexicon_read("ontology/words.tsv", &err);
 *	words_fold(&w, "CD8 TEMs");
 *	lexicon_apply(lex, &w, LEXICON_LABEL, TISSUE_NONE);
 */
#ifndef ONTO_NAMES_LEXICON_H
#define ONTO_NAMES_LEXICON_H

#include "base/err.h"
#include "base/strtab.h"
#include "onto/names/fold.h"

#define TISSUE_NONE 0

enum lexicon_use { LEXICON_NAME, LEXICON_LABEL };

struct lexicon {
	struct strtab phrases;
	struct lexicon_rule *rules; /* by phrase id, chained */
	uint32_t *first;            /* phrase id to rule, UINT32_MAX ends */
	size_t n_rules, cap_rules, cap_first;
	struct strtab tissues; /* number 0 is no tissue: "" */
	struct strtab tissue_words;
	uint32_t *speaks_of; /* the tissue of each tissue word */
	size_t cap_speaks_of;
};

struct lexicon *lexicon_new(void); /* of no rules */
struct lexicon *lexicon_read(const char *path, struct err *err) MUST_USE;
void lexicon_free(struct lexicon *l); /* NULL is fine */

/* Replace phrases, until nothing changes or a few rounds have passed. */
void lexicon_apply(const struct lexicon *l, struct words *w, enum lexicon_use use, uint32_t tissue);

/*
 * The number of a tissue named in a table of rules, made when new. For a user's tissue use
 * lexicon_tissue_of: the first tissue that a word of it names or speaks of, or TISSUE_NONE.
 */
uint32_t lexicon_tissue(struct lexicon *l, const char *name);
uint32_t lexicon_tissue_of(const struct lexicon *l, const char *text);

/* The tissue that one folded word speaks of, or TISSUE_NONE. */
uint32_t lexicon_tissue_word(const struct lexicon *l, const char *w);

/* The tissue that folded words speak of; TISSUE_NONE for none, or more than one. */
uint32_t lexicon_tissue_in(const struct lexicon *l, const struct words *w);

#endif
