/* answer.c - see answer.h. */
#include "base/util.h"

#include <stdarg.h>

#include "onto/match/answer.h"

struct match *answer(struct asking *a, enum match_tier tier, uint32_t term, const char *format, ...)
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

void answer_describe(struct asking *a, struct match *f, int kind)
{
	if (!f)
		return;
	f->kind = kind;
	f->features[FEATURE_WORDS] = MIN(6, (double)a->q.raw.n);
}

const char *const answer_scopes[] = {"label",           "alias",          "exact synonym",
				     "related synonym", "narrow synonym", "broad synonym"};

static int scope_kind(enum name_scope scope)
{
	return scope == NAME_LABEL ? 0 : scope == NAME_ALIAS ? 1 : scope == NAME_EXACT ? 2 : 3;
}

bool answer_name(struct asking *a, const struct name *n, enum match_tier tier, int base,
		 const char *what)
{
	struct match *f;

	if (!n)
		return false;
	f = answer(a, tier, n->term, "%s: %s \"%.80s\"", what, answer_scopes[n->scope], n->text);
	if (f) {
		bool verbatim = strcasecmp(a->q.label, f->name) == 0;
		int kind = base + scope_kind((enum name_scope)n->scope);

		answer_describe(a, f, verbatim ? KIND_VERBATIM : kind);
		f->tier_score = tier == TIER_EXACT ? 1.0 : 0.85;
	}
	return f != NULL;
}
