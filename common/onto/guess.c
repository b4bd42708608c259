#include "onto/guess.h"

#include "onto/overlap.h"
#include "onto/reduce.h"
#include "onto/repair.h"

#define NGRAM_MIN 0.45
#define NGRAM_MIN_LETTERS 5
#define OVERLAP_MIN_COVERAGE 0.3
#define OVERLAP_MIN_BOTH 0.15

bool guess_by_words(struct asking *a)
{
	struct candidate best[MATCH_MOST];
	struct question known = a->q;
	bool got = false;

	overlap_known_words(&a->q, &known.words);
	size_t n = overlap_best(&known, &known.words, ONTO_NONE, best,
				MIN(a->cap + 1, ARRAY_LEN(best)));

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
static void plain_words(const struct question *q, char *joined)
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
static bool all_vague(const struct question *q)
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
