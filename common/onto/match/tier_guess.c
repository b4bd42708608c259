/* tier_guess.c - see tier_guess.h. */
#include "base/util.h"

#include "onto/match/drop_words.h"
#include "onto/match/mend_words.h"
#include "onto/match/overlap.h"
#include "onto/match/tier_guess.h"

/* Candidates among which a kind of the best is looked for. */
#define LOOKED_AT 6
#define NGRAM_MIN 0.45
#define NGRAM_MIN_LETTERS 5
#define OVERLAP_MIN_COVERAGE 0.3
#define OVERLAP_MIN_BOTH 0.15

/* Does the label have all words of the name, a trusted one of a kind of 'above'? */
static bool whole_kind(const struct asked *q, const struct name *n, uint32_t above)
{
	double label_side, name_side;

	overlap_cover(q, n, &label_side, &name_side);
	return name_side > 0.999 && n->scope <= NAME_EXACT && !n->species &&
	       !overlap_contradicts(q, n) && overlap_shares_type(q, n, false) &&
	       onto_is_a(q->names->onto, n->term, above);
}

/*
 * "cDC2 myeloid dendritic cell": when the label has all words of a name, and all of a kind of
 * it, it is the kind. Of two kinds ("PT S1 S2") it is neither.
 */
static void finer_first(const struct asked *q, struct overlap_candidate *best, size_t n)
{
	const struct name *list = q->names->list;
	size_t finer = 0;

	for (size_t i = 1; i < n; i++) {
		const struct name *name = &list[best[i].name];

		if (!whole_kind(q, name, list[best[0].name].term))
			continue;
		if (finer && !onto_is_a(q->names->onto, name->term, list[best[finer].name].term) &&
		    !onto_is_a(q->names->onto, list[best[finer].name].term, name->term))
			return;
		if (!finer || onto_is_a(q->names->onto, name->term, list[best[finer].name].term))
			finer = i;
	}
	struct overlap_candidate swap = best[0];

	best[0] = best[finer];
	best[finer] = swap;
}

bool guess_by_words(struct asking *a)
{
	struct overlap_candidate best[MATCH_MOST];
	struct asked known = a->q;
	bool got = false;

	overlap_known_words(&a->q, &known.words);
	size_t n = overlap_best(&known, &known.words, ONTO_NONE, best,
				MAX(MIN(a->cap + 1, ARRAY_LEN(best)), LOOKED_AT));

	if (n)
		finer_first(&known, best, n);
	for (size_t i = 0; i < n; i++) {
		const struct name *name = &a->m->names.list[best[i].name];
		double label_side, name_side;

		overlap_cover(&known, name, &label_side, &name_side);
		bool whole = name_side > 0.999;

		if (i == 0 && (((label_side < OVERLAP_MIN_COVERAGE ||
				 label_side * name_side < OVERLAP_MIN_BOTH) &&
				!whole) ||
			       !overlap_shares_type(&known, name, whole)))
			return false;
		struct match *f = answer(a, TIER_OVERLAP, name->term, "most words of %s \"%.80s\"",
					 answer_scopes[name->scope], name->text);

		answer_describe(a, f, KIND_OVERLAP);
		if (f)
			f->tier_score = 0.5 + 0.2 * label_side * name_side;
		got |= f != NULL;
	}
	return got;
}

/*
 * The words that are spelt and name no place: genes and numbers look like nothing. States are only
 * looked for when there is nothing else, "cycling immune cell".
 */
static void plain_words(const struct asked *q, char *joined)
{
	struct words w = q->words;
	bool keep[MAX_WORDS];

	for (size_t i = 0; i < w.n; i++)
		keep[i] = !word_is_signed(word(&w, i)) && !strpbrk(word(&w, i), "0123456789") &&
			  lexicon_tissue_word(q->names->lexicon, word(&w, i)) == TISSUE_NONE;
	words_filter(&w, keep);
	for (size_t i = 0; i < w.n; i++)
		keep[i] = !reduce_is_vague(word(&w, i));
	words_filter(&w, keep);
	words_join(&w, false, joined);
}

/* "Intermediated cell" is a misspelt state, and "branch" no type. */
static bool all_vague(const struct asked *q)
{
	struct words w = q->words;
	size_t n = 0;

	repair_words(q, &w);
	for (size_t i = 0; i < w.n; i++)
		n += reduce_is_vague(word(&w, i));
	return n == w.n;
}

bool guess_by_letters(struct asking *a)
{
	struct ngram_hit hits[4];
	char joined[WORDS_BYTES];
	size_t n;
	bool got = false;

	if (all_vague(&a->q))
		return false;
	plain_words(&a->q, joined);
	if (strlen(joined) < NGRAM_MIN_LETTERS)
		return false;
	n = ngrams_best(a->m->ngrams, joined, hits, ARRAY_LEN(hits));
	for (size_t i = 0; i < n; i++) {
		const struct name *name = &a->m->names.list[hits[i].name];

		if (hits[i].similarity < NGRAM_MIN ||
		    (name->tissue != TISSUE_NONE && name->tissue != a->q.tissue))
			continue;
		struct match *f = answer(a, TIER_NGRAM, name->term, "spelt like %s \"%.80s\"",
					 answer_scopes[name->scope], name->text);
		answer_describe(a, f, KIND_NGRAM);
		if (f)
			f->tier_score = 0.5 * hits[i].similarity;
		got |= f != NULL;
	}
	return got;
}
