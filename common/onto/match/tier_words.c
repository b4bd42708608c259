/* tier_words.c - see tier_words.h. */
#include "base/util.h"

#include "onto/match/drop_words.h"
#include "onto/match/mend_words.h"
#include "onto/match/tier_peeled.h"
#include "onto/match/tier_words.h"

const struct name *find_words(const struct asked *q, int by, const struct words *w)
{
	return names_find_words(q->names, by, w, q->tissue);
}

const struct name *find_placeless(const struct asked *q)
{
	struct words w = q->raw;

	/* As spelt: the "cardiac" of a cardiomyocyte is no place. */
	reduce_tissue(q, &w);
	if (w.n == q->raw.n)
		return NULL;
	lexicon_apply(q->names->lexicon, &w, LEXICON_LABEL, q->tissue);
	names_trim(&w);
	repair_words(q, &w);
	reduce_numbers(&w);
	reduce_unknown(q, &w);
	reduce_states(&w);
	reduce_codes(&w);
	return find_words(q, BY_SET, &w);
}

/* "Monocytes_1" is a cluster of monocytes; "alveolar type 1" is a type. */
static bool ends_in_cluster(const struct words *w)
{
	if (w->n < 2 || !word_is_number(word(w, w->n - 1)))
		return false;
	for (size_t i = 0; i < w->n; i++)
		if (reduce_is_counted(word(w, i)))
			return false;
	return true;
}

const struct name *find_whole(const struct asked *q, const char *label, const char **what,
			      int *base, enum match_tier *tier)
{
	struct words w, set;
	const struct name *n;

	words_fold(&w, label);
	*tier = TIER_EXACT;
	*what = "same words";
	*base = KIND_EXACT;
	const struct name *twin = find_words(q, BY_ORDER, &w);

	if (twin && !twin->species)
		return twin;
	names_words(q->names, label, LEXICON_LABEL, q->tissue, &set);
	if (twin && (n = find_words(q, BY_SET, &set)) && n->species)
		return twin;
	*tier = TIER_TOKEN;
	if (!twin && ends_in_cluster(&w)) {
		w.n--;
		*base = KIND_REDUCED;
		*what = "words without the last number";
		if ((n = find_words(q, BY_ORDER, &w)))
			return n;
	}
	*base = KIND_SET;
	*what = "same words in any order";
	return find_words(q, BY_SET, &set);
}

/* Without genes, then states, then codes; numbers are as they were given. */
static const struct name *find_bare(const struct asked *q, struct words w, const char **what)
{
	const struct name *n;

	*what = "words without unknown markers";
	reduce_unknown(q, &w);
	if ((n = find_words(q, BY_SET, &w)))
		return n;
	reduce_states(&w);
	*what = "words without states";
	if ((n = find_words(q, BY_SET, &w)))
		return n;
	reduce_codes(&w);
	*what = "words without codes";
	return find_words(q, BY_SET, &w);
}

const struct name *find_reduced(const struct asked *q, const char *label, const char **what,
				int *base)
{
	struct words w;
	const struct name *n;

	names_words(q->names, label, LEXICON_LABEL, q->tissue, &w);
	repair_words(q, &w);
	*base = KIND_REPAIRED;
	*what = "words without numbers on them";
	if ((n = find_words(q, BY_SET, &w)))
		return n;
	*base = KIND_REDUCED;
	*what = "words without unknown markers";
	reduce_strangers(q, &w);
	if ((n = find_words(q, BY_SET, &w)))
		return n;
	if (words_begin_with_code(label))
		reduce_first_code(&w);
	*what = "words without what is around them";
	if ((n = find_words(q, BY_SET, &w)))
		return n;
	reduce_donors(&w);
	if ((n = find_words(q, BY_SET, &w)))
		return n;
	reduce_last_number(&w);
	*what = "words without the last number";
	if ((n = find_words(q, BY_SET, &w)) || (n = find_bare(q, w, what)))
		return n;
	/* The number of "Th2" is the last to go. */
	reduce_numbers(&w);
	*what = "words without numbers";
	if ((n = find_words(q, BY_SET, &w)))
		return n;
	return find_bare(q, w, what);
}

const struct name *find_unmarked(const struct asked *q)
{
	struct words w = q->words;
	const struct name *n;

	repair_words(q, &w);
	reduce_numbers(&w);
	reduce_unknown(q, &w);
	reduce_markers(&w);
	if ((n = find_words(q, BY_SET, &w)))
		return n;
	reduce_states(&w);
	return find_words(q, BY_SET, &w);
}

const struct name *find_name(const struct asked *q, const char *label, const char **what, int *base)
{
	enum match_tier tier;
	const struct name *n = find_whole(q, label, what, base, &tier);

	return n ? n : find_reduced(q, label, what, base);
}
