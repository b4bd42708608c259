/* ref_search.h - which references are meant: by source, by what they are of, by words.
 *
 * Regular expressions are PCRE2, found anywhere, case aside. Every thing asked must hold; of
 * several presets, any.
 *
 *	struct search *s = search_new();
 *	if (search_add(s, SEARCH_TISSUE, "colon|ileum", &err) || search_preset(s, preset, &err))
 *		die_err(&err);
 *	if (search_matches(s, &reference)) ...
 *	search_free(s);
 */
#ifndef REF_REF_SEARCH_H
#define REF_REF_SEARCH_H

#include "ref/registry.h"

enum search_field { SEARCH_CONDITION, SEARCH_TISSUE, SEARCH_ORGANISM, SEARCH_ANY, SEARCH_TYPE };

struct search;

struct search *search_new(void);
void search_free(struct search *s); /* NULL is fine */

/*
 * SEARCH_ANY looks into id, title, tissue, condition and organism. Of organisms, "human" and
 * "mouse" mean their Latin names too. SEARCH_TYPE is for
 * search_matches_type alone. -1 with the offset when it is no regular expression.
 */
int search_add(struct search *s, enum search_field field, const char *pattern,
	       struct err *err) MUST_USE;
void search_min_cells(struct search *s, size_t min_cells);
int search_preset(struct search *s, const struct preset *p, struct err *err) MUST_USE;

/* Does a cell type match one of the patterns that search_add was given as SEARCH_TYPE? */
bool search_matches_type(const struct search *s, const char *type);

bool search_matches(const struct search *s, const struct ref_entry *r);

/* Are all words of 'words' in 'title', case aside? */
bool search_words(const char *words, const char *title);

#endif
