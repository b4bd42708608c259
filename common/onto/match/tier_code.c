/* tier_code.c - see tier_code.h. */
#include "base/util.h"

#include <ctype.h>

#include "base/text.h"
#include "onto/match/drop_words.h"
#include "onto/match/overlap.h"
#include "onto/match/tier_code.h"
#include "onto/names/kin.h"

#define MOST_SEGMENTS 8

struct code {
	char text[256]; /* the segments, each NUL-terminated */
	const char *segments[MOST_SEGMENTS];
	size_t n;
};

/* What a code's first segment stands for, where the letters alone mean something else. */
static const char *const lineages[][2] = {
	{"SC", "stem cell"},  {"GN", "neutrophil"}, {"EO", "eosinophil"}, {"BA", "basophil"},
	{"EP", "epithelial"}, {"FI", "fibroblast"}, {"MF", "macrophage"}, {"MO", "monocyte"},
	{"MC", "mast cell"},  {"ST", "stromal"},    {"PROB", "pro-B"},    {"PREB", "pre-B"},
	{"PRET", "T cell"},
};

/* Organs, last in a code: no type follows from them. */
static const char *const organs[] = {"SP", "TH",  "BM", "LN", "MLN", "SLN", "PLN",
				     "BL", "LV",  "LU", "SI", "LI",  "PC",  "SK",
				     "AD", "CNS", "KD", "FL", "SLV", "AR",  "IEL"};

/* How many segments come before the organ. */
static size_t before_organ(const struct code *c)
{
	for (size_t i = 0; c->n > 1 && i < ARRAY_LEN(organs); i++)
		if (strcasecmp(c->segments[c->n - 1], organs[i]) == 0)
			return c->n - 1;
	return c->n;
}

/* False when it is no code: no dot between two letters or digits, or blanks. */
static bool code_split(struct code *c, const char *label)
{
	size_t len = strcspn(label, ")]");
	bool dotted = false;

	if (len == 0 || len >= sizeof(c->text) || strcspn(label, " \t_,:;|&") < len)
		return false;
	memcpy(c->text, label, len);
	c->text[len] = '\0';
	for (size_t i = 1; i + 1 < len; i++)
		dotted |= c->text[i] == '.' && isalpha((unsigned char)c->text[0]);
	if (!dotted)
		return false;
	char *rest = c->text;

	c->n = 0;
	for (char *s; c->n < MOST_SEGMENTS && (s = strsep(&rest, "."));)
		if (*s)
			c->segments[c->n++] = s;
	return c->n > 1;
}

/* Segments [first, last) with dots between them, as they were. */
static void code_join(const struct code *c, size_t first, size_t last, char *out, size_t room)
{
	size_t at = 0;

	*out = '\0';
	for (size_t i = first; i < last && at < room; i++)
		at += (size_t)snprintf(out + at, room - at, "%s%s", i > first ? "." : "",
				       c->segments[i]);
}

/* ---- spelling ------------------------------------------------------------------------------ */

/* "103+", "11b-": the length of a marker without its "CD" at 's' that some name has, or 0. */
static size_t marker_length(const struct asked *q, const char *s)
{
	char w[16];
	size_t n = strspn(s, "0123456789");
	int at;

	if (n == 0 || n > 3)
		return 0;
	n += s[n] && strchr("abcABC", s[n]) && s[n + 1] && strchr("+-", s[n + 1]);
	if (s[n] != '+' && s[n] != '-')
		return 0;
	at = snprintf(w, sizeof(w), "cd%.*s", (int)n, s);
	for (int i = 0; i < at; i++)
		w[i] = (char)tolower((unsigned char)w[i]);
	w[at] = '+';
	w[at + 1] = '\0';
	if (reduce_known(q, w))
		return n + 1;
	w[at] = '-';
	return reduce_known(q, w) ? n + 1 : 0;
}

static bool is_t_lineage(const char *s)
{
	return strcasecmp(s, "T") == 0 || strcasecmp(s, "NKT") == 0;
}

/* One segment, its markers apart. 'coreceptor': "4" and "8" may lead it. */
static void spell_segment(const struct asked *q, const char *s, bool coreceptor, struct text *out)
{
	bool boundary = true;

	text_add(out, " ");
	if (coreceptor && (*s == '4' || *s == '8') && (!s[1] || isalpha((unsigned char)s[1]))) {
		text_add(out, "CD%c+ ", *s);
		s++;
	}
	while (*s) {
		size_t n = boundary ? marker_length(q, s) : 0;

		if (n) {
			text_add(out, " CD%.*s ", (int)n, s);
			s += n;
			continue;
		}
		boundary = *s == '+' || *s == '-';
		text_add(out, "%c", *s++);
	}
}

/* The same as words: the lineage in full, markers with their "CD" where a name has such a word. */
static void code_spell(const struct asked *q, const struct code *c, size_t first, size_t last,
		       char *out, size_t room)
{
	struct text t = TEXT_INIT;

	for (size_t i = first; i < last; i++) {
		const char *full = NULL;

		for (size_t l = 0; i == 0 && l < ARRAY_LEN(lineages); l++)
			if (strcasecmp(c->segments[0], lineages[l][0]) == 0)
				full = lineages[l][1];
		if (full || i == 0)
			text_add(&t, "%s", full ? full : c->segments[0]);
		else
			spell_segment(q, c->segments[i], is_t_lineage(c->segments[0]), &t);
	}
	snprintf(out, room, "%s", t.s ? t.s : "");
	text_release(&t);
}

/* ---- finding ------------------------------------------------------------------------------- */

/* The name of all words, in order or as a set. */
static const struct name *find_all(const struct asked *q, const char *text)
{
	struct words w;
	const struct name *n;

	words_fold(&w, text);
	if ((n = find_words(q, BY_ORDER, &w)))
		return n;
	names_words(q->names, text, LEXICON_LABEL, q->tissue, &w);
	return find_words(q, BY_SET, &w);
}

/* The name of segments [first, last), as they are or spelt. The lineage alone is always spelt. */
static const struct name *find_window(const struct asked *q, const struct code *c, size_t first,
				      size_t last)
{
	char text[WORDS_BYTES];
	const struct name *n = NULL;

	code_join(c, first, last, text, sizeof(text));
	if (first > 0 || last > 1)
		n = find_all(q, text);
	if (n)
		return n;
	code_spell(q, c, first, last, text, sizeof(text));
	return find_all(q, text);
}

/* The kind of the lineage that most of the spelt code speaks of, when the code says all its words.
 */
static const struct name *find_spelt(const struct asked *q, const struct code *c, uint32_t of)
{
	char text[WORDS_BYTES];
	struct asked spelt = *q;
	double label_side, name_side;
	const struct name *n;

	code_spell(q, c, 0, before_organ(c), text, sizeof(text));
	spelt.label = text;
	words_fold(&spelt.raw, text);
	names_words(q->names, text, LEXICON_LABEL, q->tissue, &spelt.words);
	if (!(n = overlap_under(&spelt, of)))
		return NULL;
	overlap_cover(&spelt, n, &label_side, &name_side);
	return name_side > 0.999 ? n : NULL;
}

const struct name *code_find(const struct asked *q, const char *label, uint32_t outer)
{
	struct code c;
	const struct name *n;

	if (!code_split(&c, label))
		return NULL;
	const struct name *lineage = find_window(q, &c, 0, 1);
	uint32_t of = outer != ONTO_NONE ? outer : lineage ? lineage->term : ONTO_NONE;

	if (of == ONTO_NONE)
		return NULL;
	for (size_t first = 0; first < 2; first++)
		for (size_t last = first ? before_organ(&c) : c.n; last > 1; last--)
			if ((n = find_window(q, &c, first, last)) && kin_of(q->names, n->term, of))
				return n;
	if ((n = find_spelt(q, &c, of)))
		return n;
	return outer == ONTO_NONE ? lineage : NULL;
}
