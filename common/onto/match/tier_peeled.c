/* tier_peeled.c - see tier_peeled.h. */
#include "base/util.h"

#include <ctype.h>

#include "onto/match/drop_words.h"
#include "onto/match/mend_words.h"
#include "onto/match/tier_peeled.h"
#include "onto/names/kin.h"

/* Is the word in no name, and stands for none that is? "cxcl8+", but not "eff" or "hepatocite". */
static bool stranger(const struct asked *q, const char *w)
{
	struct words one;

	words_clear(&one);
	if (strtab_find(&q->names->spelt, w) != STRTAB_NONE)
		return false;
	words_add(&one, w, strlen(w));
	lexicon_apply(q->names->lexicon, &one, LEXICON_LABEL, q->tissue);
	repair_words(q, &one);
	return one.n == 1 && str_eq(word(&one, 0), w) && !reduce_known(q, w);
}

static void drop_strangers(const struct asked *q, struct words *w)
{
	bool keep[MAX_WORDS];

	for (size_t i = 0; i < w->n; i++)
		keep[i] = !stranger(q, word(w, i));
	words_filter(w, keep);
}

/* "CLDN10+ cells" says nothing. */
static const struct name *find_rest(const struct asked *q, const struct words *w)
{
	return w->n == 1 && str_eq(word(w, 0), "cell") ? NULL : find_words(q, BY_ORDER, w);
}

/* "Fetal arterial EC" is a type of its own, "fetal HSC/MPP" is none. */
static bool is_fetal_type(const struct asked *q, const char *label)
{
	const struct name *n = find_reduced(q, label).name;

	return n && kin_says(q->names, n->term, "fetal");
}

const struct name *peel_find(const struct asked *q, const char *label)
{
	struct words w;
	const struct name *n;
	size_t all;

	words_fold(&w, label);
	all = w.n;
	if (words_have(&w, "fetal") && is_fetal_type(q, label))
		return NULL;
	if (words_begin_with_code(label))
		reduce_first_code(&w);
	drop_strangers(q, &w);
	if (w.n < all && (n = find_rest(q, &w)))
		return n;
	reduce_donors(&w);
	if (w.n < all && (n = find_rest(q, &w)))
		return n;
	reduce_last_number(&w);
	return w.n < all ? find_rest(q, &w) : NULL;
}
