/* term_names.c - see term_names.h. */
#include "base/util.h"

#include <ctype.h>
#include <math.h>

#include "onto/names/term_names.h"

/* ---- the words that names are spelt with ---- */

/* Words that say nothing about which cell it is. */
static const char *const fillers[] = {"cell", "of",   "the", "and", "in", "with", "from",
				      "to",   "type", "cel", "for", "by", "or",   "like"};

static bool is_filler(const char *w)
{
	for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
		if (str_eq(w, fillers[i]))
			return true;
	return false;
}

/*
 * A CD4+ or CD8+ T cell has an alpha-beta receptor, and a naive one is from the thymus: names say
 * so, labels do not. Names about CD8 alpha-alpha keep their words.
 */
static bool implied(const char *w)
{
	static const char *const words[] = {"alpha", "beta", "thymus", "thymic", "derived"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(w, words[i]))
			return true;
	return false;
}

void names_trim(struct words *w)
{
	bool keep[MAX_WORDS];
	bool coreceptor = (words_have(w, "cd4+") || words_have(w, "cd8+")) && words_have(w, "t");
	size_t n_alpha = 0;

	for (size_t i = 0; i < w->n; i++)
		n_alpha += str_eq(word(w, i), "alpha");
	for (size_t i = 0; i < w->n; i++)
		keep[i] = !is_filler(word(w, i)) &&
			  !(coreceptor && n_alpha < 2 && implied(word(w, i)));
	words_filter(w, keep);
}

void names_words(const struct term_names *x, const char *label, enum lexicon_use use,
		 uint32_t tissue, struct words *out)
{
	words_fold(out, label);
	lexicon_apply(x->lexicon, out, use, tissue);
	names_trim(out);
}

static const char *const species[] = {
	"(homo sapiens)", "(mus musculus)", "(callithrix jacchus)", "(mmus)",  "(primate)",
	"(human)",        "(mouse)",        "(marmoset)",           ", human", ", mouse"};

/* A copy of 'text' without the species it names; says whether it named one. */
static bool names_without_species(const char *text, char *out, size_t room)
{
	bool found = false;

	snprintf(out, room, "%s", text);
	if (!strpbrk(text, "(,")) /* with which they all begin */
		return false;
	for (size_t i = 0; i < ARRAY_LEN(species); i++) {
		char *at = strcasestr(out, species[i]);

		if (at) {
			memset(at, ' ', strlen(species[i]));
			found = true;
		}
	}
	/* Worms, flies and fungi have their own: only what vertebrates share is meant. */
	const char *sensu = strcasestr(text, "(sensu ");

	return found || (sensu && !strcasestr(sensu, "vertebrata"));
}

/* "T cell" and "T" are one name: a last "cell" goes, unless it is all there is. */
static void names_unended(struct words *w)
{
	if (w->n > 1 && str_eq(word(w, w->n - 1), "cell"))
		w->n--;
}

/* ---- names ---- */

/* Of the ontology's own synonyms; what "IC" and "LP" mean is for the aliases to say. */
#define SHORTEST_SYNONYM 3

/* ---- building ------------------------------------------------------------------------------ */

static void chain(struct term_names *x, int by, const char *key, uint32_t name)
{
	uint32_t k = strtab_add(&x->keys[by], key);

	if (k >= x->cap_first[by]) {
		size_t old = x->cap_first[by];

		MEM_GROW(x->first[by], k + 1, x->cap_first[by]);
		memset(x->first[by] + old, 0xff, (x->cap_first[by] - old) * sizeof(uint32_t));
	}
	x->list[name].next[by] = x->first[by][k];
	x->first[by][k] = name;
}

static void keep_words(struct term_names *x, struct name *n, const struct words *w)
{
	n->words = arena_alloc(&x->arena, (w->n + 1) * sizeof(*n->words));
	for (size_t i = 0; i < w->n; i++) {
		uint32_t id = strtab_add(&x->words, word(w, i));
		size_t at = n->n_words;

		while (at > 0 && n->words[at - 1] > id)
			at--;
		if (at > 0 && n->words[at - 1] == id)
			continue;
		memmove(n->words + at + 1, n->words + at, (n->n_words - at) * sizeof(*n->words));
		n->words[at] = id;
		n->n_words++;
	}
}

void names_alias(struct term_names *x, uint32_t term, const char *text, enum name_scope scope,
		 uint32_t tissue)
{
	char plain[2 * WORDS_BYTES], key[WORDS_BYTES];
	struct words raw, w;
	bool names_species = names_without_species(text, plain, sizeof(plain));

	words_fold(&raw, plain);
	if (raw.n == 0)
		return;
	names_species |= names_without_species(x->onto->terms[term].label, key, sizeof(key));
	for (size_t i = 0; i < raw.n; i++)
		strtab_add(&x->spelt, word(&raw, i));
	names_unended(&raw);
	names_words(x, plain, scope == NAME_ALIAS ? LEXICON_LABEL : LEXICON_NAME, tissue, &w);
	MEM_GROW(x->list, x->n + 1, x->cap);
	struct name *n = &x->list[x->n];

	memset(n, 0, sizeof(*n));
	n->term = term;
	n->scope = (uint8_t)scope;
	n->tissue = tissue;
	n->organ = lexicon_tissue_in(x->lexicon, &raw);
	n->species = names_species && scope != NAME_ALIAS; /* which says what is meant */
	n->text = arena_str(&x->arena, text, strlen(text));
	keep_words(x, n, w.n ? &w : &raw);
	words_join(&w, false, key);
	n->folded = arena_str(&x->arena, key, strlen(key));
	words_join(&raw, false, key);
	chain(x, BY_ORDER, key, (uint32_t)x->n);
	words_join(w.n ? &w : &raw, true, key);
	/* "enterochromaffin-like" is another type; aliases know what they do. */
	if (scope == NAME_ALIAS || !words_have(&raw, "like"))
		chain(x, BY_SET, key, (uint32_t)x->n);
	x->n++;
}

/*
 * "T.4SP69+.Th" is a code of lineage, type and organ: where the term itself names no organ,
 * "T.4SP69+" says it too. False when it is no such code.
 */
static bool without_organ(const struct term_names *x, uint32_t term, const char *code, char *out,
			  size_t room)
{
	const char *last = strrchr(code, '.'), *first = strchr(code, '.');
	struct words w;

	if (!last || last == first || strpbrk(code, " ,") || (size_t)(last - code) >= room)
		return false;
	words_fold(&w, x->onto->terms[term].label);
	for (size_t i = 0; i < w.n; i++)
		if (lexicon_tissue_word(x->lexicon, word(&w, i)) != TISSUE_NONE)
			return false;
	snprintf(out, room, "%.*s", (int)(last - code), code);
	return true;
}

static void add_synonyms(struct term_names *x, uint32_t term, const struct onto_strings *synonyms,
			 enum name_scope scope)
{
	char code[64];

	for (size_t i = 0; i < synonyms->n; i++) {
		const char *s = synonyms->items[i];

		if (strlen(s) >= SHORTEST_SYNONYM)
			names_alias(x, term, s, scope, TISSUE_NONE);
		/* A broad one is shared by several terms. */
		if (scope != NAME_BROAD && without_organ(x, term, s, code, sizeof(code)))
			names_alias(x, term, code, NAME_RELATED, TISSUE_NONE);
	}
}

void names_init(struct term_names *x, const struct onto *onto, const struct lexicon *lexicon)
{
	static const enum name_scope scopes[OBO_SCOPES] = {
		[OBO_EXACT] = NAME_EXACT,
		[OBO_RELATED] = NAME_RELATED,
		[OBO_BROAD] = NAME_BROAD,
		[OBO_NARROW] = NAME_NARROW,
	};

	memset(x, 0, sizeof(*x));
	x->onto = onto;
	x->lexicon = lexicon;
	MEM_ARRAY(x->own, onto->n_terms + 1);
	memset(x->own, 0xff, (onto->n_terms + 1) * sizeof(*x->own));
	for (uint32_t t = 0; t < onto->n_terms; t++) {
		const struct onto_term *term = &onto->terms[t];
		uint32_t to = onto_current(onto, t);
		/* The names of an obsolete term lead to what replaced it. */
		bool old = term->obsolete;
		const char *label = term->label + (str_starts(term->label, "obsolete ") ? 9 : 0);

		if (to == ONTO_NONE)
			continue;
		if (!old)
			x->own[t] = (uint32_t)x->n;
		names_alias(x, to, label, old ? NAME_RELATED : NAME_LABEL, TISSUE_NONE);
		for (size_t s = 0; s < OBO_SCOPES; s++)
			add_synonyms(x, to, &term->synonyms[s], old ? NAME_RELATED : scopes[s]);
	}
}

/* Numbers and single letters say which of several, not what. */
static bool says_which(const char *w)
{
	return word_is_number(w) || (w[0] >= 'a' && w[0] <= 'z' && !w[1]);
}

static void weigh(struct term_names *x)
{
	uint32_t *in_names;

	MEM_ZERO(in_names, x->words.n + 1);
	MEM_ARRAY(x->weight, x->words.n + 1);
	for (size_t i = 0; i < x->n; i++)
		for (size_t w = 0; w < x->list[i].n_words; w++)
			in_names[x->list[i].words[w]] += x->list[i].scope != NAME_ALIAS;
	for (size_t w = 0; w < x->words.n; w++) {
		double weight = log((double)(x->n + 1) / (in_names[w] + 1.0));

		x->weight[w] =
			(float)(says_which(strtab_str(&x->words, (uint32_t)w)) ? 0.35 * weight
									       : weight);
	}
	free(in_names);
}

void names_finish(struct term_names *x)
{
	size_t *fill;

	weigh(x);
	typos_index(&x->typos, &x->words);
	typos_index(&x->typos, &x->lexicon->phrases);
	MEM_ZERO(x->posting, x->words.n + 2);
	for (size_t i = 0; i < x->n; i++)
		for (size_t w = 0; w < x->list[i].n_words; w++) {
			x->posting[x->list[i].words[w] + 1]++;
			x->list[i].weight += x->weight[x->list[i].words[w]];
		}
	for (size_t w = 0; w < x->words.n; w++)
		x->posting[w + 1] += x->posting[w];
	MEM_ARRAY(x->postings, x->posting[x->words.n] + 1);
	fill = mem_copy(x->posting, x->words.n + 1, sizeof(*fill));
	for (size_t i = 0; i < x->n; i++)
		for (size_t w = 0; w < x->list[i].n_words; w++)
			x->postings[fill[x->list[i].words[w]]++] = (uint32_t)i;
	free(fill);
}

void names_clear(struct term_names *x)
{
	for (int by = 0; by < 2; by++) {
		strtab_release(&x->keys[by]);
		free(x->first[by]);
	}
	typos_release(&x->typos);
	strtab_release(&x->words);
	strtab_release(&x->spelt);
	free(x->list);
	free(x->own);
	free(x->weight);
	free(x->posting);
	free(x->postings);
	arena_release(&x->arena);
}

double names_weight(const struct term_names *x, const char *w)
{
	uint32_t id = strtab_find(&x->words, w);

	if (id == STRTAB_NONE)
		return word_is_number(w) ? 0 : log((double)(x->n + 1));
	return x->weight[id];
}

static double weight_of(const void *names, const char *w)
{
	return names_weight(names, w);
}

const char *names_meant(const struct term_names *x, const char *w)
{
	return typos_meant(&x->typos, w, weight_of, x);
}

/* ---- finding ---- */

/* Which of two names of one key to answer with: smaller is better. */
static int rank(const struct name *n, uint32_t tissue)
{
	int r = n->scope + (n->species ? 10 : 0);

	return n->tissue != TISSUE_NONE && n->tissue == tissue ? r - 20 : r;
}

static bool better(const struct term_names *x, const struct name *a, const struct name *b,
		   uint32_t tissue)
{
	int ra = rank(a, tissue), rb = rank(b, tissue);

	if (ra != rb)
		return ra < rb;
	size_t la = strlen(x->onto->terms[a->term].label);
	size_t lb = strlen(x->onto->terms[b->term].label);

	return la != lb ? la < lb : a->term < b->term;
}

/* The most trusted name with this key, the tissue's own first; NULL when there is none. */
static const struct name *names_find(const struct term_names *x, int by, const char *key,
				     uint32_t tissue)
{
	uint32_t k = strtab_find(&x->keys[by], key);
	const struct name *best = NULL;

	if (k == STRTAB_NONE)
		return NULL;
	for (uint32_t i = x->first[by][k]; i != UINT32_MAX; i = x->list[i].next[by]) {
		const struct name *n = &x->list[i];

		if (n->tissue != TISSUE_NONE && n->tissue != tissue)
			continue;
		if (!best || better(x, n, best, tissue))
			best = n;
	}
	return best;
}

/*
 * "acinar" and "PP" without "cell" are shorthand, and what people mean by that is for the aliases
 * to say, not for a term that happens to be called so.
 */
static const struct name *shorthand(const struct term_names *x, const char *key)
{
	uint32_t k = strtab_find(&x->keys[BY_ORDER], key);

	for (uint32_t i = k == STRTAB_NONE ? UINT32_MAX : x->first[BY_ORDER][k]; i != UINT32_MAX;
	     i = x->list[i].next[BY_ORDER])
		if (x->list[i].scope == NAME_ALIAS && x->list[i].tissue == TISSUE_NONE)
			return &x->list[i];
	return NULL;
}

const struct name *names_find_words(const struct term_names *x, int by, const struct words *w,
				    uint32_t tissue)
{
	char key[WORDS_BYTES];
	struct words unended = *w;

	if (by == BY_ORDER)
		names_unended(&unended);
	if (unended.n == 0)
		return NULL;
	words_join(&unended, by == BY_SET, key);
	const struct name *found = names_find(x, by, key, tissue);

	if (found && found->scope == NAME_LABEL && by == BY_ORDER && unended.n == w->n) {
		const struct name *alias = shorthand(x, key);

		return alias ? alias : found;
	}
	return found;
}

static const char *next_letter(const char *s)
{
	while (*s && *s != '\'' && !isalnum((unsigned char)*s))
		s++;
	return s;
}

/* Do they have the same letters, digits and primes ("Bm2' B cell"), case aside? */
static bool same_letters(const char *a, const char *b)
{
	for (;; a++, b++) {
		a = next_letter(a);
		b = next_letter(b);
		if (!*a || tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return !*a && !*b;
	}
}

const struct name *names_verbatim(const struct term_names *x, const char *label)
{
	char blanks[2 * WORDS_BYTES], plain[2 * WORDS_BYTES], key[WORDS_BYTES];
	struct words w;

	snprintf(blanks, sizeof(blanks), "%s", label);
	for (char *u = blanks; (u = strchr(u, '_'));)
		*u = ' ';
	names_without_species(blanks, plain, sizeof(plain));
	words_fold(&w, plain);
	names_unended(&w);
	words_join(&w, false, key);
	uint32_t k = strtab_find(&x->keys[BY_ORDER], key);

	if (k == STRTAB_NONE)
		return NULL;
	for (uint32_t i = x->first[BY_ORDER][k]; i != UINT32_MAX; i = x->list[i].next[BY_ORDER])
		if (x->list[i].scope == NAME_LABEL && same_letters(x->list[i].text, label))
			return &x->list[i];
	return NULL;
}
