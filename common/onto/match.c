#include "onto/match.h"

#include <stdarg.h>

#include "onto/code.h"
#include "onto/matcher.h"
#include "onto/peel.h"
#include "onto/reduce.h"
#include "onto/repair.h"
#include "onto/without.h"

/* What the parts of a combination share must say more than "cell". */
#define COMMON_MIN_DEPTH 2
#define NGRAM_MIN 0.45
#define NGRAM_MIN_LETTERS 5
#define OVERLAP_MIN_COVERAGE 0.3
#define OVERLAP_MIN_BOTH 0.15

const char *match_tier_name(enum match_tier tier)
{
	static const char *const names[N_TIERS] = {"none",    "override", "exact", "token",
						   "pattern", "overlap",  "ngram", "common"};
	return names[tier];
}

/* ---- answering ----------------------------------------------------------------------------- */

/* A question and the answers so far. */
struct asking {
	const struct matcher *m;
	struct question q;
	struct match *found;
	size_t n, cap;
};

PRINTF_LIKE(4, 5)
static struct match *answer(struct asking *a, enum match_tier tier, uint32_t term,
			    const char *format, ...)
{
	struct match *f;
	va_list args;

	if (term != ONTO_NONE)
		for (size_t i = 0; i < a->n; i++)
			if (a->found[i].term == term)
				return NULL;
	if (a->n == a->cap)
		return NULL;
	f = &a->found[a->n++];
	memset(f, 0, sizeof(*f));
	f->tier = tier;
	f->term = term;
	f->id = term == ONTO_NONE ? "" : a->m->onto->terms[term].id;
	f->name = term == ONTO_NONE ? "" : a->m->onto->terms[term].label;
	va_start(args, format);
	vsnprintf(f->how, sizeof(f->how), format, args);
	va_end(args);
	return f;
}

/* What the score depends on. */
static void describe(struct asking *a, struct match *f, int kind)
{
	if (!f)
		return;
	f->kind = kind;
	f->features[FEATURE_WORDS] = MIN(6, (double)a->q.raw.n);
}

static const char *const scope_names[] = {"label",           "alias",          "exact synonym",
					  "related synonym", "narrow synonym", "broad synonym"};

static int scope_kind(enum name_scope scope)
{
	return scope == NAME_LABEL ? 0 : scope == NAME_ALIAS ? 1 : scope == NAME_EXACT ? 2 : 3;
}

static bool answer_name(struct asking *a, const struct name *n, enum match_tier tier, int base,
			const char *what)
{
	struct match *f;

	if (!n)
		return false;
	f = answer(a, tier, n->term, "%s: %s \"%.80s\"", what, scope_names[n->scope], n->text);
	if (f) {
		bool verbatim = strcasecmp(a->q.label, f->name) == 0;
		int kind = base + scope_kind((enum name_scope)n->scope);

		describe(a, f, verbatim ? KIND_VERBATIM : kind);
		f->tier_score = tier == TIER_EXACT ? 1.0 : 0.85;
	}
	return f != NULL;
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
	const char *what;
	int base;
	enum match_tier tier;

	if (find_whole(&a->q, a->q.label, &what, &base, &tier))
		return false;
	return answer_name(a, peel_find(&a->q, a->q.label), TIER_TOKEN, KIND_REDUCED,
			   "words without what is around them");
}

/* Does the nearest name have all of the label's known words, the tissue's too? */
static bool all_words_met(const struct asking *a)
{
	struct question known = a->q;
	struct candidate best;
	double label_side, name_side;

	find_known_words(&a->q, &known.words);
	if (!find_overlaps(&known, &known.words, ONTO_NONE, &best, 1))
		return false;
	find_cover(&known, &a->m->names.list[best.name], &label_side, &name_side);
	return label_side > 0.999;
}

static bool try_names(struct asking *a)
{
	char plain[WORDS_BYTES];
	const char *what;
	int base;
	enum match_tier tier;
	const struct name *n = find_whole(&a->q, a->q.label, &what, &base, &tier);

	if (n)
		return answer_name(a, n, tier, base, what);
	if ((n = code_find(&a->q, a->q.label, ONTO_NONE)))
		return answer_name(a, n, TIER_TOKEN, KIND_REDUCED, "a population code");
	if (without_place(&a->q, a->q.label, plain, sizeof(plain)) &&
	    (n = find_name(&a->q, plain, &what, &base)))
		return answer_name(a, n, TIER_TOKEN, KIND_REDUCED, "without the place");
	if ((n = find_detailed(&a->q, a->q.label)))
		return answer_name(a, n, TIER_TOKEN, KIND_REDUCED, "a type and its details");
	if ((n = find_reduced(&a->q, a->q.label, &what, &base)))
		return answer_name(a, n, TIER_TOKEN, base, what);
	if ((n = find_unmarked(&a->q)))
		return answer_name(a, n, TIER_TOKEN, KIND_REDUCED, "words without markers");
	if (without_likes(a->q.label, plain, sizeof(plain)) &&
	    (n = find_name(&a->q, plain, &what, &base)))
		return answer_name(a, n, TIER_TOKEN, KIND_REDUCED, "without what it is like");
	if (without_origin(&a->q, a->q.label, plain, sizeof(plain)) &&
	    (n = find_name(&a->q, plain, &what, &base)))
		return answer_name(a, n, TIER_TOKEN, KIND_REDUCED, "without where it comes from");
	if ((n = find_placeless(&a->q)) && !all_words_met(a))
		return answer_name(a, n, TIER_TOKEN, KIND_REDUCED, "words without the tissue");
	return false;
}

/* ---- tier: common -------------------------------------------------------------------------- */

/* "T/NK", "Mono+Macro", "B and plasma": the answer is what the parts share. */
static size_t split_parts(char *label, char **parts, size_t cap)
{
	size_t n = 0;

	for (char *p; n < cap && (p = strsep(&label, "/&,;"));) {
		p += strspn(p, " _-");
		if (*p)
			parts[n++] = p;
	}
	return n;
}

/* The part that all others are kinds above: "T cells, memory Treg". NULL when there is none. */
static const struct name *finest(const struct onto *o, const struct name **parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool below_all = true;

		for (size_t j = 0; j < n; j++)
			below_all &= onto_is_a(o, parts[i]->term, parts[j]->term);
		if (below_all)
			return parts[i];
	}
	return NULL;
}

static bool try_common(struct asking *a)
{
	const struct name *names[6];
	char copy[WORDS_BYTES];
	char *parts[6];
	uint32_t terms[6];
	const char *what;
	int base;
	size_t n;

	if (strlen(a->q.label) >= sizeof(copy) || !strpbrk(a->q.label, "/&,;"))
		return false;
	snprintf(copy, sizeof(copy), "%s", a->q.label);
	n = split_parts(copy, parts, ARRAY_LEN(parts));
	if (n < 2)
		return false;
	for (size_t i = 0; i < n; i++) {
		/* "CD8a/b" and "VSMC/P" are no combinations, "T/B" is. */
		if (!parts[i][1] && parts[i][0] != 'T' && parts[i][0] != 'B')
			return false;
		const struct name *name = find_name(&a->q, parts[i], &what, &base);

		if (!name)
			return false;
		names[i] = name;
		terms[i] = name->term;
	}
	/* A comma adds a detail, a slash another type. */
	const struct name *last = strpbrk(a->q.label, "/&;") ? NULL : finest(a->m->onto, names, n);

	if (last)
		return answer_name(a, last, TIER_TOKEN, KIND_REDUCED, "a type and its details");
	uint32_t shared = onto_common(a->m->onto, terms, n);

	if (shared == ONTO_NONE || a->m->onto->terms[shared].depth < COMMON_MIN_DEPTH)
		return false;
	struct match *f =
		answer(a, TIER_COMMON, shared, "what %zu parts share, %s and %s", n,
		       a->m->onto->terms[terms[0]].label, a->m->onto->terms[terms[1]].label);

	describe(a, f, KIND_COMMON);
	if (f)
		f->tier_score = 0.7;
	return f != NULL;
}

/* ---- tier: pattern ------------------------------------------------------------------------- */

static bool try_pattern(struct asking *a, enum pattern_when when)
{
	struct pattern_hit hit;

	if (!a->m->patterns || !patterns_match(a->m->patterns, when, a->q.label, &hit))
		return false;
	if (hit.term == ONTO_NONE) {
		answer(a, TIER_NONE, ONTO_NONE, "%s (pattern, line %zu)", hit.name, hit.line);
		return true;
	}
	struct match *f = answer(a, TIER_PATTERN, hit.term, "pattern, line %zu", hit.line);

	describe(a, f, when == PATTERN_FIRST ? KIND_PATTERN_FIRST : KIND_PATTERN_LAST);
	if (f)
		f->tier_score = 0.95;
	return f != NULL;
}

/* ---- tier: overlap ------------------------------------------------------------------------- */

static bool try_overlap(struct asking *a)
{
	struct candidate best[MATCH_MOST];
	struct question known = a->q;
	bool got = false;

	find_known_words(&a->q, &known.words);
	size_t n = find_overlaps(&known, &known.words, ONTO_NONE, best,
				 MIN(a->cap + 1, ARRAY_LEN(best)));

	for (size_t i = 0; i < n; i++) {
		const struct name *name = &a->m->names.list[best[i].name];
		double label_side, name_side;

		find_cover(&known, name, &label_side, &name_side);
		bool whole = name_side > 0.999;

		if (i == 0 && (((label_side < OVERLAP_MIN_COVERAGE ||
				 label_side * name_side < OVERLAP_MIN_BOTH) &&
				!whole) ||
			       !find_shares_type(&known, name, whole)))
			return false;
		struct match *f = answer(a, TIER_OVERLAP, name->term, "most words of %s \"%.80s\"",
					 scope_names[name->scope], name->text);

		describe(a, f, KIND_OVERLAP);
		if (f)
			f->tier_score = 0.5 + 0.2 * label_side * name_side;
		got |= f != NULL;
	}
	return got;
}

/* ---- tier: n-grams ------------------------------------------------------------------------- */

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

static bool try_ngrams(struct asking *a)
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
					 scope_names[name->scope], name->text);
		describe(a, f, KIND_NGRAM);
		if (f)
			f->tier_score = 0.5 * hits[i].similarity;
		got |= f != NULL;
	}
	return got;
}

/* ---- all tiers ----------------------------------------------------------------------------- */

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
	if (!try_exact(a) && !try_peeled(a) && !try_common(a))
		try_names(a);
	if (a->n < a->cap)
		try_overlap(a);
	if (a->n == 0)
		try_pattern(a, PATTERN_LAST);
	if (a->n == 0)
		try_ngrams(a);
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

size_t matcher_match(const struct matcher *m, const char *label, const char *tissue,
		     struct match *found, size_t cap)
{
	struct asking a = {.m = m, .found = found, .cap = cap};
	char plain[WORDS_BYTES];

	a.q = (struct question){.names = &m->names, .label = label};
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
	for (size_t i = 0; i < a.n; i++)
		if (found[i].term != ONTO_NONE)
			found[i].score = calibration_score(m->calibration, &found[i]);
	/* No later answer is surer than the first. */
	for (size_t i = 1; i < a.n; i++)
		found[i].score = MIN(found[i].score, 1 - found[0].score);
	sort_rest(found, a.n);
	return a.n;
}

void matcher_words(const struct matcher *m, const char *label, const char *tissue, char *out)
{
	struct words w;

	names_words(&m->names, label, LEXICON_LABEL,
		    tissue ? lexicon_tissue_of(m->lexicon, tissue) : TISSUE_NONE, &w);
	words_join(&w, false, out);
}
