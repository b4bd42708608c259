/* lexicon.c - see lexicon.h. */
#include "base/util.h"

#include "format/tsv.h"
#include "onto/names/lexicon.h"

#define LONGEST_PHRASE 4
#define ROUNDS 4

struct lexicon_rule {
	struct words meaning;
	bool names_too;
	uint32_t tissue;
	uint32_t next;
};

static void add_rule(struct lexicon *l, const char *phrase, const char *meaning, bool names_too,
		     uint32_t tissue)
{
	char key[WORDS_BYTES];
	struct words from;

	words_fold(&from, phrase);
	words_join(&from, false, key);
	uint32_t id = strtab_add(&l->phrases, key);

	if (id >= l->cap_first) {
		size_t old = l->cap_first;

		MEM_GROW(l->first, id + 1, l->cap_first);
		memset(l->first + old, 0xff, (l->cap_first - old) * sizeof(*l->first));
	}
	MEM_GROW(l->rules, l->n_rules + 1, l->cap_rules);
	struct lexicon_rule *rule = &l->rules[l->n_rules];

	words_fold(&rule->meaning, meaning);
	rule->names_too = names_too;
	rule->tissue = tissue;
	rule->next = l->first[id];
	l->first[id] = (uint32_t)l->n_rules++;
}

static void add_tissue_word(struct lexicon *l, const char *phrase, const char *tissue)
{
	struct words w;

	words_fold(&w, phrase);
	if (w.n == 0)
		return;
	uint32_t id = strtab_add(&l->tissue_words, word(&w, 0));

	MEM_GROW(l->speaks_of, id + 1, l->cap_speaks_of);
	l->speaks_of[id] = lexicon_tissue(l, tissue);
}

static int read_rules(struct lexicon *l, struct tsv *in, struct err *err)
{
	size_t phrase, meaning, where, tissue;
	int got;

	if (tsv_need(in, "phrase", &phrase, err) || tsv_need(in, "meaning", &meaning, err) ||
	    tsv_need(in, "where", &where, err) || tsv_need(in, "tissue", &tissue, err))
		return -1;
	while ((got = tsv_next(in, err)) > 0) {
		bool both = str_eq(in->fields[where], "both");

		if (str_eq(in->fields[where], "tissue")) {
			add_tissue_word(l, in->fields[phrase], in->fields[meaning]);
			continue;
		}
		if (!both && !str_eq(in->fields[where], "label"))
			return err_set(err,
				       "%s: line %zu: 'where' is \"%s\" (both, label or tissue)",
				       in->path, in->line, in->fields[where]);
		if (!*in->fields[phrase] || !*in->fields[meaning])
			return err_set(err, "%s: line %zu: an empty phrase or meaning", in->path,
				       in->line);
		add_rule(l, in->fields[phrase], in->fields[meaning], both,
			 lexicon_tissue(l, in->fields[tissue]));
	}
	return got;
}

struct lexicon *lexicon_new(void)
{
	struct lexicon *l;

	MEM_ZERO(l, 1);
	lexicon_tissue(l, "");
	return l;
}

struct lexicon *lexicon_read(const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct lexicon *l;

	if (!in)
		return NULL;
	l = lexicon_new();
	if (read_rules(l, in, err)) {
		lexicon_free(l);
		l = NULL;
	}
	tsv_close(in);
	return l;
}

void lexicon_free(struct lexicon *l)
{
	if (!l)
		return;
	free(l->rules);
	free(l->first);
	free(l->speaks_of);
	strtab_release(&l->tissue_words);
	strtab_release(&l->phrases);
	strtab_release(&l->tissues);
	free(l);
}

uint32_t lexicon_tissue(struct lexicon *l, const char *name)
{
	return strtab_add(&l->tissues, name);
}

uint32_t lexicon_tissue_of(const struct lexicon *l, const char *text)
{
	struct words w;

	words_fold(&w, text);
	for (size_t i = 0; i < w.n; i++) {
		uint32_t t = strtab_find(&l->tissues, word(&w, i));
		uint32_t id = strtab_find(&l->tissue_words, word(&w, i));

		if (t != STRTAB_NONE)
			return t;
		if (id != STRTAB_NONE)
			return l->speaks_of[id];
	}
	return TISSUE_NONE;
}

uint32_t lexicon_tissue_word(const struct lexicon *l, const char *w)
{
	uint32_t id = strtab_find(&l->tissue_words, w);

	return id == STRTAB_NONE ? TISSUE_NONE : l->speaks_of[id];
}

uint32_t lexicon_tissue_in(const struct lexicon *l, const struct words *w)
{
	uint32_t found = TISSUE_NONE;

	for (size_t i = 0; i < w->n; i++) {
		uint32_t tissue = lexicon_tissue_word(l, word(w, i));

		if (tissue == TISSUE_NONE || tissue == found)
			continue;
		if (found != TISSUE_NONE)
			return TISSUE_NONE;
		found = tissue;
	}
	return found;
}

/* The rule for words [first, first + n) of 'w', the tissue's own before the general one. */
static const struct lexicon_rule *find_rule(const struct lexicon *l, const struct words *w,
					    size_t first, size_t n, enum lexicon_use use,
					    uint32_t tissue)
{
	const struct lexicon_rule *found = NULL;
	/* Words that follow one another in 'w' also do so in its text, with NULs between. */
	char key[WORDS_BYTES];
	size_t at = 0;

	for (size_t i = first; i < first + n; i++) {
		size_t len = strlen(word(w, i));

		if (i > first)
			key[at++] = ' ';
		memcpy(key + at, word(w, i), len);
		at += len;
	}
	uint32_t id = strtab_find_n(&l->phrases, key, at);

	if (id == STRTAB_NONE)
		return NULL;
	for (uint32_t r = l->first[id]; r != UINT32_MAX; r = l->rules[r].next) {
		const struct lexicon_rule *rule = &l->rules[r];

		if (use == LEXICON_NAME && !rule->names_too)
			continue;
		if (rule->tissue == tissue && tissue != TISSUE_NONE)
			return rule;
		if (rule->tissue == TISSUE_NONE)
			found = rule;
	}
	return found;
}

/*
 * Does 'w' around 'first' read as the meaning already: "switched memory" in "class switched
 * memory"? Then applying it again would never end.
 */
static bool reads_so(const struct words *w, size_t first, const struct words *meaning)
{
	for (size_t before = 0; before < meaning->n && before <= first; before++) {
		bool same = first - before + meaning->n <= w->n;

		for (size_t i = 0; same && i < meaning->n; i++)
			same = str_eq(word(w, first - before + i), word(meaning, i));
		if (same)
			return true;
	}
	return false;
}

static bool apply_once(const struct lexicon *l, struct words *w, enum lexicon_use use,
		       uint32_t tissue)
{
	struct words out;
	bool changed = false;

	words_clear(&out);
	for (size_t i = 0; i < w->n;) {
		const struct lexicon_rule *rule = NULL;
		size_t n = MIN((size_t)LONGEST_PHRASE, w->n - i);

		for (; n > 0; n--) {
			rule = find_rule(l, w, i, n, use, tissue);
			if (rule && !reads_so(w, i, &rule->meaning))
				break;
			rule = NULL;
		}
		if (rule) {
			words_append(&out, &rule->meaning, 0, rule->meaning.n);
			changed = true;
			i += n;
		} else {
			words_append(&out, w, i, i + 1);
			i++;
		}
	}
	if (changed)
		*w = out;
	return changed;
}

void lexicon_apply(const struct lexicon *l, struct words *w, enum lexicon_use use, uint32_t tissue)
{
	for (int round = 0; round < ROUNDS && apply_once(l, w, use, tissue); round++)
		;
}
