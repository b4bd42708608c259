/* match.c - see match.h. */
#include "base/util.h"

#include "onto/match/answer.h"
#include "onto/match/drop_parts.h"
#include "onto/match/drop_words.h"
#include "onto/match/match.h"
#include "onto/match/overlap.h"
#include "onto/match/tier_code.h"
#include "onto/match/tier_combination.h"
#include "onto/match/tier_details.h"
#include "onto/match/tier_guess.h"
#include "onto/match/tier_peeled.h"
#include "onto/match/tier_short.h"

const char *match_tier_name(enum match_tier tier)
{
	static const char *const names[N_TIERS] = {"none",    "override", "exact", "token",
						   "pattern", "overlap",  "ngram", "common"};
	return names[tier];
}

/* ---- tiers: exact and token ---------------------------------------------------------------- */

static bool try_exact(struct asking *a)
{
	const struct name *n = names_verbatim(a->q.names, a->q.label);

	if (!n) {
		n = find_words(&a->q, BY_ORDER, &a->q.raw);
		if (n && n->species)
			return false; /* find_whole looks for its twin of no species first */
	}
	return answer_name(a, n, TIER_EXACT, KIND_EXACT, "same words");
}

/* A name with something around it; not when the whole is one in another order. */
static bool try_peeled(struct asking *a)
{
	if (find_whole(&a->q, a->q.label).name)
		return false;
	return answer_name(a, peel_find(&a->q, a->q.label), TIER_TOKEN, KIND_REDUCED,
			   "words without what is around them");
}

/* Does the nearest name have all of the label's known words, the tissue's too? */
static bool all_words_met(const struct asking *a)
{
	struct asked known = a->q;
	struct overlap_candidate best;
	double label_side, name_side;

	overlap_known_words(&a->q, &known.words);
	if (!overlap_best(&known, &known.words, ONTO_NONE, &best, 1))
		return false;
	overlap_cover(&known, &a->m->names.list[best.name], &label_side, &name_side);
	return label_side > 0.999;
}

/* ---- the ladder: ways to find a name, each further from what was written than the last ------- */

static struct found as_found(const struct name *n, const char *what)
{
	return (struct found){n, what, KIND_REDUCED, TIER_TOKEN};
}

static struct found whole(const struct asking *a)
{
	return find_whole(&a->q, a->q.label);
}

static struct found population(const struct asking *a)
{
	return as_found(code_find(&a->q, a->q.label, ONTO_NONE), "a population code");
}

static struct found placeless_label(const struct asking *a)
{
	char plain[WORDS_BYTES];
	bool cut = without_place(&a->q, a->q.label, plain, sizeof(plain));

	return as_found(cut ? find_name(&a->q, plain).name : NULL, "without the place");
}

static struct found detailed(const struct asking *a)
{
	return as_found(details_find(&a->q, a->q.label), "a type and its details");
}

static struct found reduced(const struct asking *a)
{
	return find_reduced(&a->q, a->q.label);
}

static struct found unmarked(const struct asking *a)
{
	return as_found(find_unmarked(&a->q), "words without markers");
}

static struct found unlike(const struct asking *a)
{
	char plain[WORDS_BYTES];
	bool cut = without_likes(a->q.label, plain, sizeof(plain));

	return as_found(cut ? find_name(&a->q, plain).name : NULL, "without what it is like");
}

static struct found rootless(const struct asking *a)
{
	char plain[WORDS_BYTES];
	bool cut = without_origin(&a->q, a->q.label, plain, sizeof(plain));

	return as_found(cut ? find_name(&a->q, plain).name : NULL, "without where it comes from");
}

static struct found placeless_words(const struct asking *a)
{
	const struct name *n = find_placeless(&a->q);

	return as_found(n && !all_words_met(a) ? n : NULL, "words without the tissue");
}

static bool try_names(struct asking *a)
{
	static struct found (*const ladder[])(const struct asking *) = {
		whole,    population, placeless_label, detailed,        reduced,
		unmarked, unlike,     rootless,        placeless_words,
	};

	for (size_t i = 0; i < ARRAY_LEN(ladder); i++) {
		struct found f = ladder[i](a);

		if (f.name)
			return answer_name(a, f.name, f.tier, f.kind, f.what);
	}
	return false;
}

/* ---- tier: pattern ------------------------------------------------------------------------- */

static bool try_pattern(struct asking *a, enum pattern_when when)
{
	struct pattern_hit hit;

	if (!a->m->patterns || !patterns_match(a->m->patterns, when, a->q.label, &hit))
		return false;
	if (hit.term == ONTO_NONE) {
		struct match *none = answer(a, TIER_NONE, ONTO_NONE, "%s (pattern, line %zu)",
					    hit.name, hit.line);

		answer_describe(a, none, KIND_PATTERN_FIRST);
		if (none)
			none->no_type = true;
		return true;
	}
	struct match *f = answer(a, TIER_PATTERN, hit.term, "pattern, line %zu", hit.line);

	answer_describe(a, f, when == PATTERN_FIRST ? KIND_PATTERN_FIRST : KIND_PATTERN_LAST);
	if (f)
		f->tier_score = 0.95;
	return f != NULL;
}

/* ---- all tiers ----------------------------------------------------------------------------- */

/* Does the label speak of a state that the name's term does not? */
static bool adds_state(const struct asking *a, const struct name *n)
{
	const char *label = a->m->onto->terms[n->term].label;
	struct words own;

	words_fold(&own, label);
	for (size_t i = 0; i < a->q.raw.n; i++)
		if (reduce_is_state(word(&a->q.raw, i)) && !words_have(&own, word(&a->q.raw, i)))
			return true;
	return false;
}

/*
 * "Immature enterocytes" is a related synonym of the lysosome-rich enterocyte, which is a kind that
 * the label does not mean: a pattern's plain word is nearer.
 */
static bool try_related(struct asking *a)
{
	const struct name *n = find_whole(&a->q, a->q.label).name;

	return n && n->scope >= NAME_RELATED && adds_state(a, n) && try_pattern(a, PATTERN_LAST);
}

static bool try_override(struct asking *a)
{
	uint32_t n = strtab_find(&a->m->override_labels, a->q.label);

	if (n == STRTAB_NONE)
		return false;
	const struct override *o = &a->m->overrides[n];
	struct match *f = answer(a, TIER_OVERRIDE, o->term, "override, %.100s line %zu",
				 a->m->overrides_path, o->line);

	f->score = f->tier_score = 1;
	return true;
}

static void ask(struct asking *a)
{
	if (a->q.raw.n == 0) {
		answer(a, TIER_NONE, ONTO_NONE, "empty label");
		return;
	}
	if (try_pattern(a, PATTERN_FIRST))
		return;
	if (try_related(a))
		return;
	if (!try_exact(a) && short_answer(a))
		return;
	if (a->n == 0 && !try_peeled(a) && !combine_answer(a))
		try_names(a);
	if (a->n < a->cap)
		guess_by_words(a);
	if (a->n == 0)
		try_pattern(a, PATTERN_LAST);
	if (a->n == 0)
		guess_by_letters(a);
	if (a->n == 0)
		answer(a, TIER_NONE, ONTO_NONE, "no name comes near");
}

static int by_score(const struct match *a, const struct match *b)
{
	return (a->score < b->score) - (a->score > b->score);
}

/* The first answer stays first: it comes from the most trusted tier that answered. */
static void sort_rest(struct match *found, size_t n)
{
	for (size_t i = 2; i < n; i++)
		for (size_t j = i; j > 1 && by_score(&found[j - 1], &found[j]) > 0; j--) {
			struct match swap = found[j];

			found[j] = found[j - 1];
			found[j - 1] = swap;
		}
}

/* How sure, and no later answer surer than the first. Of a code's meanings each is as likely. */
static void score(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct match *f = &a->found[i];

		if (f->term != ONTO_NONE)
			f->score = calibration_score(a->m->calibration, f);
		if (f->meanings)
			f->score = 1 / (double)(f->meanings + 1);
	}
	for (size_t i = 1; i < a->n; i++)
		a->found[i].score = MIN(a->found[i].score, 1 - a->found[0].score);
	sort_rest(a->found, a->n);
}

size_t matcher_match_among(const struct matcher *m, const char *label, const char *tissue,
			   uint32_t around, struct match *found, size_t cap)
{
	struct asking a = {.m = m, .found = found, .cap = cap, .around = around};
	char plain[WORDS_BYTES];

	a.q = (struct asked){.names = &m->names, .label = label};
	a.q.tissue = tissue ? lexicon_tissue_of(m->lexicon, tissue) : TISSUE_NONE;
	if (try_override(&a))
		return a.n;
	if (without_nots(&a.q, label, plain, sizeof(plain)))
		a.q.label = label = plain;
	words_fold(&a.q.raw, label);
	if (a.q.tissue == TISSUE_NONE)
		a.q.tissue = lexicon_tissue_in(m->lexicon, &a.q.raw);
	names_words(&m->names, label, LEXICON_LABEL, a.q.tissue, &a.q.words);
	for (size_t i = 0; i < a.q.words.n; i++)
		a.q.weight += names_weight(&m->names, word(&a.q.words, i));
	ask(&a);
	score(&a);
	return a.n;
}

size_t matcher_match(const struct matcher *m, const char *label, const char *tissue,
		     struct match *found, size_t cap)
{
	return matcher_match_among(m, label, tissue, TISSUE_NONE, found, cap);
}

uint32_t matcher_around(const struct matcher *m, const struct match *found, size_t n, size_t step)
{
	size_t n_organs = m->lexicon->tissues.n, *votes = mem_zero(n_organs + 1, sizeof(*votes));
	size_t all = 0;
	uint32_t most = TISSUE_NONE;

	for (size_t i = 0; i < n; i++) {
		const struct match *f = &found[i * step];

		if (f->term == ONTO_NONE || f->meanings ||
		    (f->tier != TIER_EXACT && f->tier != TIER_TOKEN))
			continue;
		uint32_t organ = short_organ(&m->names, f->term);

		if (organ == TISSUE_NONE)
			continue;
		all++;
		votes[organ]++;
		if (votes[organ] > votes[most])
			most = organ;
	}
	if (votes[most] < 2 || votes[most] * 2 <= all)
		most = TISSUE_NONE;
	free(votes);
	return most;
}

const char *matcher_tissue_name(const struct matcher *m, uint32_t tissue)
{
	return strtab_str(&m->lexicon->tissues, tissue);
}

bool matcher_knows_tissue(const struct matcher *m, const char *text)
{
	return lexicon_tissue_of(m->lexicon, text) != TISSUE_NONE;
}

void matcher_tissues(const struct matcher *m, struct text *list)
{
	const struct strtab *tissues = &m->lexicon->tissues;

	for (uint32_t i = TISSUE_NONE + 1; i < tissues->n; i++)
		text_add(list, "%s%s", i > TISSUE_NONE + 1 ? ", " : "", strtab_str(tissues, i));
}

void matcher_words(const struct matcher *m, const char *label, const char *tissue, char *out)
{
	struct words w;

	names_words(&m->names, label, LEXICON_LABEL,
		    tissue ? lexicon_tissue_of(m->lexicon, tissue) : TISSUE_NONE, &w);
	words_join(&w, false, out);
}
