/* term_names_find.c - names found by a key or by folded words. */
#include "base/util.h"

#include <ctype.h>

#include "onto/match/term_names.h"

/* Which of two names of one key to answer with: smaller is better. */
static int rank(const struct name *n, uint32_t tissue)
{
	int r = n->scope + (n->species ? 10 : 0);

	return n->tissue != TISSUE_NONE && n->tissue == tissue ? r - 20 : r;
}

static bool better(const struct term_names *x, const struct name *a, const struct name *b,
		   uint32_t tissue)
{
	int ra = rank(a, tissue), rb = rank(b, tissue);

	if (ra != rb)
		return ra < rb;
	size_t la = strlen(x->onto->terms[a->term].label);
	size_t lb = strlen(x->onto->terms[b->term].label);

	return la != lb ? la < lb : a->term < b->term;
}

/* The most trusted name with this key, the tissue's own first; NULL when there is none. */
static const struct name *names_find(const struct term_names *x, int by, const char *key,
				     uint32_t tissue)
{
	uint32_t k = strtab_find(&x->keys[by], key);
	const struct name *best = NULL;

	if (k == STRTAB_NONE)
		return NULL;
	for (uint32_t i = x->first[by][k]; i != UINT32_MAX; i = x->list[i].next[by]) {
		const struct name *n = &x->list[i];

		if (n->tissue != TISSUE_NONE && n->tissue != tissue)
			continue;
		if (!best || better(x, n, best, tissue))
			best = n;
	}
	return best;
}

/*
 * "acinar" and "PP" without "cell" are shorthand, and what people mean by that is for the aliases
 * to say, not for a term that happens to be called so.
 */
static const struct name *shorthand(const struct term_names *x, const char *key)
{
	uint32_t k = strtab_find(&x->keys[BY_ORDER], key);

	for (uint32_t i = k == STRTAB_NONE ? UINT32_MAX : x->first[BY_ORDER][k]; i != UINT32_MAX;
	     i = x->list[i].next[BY_ORDER])
		if (x->list[i].scope == NAME_ALIAS && x->list[i].tissue == TISSUE_NONE)
			return &x->list[i];
	return NULL;
}

const struct name *names_find_words(const struct term_names *x, int by, const struct words *w,
				    uint32_t tissue)
{
	char key[WORDS_BYTES];
	struct words unended = *w;

	if (by == BY_ORDER)
		names_unended(&unended);
	if (unended.n == 0)
		return NULL;
	words_join(&unended, by == BY_SET, key);
	const struct name *found = names_find(x, by, key, tissue);

	if (found && found->scope == NAME_LABEL && by == BY_ORDER && unended.n == w->n) {
		const struct name *alias = shorthand(x, key);

		return alias ? alias : found;
	}
	return found;
}

static const char *next_letter(const char *s)
{
	while (*s && *s != '\'' && !isalnum((unsigned char)*s))
		s++;
	return s;
}

/* Do they have the same letters, digits and primes ("Bm2' B cell"), case aside? */
static bool same_letters(const char *a, const char *b)
{
	for (;; a++, b++) {
		a = next_letter(a);
		b = next_letter(b);
		if (!*a || tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return !*a && !*b;
	}
}

const struct name *names_verbatim(const struct term_names *x, const char *label)
{
	char blanks[2 * WORDS_BYTES], plain[2 * WORDS_BYTES], key[WORDS_BYTES];
	struct words w;

	snprintf(blanks, sizeof(blanks), "%s", label);
	for (char *u = blanks; (u = strchr(u, '_'));)
		*u = ' ';
	names_without_species(blanks, plain, sizeof(plain));
	words_fold(&w, plain);
	names_unended(&w);
	words_join(&w, false, key);
	uint32_t k = strtab_find(&x->keys[BY_ORDER], key);

	if (k == STRTAB_NONE)
		return NULL;
	for (uint32_t i = x->first[BY_ORDER][k]; i != UINT32_MAX; i = x->list[i].next[BY_ORDER])
		if (x->list[i].scope == NAME_LABEL && same_letters(x->list[i].text, label))
			return &x->list[i];
	return NULL;
}
