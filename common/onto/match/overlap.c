/* overlap.c - see overlap.h. */
#include "base/util.h"

#include <math.h>

#include "onto/match/drop_parts.h"
#include "onto/match/drop_words.h"
#include "onto/match/mend_words.h"
#include "onto/match/overlap.h"

/* A name's word that the label lacks costs this much of what a shared word gains. */
#define LACK_COST 1.0
#define SPECIES_COST 6.0
/* A name that says "+" of a marker where the label says "-", or the other way round. */
#define CONFLICT_COST 8.0
/* The last word says what it is: "contractile pericyte". */
#define HEAD_GAIN 4.0
/* "type I cell of adrenal medulla": a number that the label does not give. */
#define UNASKED_NUMBER_COST 2.0
/* With a tissue: cells of another organ rank lower, the organ's own a little higher. */
#define OTHER_ORGAN_COST 4.0
#define OWN_ORGAN_GAIN 0.5
#define MOST_GAIN (HEAD_GAIN + OWN_ORGAN_GAIN)
/* Of the words of a name that details lead to, the label must have this share by weight. */
#define UNDER_MIN_NAME 0.6

static const double scope_cost[] = {
	[NAME_LABEL] = 0,   [NAME_ALIAS] = 0.2,  [NAME_EXACT] = 0.3,
	[NAME_RELATED] = 1, [NAME_NARROW] = 1.2, [NAME_BROAD] = 1.4,
};

void overlap_cover(const struct asked *q, const struct name *n, double *label_side,
		   double *name_side)
{
	const struct term_names *x = q->names;
	double shared = 0;

	for (size_t i = 0; i < n->n_words; i++)
		if (words_have(&q->words, strtab_str(&x->words, n->words[i])))
			shared += x->weight[n->words[i]];
	*label_side = q->weight > 0 ? MIN(1, shared / q->weight) : 1;
	*name_side = n->weight > 0 ? shared / n->weight : 1;
}

static bool says_little(const char *w)
{
	return str_eq(w, "cell") || str_eq(w, "precursor") || str_eq(w, "progenitor") ||
	       str_eq(w, "lineage") || word_is_signed(w);
}

/* The last word that names know; in "epithelial cell of bladder" the last before "of". */
static const char *head_word(const struct asked *q, const struct words *w)
{
	size_t end = q->raw.n;

	for (size_t i = q->raw.n; i-- > 1;)
		if (str_eq(word(&q->raw, i), "of"))
			end = i;
	for (size_t i = end < q->raw.n ? end : 0; i-- > 0;)
		if (reduce_known(q, word(&q->raw, i)) && !says_little(word(&q->raw, i)))
			return word(&q->raw, i);
	for (size_t i = w->n; i-- > 0;)
		if (!says_little(word(w, i)))
			return word(w, i);
	return "";
}

/* For each name, the weight of its words that 'w' has, and a bit when it has any. */
struct shares {
	float *weight;
	uint64_t *any;
};

static struct shares share_weights(const struct term_names *x, const struct words *w)
{
	struct shares s;

	MEM_ZERO(s.weight, x->n);
	MEM_ZERO(s.any, x->n / 64 + 1);
	for (size_t i = 0; i < w->n; i++) {
		uint32_t id = strtab_find(&x->words, word(w, i));
		bool again = false;

		for (size_t j = 0; j < i; j++)
			again |= str_eq(word(w, j), word(w, i));
		if (id == STRTAB_NONE || again)
			continue;
		for (size_t p = x->posting[id]; p < x->posting[id + 1]; p++) {
			uint32_t name = x->postings[p];

			s.weight[name] += x->weight[id];
			s.any[name / 64] |= UINT64_C(1) << name % 64;
		}
	}
	return s;
}

/* The first name at or after 'i' with a bit; x->n at the end. */
static uint32_t next_share(const struct term_names *x, const struct shares *s, uint32_t i)
{
	while (i < x->n) {
		uint64_t rest = s->any[i / 64] >> i % 64;

		if (rest)
			return i + (uint32_t)__builtin_ctzll(rest);
		i = (i / 64 + 1) * 64;
	}
	return (uint32_t)x->n;
}

/* The word that says the opposite: the other sign of a marker, bright for dim. */
static bool opposite(const char *w, char *out)
{
	size_t len = strlen(w);

	if (str_eq(w, "dim") || str_eq(w, "bright")) {
		snprintf(out, WORDS_BYTES, "%s", *w == 'd' ? "bright" : "dim");
		return true;
	}
	if (!word_is_signed(w))
		return false;
	memcpy(out, w, len + 1);
	out[len - 1] = w[len - 1] == '+' ? '-' : '+';
	return true;
}

/* The numbers of words that would contradict the label, as far as names have them. */
static size_t find_opposites(const struct term_names *x, const struct words *w, uint32_t *ids)
{
	char other[WORDS_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		if (!opposite(word(w, i), other) || words_have(w, other))
			continue;
		ids[n] = strtab_find(&x->words, other);
		n += ids[n] != STRTAB_NONE;
	}
	return n;
}

/* Does the name, or the label of what it names, have this word? */
static bool contradicts(const struct term_names *x, const struct name *n, uint32_t w)
{
	uint32_t own = x->own[n->term];

	return name_has(n, w) || (own != UINT32_MAX && name_has(&x->list[own], w));
}

bool overlap_contradicts(const struct asked *q, const struct name *n)
{
	uint32_t against[MAX_WORDS];
	size_t n_against = find_opposites(q->names, &q->words, against);

	for (size_t a = 0; a < n_against; a++)
		if (contradicts(q->names, n, against[a]))
			return true;
	return false;
}

static double organ_gain(const struct name *n, uint32_t tissue)
{
	if (tissue == TISSUE_NONE || n->organ == TISSUE_NONE)
		return 0;
	return n->organ == tissue ? OWN_ORGAN_GAIN : -OTHER_ORGAN_COST;
}

/* Does the name say which of several, by a number that 'w' lacks? */
static bool says_number(const struct term_names *x, const struct name *n, const struct words *w)
{
	for (size_t i = 0; i < n->n_words; i++) {
		const char *own = strtab_str(&x->words, n->words[i]);

		if (word_is_number(own) && !words_have(w, own))
			return true;
	}
	return false;
}

/* Put a candidate in its place among best[0..n), one place per term. Returns the new n. */
static size_t place(const struct term_names *x, struct overlap_candidate c,
		    struct overlap_candidate *best, size_t n, size_t cap)
{
	size_t at = 0;

	while (at < n && x->list[best[at].name].term != x->list[c.name].term)
		at++;
	if (at < n && best[at].score >= c.score)
		return n;
	if (at == n && n < cap)
		n++;
	else if (at == n)
		at = n - 1;
	for (; at > 0 && best[at - 1].score < c.score; at--)
		best[at] = best[at - 1];
	best[at] = c;
	return n;
}

size_t overlap_best(const struct asked *q, const struct words *w, uint32_t above,
		    struct overlap_candidate *best, size_t cap)
{
	const struct term_names *x = q->names;
	uint32_t head = strtab_find(&x->words, head_word(q, w));
	struct shares s = share_weights(x, w);
	uint32_t against[MAX_WORDS];
	size_t n = 0, n_against = find_opposites(x, w, against);
	double least = -INFINITY; /* a worse name finds no place */

	for (uint32_t i = 0; (i = next_share(x, &s, i)) < x->n; i++) {
		const struct name *name = &x->list[i];
		struct overlap_candidate c = {.name = i};
		float shared = s.weight[i];

		/* Most names cannot come in any more, and their words need no look. */
		if (shared + MOST_GAIN <= least)
			continue;
		if (name->tissue != TISSUE_NONE && name->tissue != q->tissue)
			continue;
		c.score = shared - LACK_COST * (double)(name->weight - shared) -
			  scope_cost[name->scope] - (name->species ? SPECIES_COST : 0);
		if (c.score + MOST_GAIN <= least)
			continue;
		c.score += (name_has(name, head) ? HEAD_GAIN : 0) + organ_gain(name, q->tissue);
		c.score -= says_number(x, name, w) ? UNASKED_NUMBER_COST : 0;
		for (size_t a = 0; a < n_against; a++)
			c.score -= contradicts(x, name, against[a]) ? CONFLICT_COST : 0;
		if (n == cap && best[n - 1].score >= c.score)
			continue;
		if (above != ONTO_NONE && !onto_is_a(x->onto, name->term, above))
			continue;
		n = place(x, c, best, n, cap);
		if (n == cap)
			least = best[n - 1].score;
	}
	free(s.weight);
	free(s.any);
	return n;
}

bool overlap_shares_type(const struct asked *q, const struct name *n, bool whole)
{
	uint32_t place = TISSUE_NONE;

	for (size_t i = 0; i < n->n_words; i++) {
		const char *w = strtab_str(&q->names->words, n->words[i]);
		uint32_t tissue = lexicon_tissue_word(q->names->lexicon, w);

		if (!words_have(&q->words, w) || reduce_is_vague(w))
			continue;
		/* "cardiac muscle" is no place, and "alveolar 2" all there is of a name */
		if (tissue == TISSUE_NONE || whole || (place != TISSUE_NONE && place != tissue))
			return true;
		place = tissue;
	}
	return false;
}

const struct name *overlap_under(const struct asked *q, uint32_t type)
{
	struct asked b = *q;
	struct overlap_candidate best;
	double label_side, name_side;

	repair_words(&b, &b.words);
	if (!overlap_best(&b, &b.words, type, &best, 1))
		return NULL;
	const struct name *n = &q->names->list[best.name];

	overlap_cover(&b, n, &label_side, &name_side);
	return name_side >= UNDER_MIN_NAME && !says_number(q->names, n, &b.words) ? n : NULL;
}

void overlap_known_words(const struct asked *q, struct words *w)
{
	char plain[WORDS_BYTES];
	struct words fewer;

	*w = q->words;
	if (without_likes(q->label, plain, sizeof(plain)))
		names_words(q->names, plain, LEXICON_LABEL, q->tissue, w);
	repair_words(q, w);
	fewer = *w;
	reduce_numbers(&fewer);
	reduce_unknown(q, &fewer);
	if (fewer.n)
		*w = fewer;
}
