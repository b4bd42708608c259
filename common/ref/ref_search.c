/* ref_search.c - see ref_search.h. */
#include "base/util.h"

#include <ctype.h>
#include <strings.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/text.h"
#include "ref/ref_search.h"

#define STEPS_LIMIT 1000000

struct pattern {
	enum search_field field;
	pcre2_code *code;
};

struct ref_question { /* a preset */
	const struct preset *preset;
	pcre2_code *condition, *tissue; /* or NULL */
};

struct search {
	struct pattern *patterns;
	size_t n_patterns, cap_patterns;
	struct ref_question *questions;
	size_t n_questions, cap_questions;
	size_t min_cells;
	pcre2_match_context *limits;
};

struct search *search_new(void)
{
	struct search *s = mem_zero(1, sizeof(*s));

	s->limits = pcre2_match_context_create(NULL);
	if (!s->limits)
		BUG("PCRE2 does not start");
	pcre2_set_match_limit(s->limits, STEPS_LIMIT);
	return s;
}

void search_free(struct search *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_patterns; i++)
		pcre2_code_free(s->patterns[i].code);
	for (size_t i = 0; i < s->n_questions; i++) {
		pcre2_code_free(s->questions[i].condition);
		pcre2_code_free(s->questions[i].tissue);
	}
	pcre2_match_context_free(s->limits);
	free(s->patterns);
	free(s->questions);
	free(s);
}

static int compile(pcre2_code **code, const char *pattern, struct err *err)
{
	PCRE2_SIZE offset;
	PCRE2_UCHAR why[200];
	int number;

	*code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
			      PCRE2_CASELESS | PCRE2_UTF, &number, &offset, NULL);
	if (*code)
		return 0;
	pcre2_get_error_message(number, why, sizeof(why));
	return err_set(err, "\"%s\" is no regular expression: at %zu: %s", pattern, (size_t)offset,
		       (const char *)why);
}

/* What people say for what the files have. */
static const char *latin(const char *organism)
{
	static const char *const names[][2] = {{"human", "human|homo sapiens"},
					       {"mouse", "mouse|mus musculus"}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcasecmp(names[i][0], organism) == 0)
			return names[i][1];
	return organism;
}

int search_add(struct search *s, enum search_field field, const char *pattern, struct err *err)
{
	struct pattern p = {.field = field};

	if (compile(&p.code, field == SEARCH_ORGANISM ? latin(pattern) : pattern, err))
		return -1;
	MEM_GROW(s->patterns, s->n_patterns + 1, s->cap_patterns);
	s->patterns[s->n_patterns++] = p;
	return 0;
}

void search_min_cells(struct search *s, size_t min_cells)
{
	s->min_cells = min_cells;
}

int search_preset(struct search *s, const struct preset *p, struct err *err)
{
	struct ref_question q = {.preset = p};

	if ((p->condition_pattern && compile(&q.condition, p->condition_pattern, err)) ||
	    (p->tissue_pattern && compile(&q.tissue, p->tissue_pattern, err))) {
		pcre2_code_free(q.condition);
		return err_prefix(err, "preset %s", p->name);
	}
	MEM_GROW(s->questions, s->n_questions + 1, s->cap_questions);
	s->questions[s->n_questions++] = q;
	return 0;
}

/* ---- matching ---- */

static bool found(const struct search *s, const pcre2_code *code, const char *text)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int got = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, data, s->limits);

	pcre2_match_data_free(data);
	return got >= 0;
}

static bool pattern_matches(const struct search *s, const struct pattern *p,
			    const struct ref_entry *r)
{
	switch (p->field) {
	case SEARCH_TYPE:
		return true;
	case SEARCH_CONDITION:
		return found(s, p->code, r->condition);
	case SEARCH_TISSUE:
		return found(s, p->code, r->tissue);
	case SEARCH_ORGANISM:
		return found(s, p->code, r->organism);
	default:
		return found(s, p->code, r->id) || found(s, p->code, r->title) ||
		       found(s, p->code, r->tissue) || found(s, p->code, r->condition) ||
		       found(s, p->code, r->organism);
	}
}

static bool question_matches(const struct search *s, const struct ref_question *q,
			     const struct ref_entry *r)
{
	const struct preset *p = q->preset;

	return r->cells >= p->min_cells &&
	       (!p->condition || strcasecmp(p->condition, r->condition) == 0) &&
	       (!p->tissue || strcasecmp(p->tissue, r->tissue) == 0) &&
	       (!q->condition || found(s, q->condition, r->condition)) &&
	       (!q->tissue || found(s, q->tissue, r->tissue));
}

bool search_matches(const struct search *s, const struct ref_entry *r)
{
	bool any = s->n_questions == 0;

	if (r->cells < s->min_cells)
		return false;
	for (size_t i = 0; i < s->n_patterns; i++)
		if (!pattern_matches(s, &s->patterns[i], r))
			return false;
	for (size_t i = 0; i < s->n_questions && !any; i++)
		any = question_matches(s, &s->questions[i], r);
	return any;
}

bool search_matches_type(const struct search *s, const char *type)
{
	bool asked = false;

	for (size_t i = 0; i < s->n_patterns; i++) {
		if (s->patterns[i].field != SEARCH_TYPE)
			continue;
		asked = true;
		if (found(s, s->patterns[i].code, type))
			return true;
	}
	return !asked;
}

bool search_words(const char *words, const char *title)
{
	char *copy = mem_str(words), *rest = copy, *word;
	bool all = true;

	while (all && (word = strsep(&rest, " ,-")))
		all = !*word || strcasestr(title, word);
	free(copy);
	return all;
}
