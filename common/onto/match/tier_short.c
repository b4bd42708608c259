/* tier_short.c - what a letter and a number mean, by the organ they are from. */
#include "base/util.h"

#include <ctype.h>

#include "onto/match/overlap.h"
#include "onto/match/tier_short.h"

/* Names that have the code, beside the pattern. */
#define MOST_NAMES 6
/* Steps up from a term on the way to one that names an organ. */
#define MOST_STEPS 4

/* Is the label such a code and nothing else, a last "cell" aside? */
static bool short_is_code(const struct words *raw)
{
	size_t n = raw->n;
	const char *w;

	if (n == 2 && (str_eq(word(raw, 1), "cell") || str_eq(word(raw, 1), "cells")))
		n--;
	if (n != 1)
		return false;
	w = word(raw, 0);
	size_t letters = isalpha((unsigned char)w[0]) ? 1 + (isalpha((unsigned char)w[1]) != 0) : 0;
	size_t digits = strspn(w + letters, "0123456789");

	return letters && digits && digits < 3 && !w[letters + digits];
}

/* ---- organs -------------------------------------------------------------------------------- */

static uint32_t organ_near(const struct term_names *x, uint32_t term, size_t steps)
{
	const struct onto_term *t = &x->onto->terms[term];
	uint32_t own = x->own[term], organ = TISSUE_NONE;

	if (own != UINT32_MAX)
		organ = x->list[own].organ;
	for (size_t i = 0; organ == TISSUE_NONE && steps && i < t->n_parents; i++)
		organ = organ_near(x, t->parents[i], steps - 1);
	return organ;
}

/* Nearest first: a parent's organ comes before a grandparent's. */
uint32_t short_organ(const struct term_names *x, uint32_t term)
{
	uint32_t organ = TISSUE_NONE;

	for (size_t steps = 0; organ == TISSUE_NONE && steps <= MOST_STEPS; steps++)
		organ = organ_near(x, term, steps);
	return organ;
}

/* ---- meanings ------------------------------------------------------------------------------ */

struct meaning {
	uint32_t term, organ;
	const struct name *name; /* NULL: the pattern's */
	size_t line;
};

static size_t add_meaning(struct meaning *list, size_t n, struct meaning m)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].term == m.term)
			return n;
	list[n] = m;
	return n + 1;
}

/* The pattern's meaning first, then the names that have the code as a word, the best first. */
static size_t find_meanings(const struct asking *a, struct meaning *list)
{
	const struct term_names *x = a->q.names;
	uint32_t code = strtab_find(&x->words, word(&a->q.raw, 0));
	struct overlap_candidate best[MOST_NAMES];
	struct pattern_hit hit;
	size_t n = 0, n_names;

	if (a->m->patterns && patterns_match(a->m->patterns, PATTERN_LAST, a->q.label, &hit) &&
	    hit.term != ONTO_NONE)
		n = add_meaning(list, n, (struct meaning){hit.term, TISSUE_NONE, NULL, hit.line});
	if (code == STRTAB_NONE)
		return n;
	n_names = overlap_best(&a->q, &a->q.raw, ONTO_NONE, best, ARRAY_LEN(best));
	for (size_t i = 0; i < n_names; i++) {
		const struct name *name = &x->list[best[i].name];
		uint32_t organ = name->organ;

		if (!name_has(name, code))
			continue;
		if (organ == TISSUE_NONE)
			organ = short_organ(x, name->term);
		n = add_meaning(list, n, (struct meaning){name->term, organ, name, 0});
	}
	return n;
}

/* 0 for the organ's own, 1 for what is of none, 2 for another's. */
static int rank(const struct meaning *m, uint32_t organ)
{
	return m->organ == organ ? 0 : m->organ == TISSUE_NONE ? 1 : 2;
}

static struct match *answer_meaning(struct asking *a, const struct meaning *m, const char *why)
{
	struct match *f;

	if (m->name)
		f = answer(a, TIER_OVERLAP, m->term, "a code, %s: %s \"%.80s\"", why,
			   answer_scopes[m->name->scope], m->name->text);
	else
		f = answer(a, TIER_PATTERN, m->term, "a code, %s: pattern, line %zu", why, m->line);
	answer_describe(a, f, m->name ? KIND_OVERLAP : KIND_PATTERN_LAST);
	if (f)
		f->tier_score = m->name ? 0.7 : 0.95;
	return f;
}

/* Nothing says which: each meaning as likely as the others and as one that is not known. */
static void answer_all(struct asking *a, const struct meaning *list, size_t n)
{
	char why[80];

	snprintf(why, sizeof(why), "ambiguous without a tissue, 1 of %zu meanings", n);
	for (size_t i = 0; i < n; i++) {
		struct match *f = answer_meaning(a, &list[i], why);

		if (!f)
			continue;
		f->meanings = n;
		f->tier_score = 1 / (double)(n + 1);
	}
}

bool short_answer(struct asking *a)
{
	struct meaning list[MOST_NAMES + 1];
	uint32_t organ = a->q.tissue != TISSUE_NONE ? a->q.tissue : a->around;
	size_t n;

	if (!short_is_code(&a->q.raw) || !(n = find_meanings(a, list)))
		return false;
	if (organ == TISSUE_NONE) {
		answer_all(a, list, n);
		return a->n > 0;
	}
	const char *why = a->q.tissue != TISSUE_NONE ? "by the tissue" : "by the other labels";

	for (int wanted = 0; wanted < 2; wanted++)
		for (size_t i = 0; i < n; i++)
			if (rank(&list[i], organ) == wanted)
				answer_meaning(a, &list[i], why);
	return a->n > 0;
}
