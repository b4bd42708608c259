/* drop_words.c - see drop_words.h. */
#include "base/util.h"

#include "onto/match/drop_words.h"

bool reduce_known(const struct asked *q, const char *w)
{
	return strtab_find(&q->names->words, w) != STRTAB_NONE;
}

bool reduce_is_counted(const char *w)
{
	static const char *const counted[] = {"type", "group", "segment", "class", "layer", "zone"};

	for (size_t i = 0; i < ARRAY_LEN(counted); i++)
		if (str_eq(w, counted[i]))
			return true;
	return false;
}

/* Words that no name has. */
void reduce_strangers(const struct asked *q, struct words *w)
{
	bool keep[MAX_WORDS];

	for (size_t i = 0; i < w->n; i++)
		keep[i] = reduce_known(q, word(w, i)) || word_is_number(word(w, i));
	words_filter(w, keep);
}

void reduce_numbers(struct words *w)
{
	bool keep[MAX_WORDS];

	for (size_t i = 0; i < w->n; i++)
		keep[i] = !word_is_number(word(w, i));
	words_filter(w, keep);
}

/* A cluster's number comes last: "Dendritic Cell 2_3". */
void reduce_last_number(struct words *w)
{
	if (w->n > 1 && word_is_number(word(w, w->n - 1)))
		w->n--;
}

/* "c12_Th2", "07_Th2", "cluster 3: Th2": what a cluster was called before it had a name. */
void reduce_first_code(struct words *w)
{
	bool keep[MAX_WORDS];
	size_t at = w->n > 1 && (str_eq(word(w, 0), "cluster") || str_eq(word(w, 0), "c"));

	if (w->n <= at + 1)
		return;
	for (size_t i = 0; i < w->n; i++)
		keep[i] = true;
	if (word_is_number(word(w, at)))
		keep[0] = keep[at] = false;
	else if (at == 0 && word(w, 0)[0] == 'c' && word_is_number(word(w, 0) + 1))
		keep[0] = false;
	words_filter(w, keep);
}

/* Whose cells they are, and what was done to them: no type's name needs that. */
void reduce_donors(struct words *w)
{
	static const char *const donors[] = {"human",  "mouse",   "adult",   "fetal",
					     "normal", "healthy", "treated", "untreated"};
	bool keep[MAX_WORDS];

	for (size_t i = 0; i < w->n; i++) {
		keep[i] = true;
		for (size_t d = 0; d < ARRAY_LEN(donors); d++)
			keep[i] &= !str_eq(word(w, i), donors[d]);
	}
	words_filter(w, keep);
}

bool reduce_is_state(const char *w)
{
	static const char *const states[] = {"early",        "mid",
					     "late",         "mature",
					     "immature",     "cycling",
					     "activated",    "active",
					     "inactive",     "resting",
					     "quiescent",    "idling",
					     "stressed",     "reactive",
					     "transitional", "high",
					     "low",          "enriched",
					     "adult",        "fetal",
					     "developing",   "stage",
					     "phase",        "state",
					     "intermediate", "differentiating",
					     "cytoplasmic",  "circulating",
					     "subset",       "lineage",
					     "population",   "immune",
					     "related",      "other",
					     "human",        "mouse",
					     "normal",       "healthy",
					     "resident",     "stimulated",
					     "unstimulated", "treated",
					     "untreated"};

	for (size_t s = 0; s < ARRAY_LEN(states); s++)
		if (str_eq(w, states[s]))
			return true;
	return false;
}

bool reduce_is_vague(const char *w)
{
	static const char *const vague[] = {"expressing", "expression", "associated", "derived",
					    "branch",     "dependent",  "specific"};

	for (size_t i = 0; i < ARRAY_LEN(vague); i++)
		if (str_eq(w, vague[i]))
			return true;
	return word_is_number(w) || reduce_is_state(w) || reduce_is_counted(w) ||
	       (!w[1] && *w != 'b' && *w != 't');
}

void reduce_states(struct words *w)
{
	bool keep[MAX_WORDS];

	/* "resident memory" is a type, not a place to be in. */
	for (size_t i = 0; i < w->n; i++)
		keep[i] = !reduce_is_state(word(w, i)) ||
			  (str_eq(word(w, i), "resident") && words_have(w, "memory"));
	words_filter(w, keep);
}

/* Words of no name, and signed genes: they say which cluster, not which type. */
void reduce_unknown(const struct asked *q, struct words *w)
{
	bool keep[MAX_WORDS];

	for (size_t i = 0; i < w->n; i++)
		keep[i] = reduce_known(q, word(w, i)) &&
			  (!word_is_signed(word(w, i)) || str_starts(word(w, i), "cd"));
	words_filter(w, keep);
}

/* A letter and a number, "a2", "l2/3", "c12": no more. */
static bool is_code(const char *w)
{
	size_t digits = w[0] >= 'a' && w[0] <= 'z' ? strspn(w + 1, "0123456789/") : 0;

	return digits > 0 && digits <= 3 && !w[1 + digits];
}

void reduce_codes(struct words *w)
{
	bool keep[MAX_WORDS];

	for (size_t i = 0; i < w->n; i++)
		keep[i] = !is_code(word(w, i));
	words_filter(w, keep);
}

void reduce_markers(struct words *w)
{
	static const char *const amounts[] = {"dim", "bright", "int", "high", "low"};
	bool keep[MAX_WORDS];

	for (size_t i = 0; i < w->n; i++) {
		keep[i] = !word_is_signed(word(w, i));
		for (size_t a = 0; a < ARRAY_LEN(amounts); a++)
			keep[i] &= !str_eq(word(w, i), amounts[a]);
	}
	words_filter(w, keep);
}

void reduce_tissue(const struct asked *q, struct words *w)
{
	bool keep[MAX_WORDS];

	for (size_t i = 0; i < w->n; i++)
		keep[i] = q->tissue == TISSUE_NONE ||
			  lexicon_tissue_word(q->names->lexicon, word(w, i)) != q->tissue;
	words_filter(w, keep);
}

bool words_begin_with_code(const char *label)
{
	struct words w;

	words_fold(&w, label);
	if (w.n < 2)
		return false;
	if (str_eq(word(&w, 0), "cluster") || str_eq(word(&w, 0), "c"))
		return w.n > 2 && word_is_number(word(&w, 1));
	return word_is_number(word(&w, 0)) ||
	       (word(&w, 0)[0] == 'c' && word_is_number(word(&w, 0) + 1));
}
