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

struct found find_whole(const struct asked *q, const char *label)
{
	struct found f = {.what = "same words", .kind = KIND_EXACT, .tier = TIER_EXACT};
	struct words w, set;

	words_fold(&w, label);
	const struct name *twin = find_words(q, BY_ORDER, &w);

	f.name = twin;
	if (twin && !twin->species)
		return f;
	names_words(q->names, label, LEXICON_LABEL, q->tissue, &set);
	const struct name *any_order = find_words(q, BY_SET, &set);

	if (twin && any_order && any_order->species)
		return f;
	f.tier = TIER_TOKEN;
	if (!twin && ends_in_cluster(&w)) {
		w.n--;
		f.kind = KIND_REDUCED;
		f.what = "words without the last number";
		f.name = find_words(q, BY_ORDER, &w);
		if (f.name)
			return f;
	}
	f.kind = KIND_SET;
	f.what = "same words in any order";
	f.name = any_order;
	return f;
}

/* Is there a name of these words? */
static bool found_by(struct found *f, const struct asked *q, const struct words *w,
		     const char *what)
{
	f->what = what;
	f->name = find_words(q, BY_SET, w);
	return f->name;
}

/* Without genes, then states, then codes; numbers are as they were given. */
static bool find_bare(struct found *f, const struct asked *q, struct words w)
{
	reduce_unknown(q, &w);
	if (found_by(f, q, &w, "words without unknown markers"))
		return true;
	reduce_states(&w);
	if (found_by(f, q, &w, "words without states"))
		return true;
	reduce_codes(&w);
	return found_by(f, q, &w, "words without codes");
}

struct found find_reduced(const struct asked *q, const char *label)
{
	struct found f = {.kind = KIND_REPAIRED, .tier = TIER_TOKEN};
	struct words w;

	names_words(q->names, label, LEXICON_LABEL, q->tissue, &w);
	repair_words(q, &w);
	if (found_by(&f, q, &w, "words without numbers on them"))
		return f;
	f.kind = KIND_REDUCED;
	reduce_strangers(q, &w);
	if (found_by(&f, q, &w, "words without unknown markers"))
		return f;
	if (words_begin_with_code(label))
		reduce_first_code(&w);
	if (found_by(&f, q, &w, "words without what is around them"))
		return f;
	reduce_donors(&w);
	if (found_by(&f, q, &w, "words without what is around them"))
		return f;
	reduce_last_number(&w);
	if (found_by(&f, q, &w, "words without the last number") || find_bare(&f, q, w))
		return f;
	/* The number of "Th2" is the last to go. */
	reduce_numbers(&w);
	if (!found_by(&f, q, &w, "words without numbers"))
		find_bare(&f, q, w);
	return f;
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

struct found find_name(const struct asked *q, const char *label)
{
	struct found f = find_whole(q, label);

	return f.name ? f : find_reduced(q, label);
}
