/* tier_combination.c - see tier_combination.h. */
#include "base/util.h"

#include "onto/match/tier_combination.h"

/* What the parts of a combination share must say more than "cell". */
#define COMMON_MIN_DEPTH 2

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

bool combine_answer(struct asking *a)
{
	const struct name *names[6];
	char copy[WORDS_BYTES];
	char *parts[6];
	uint32_t terms[6];
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
		const struct name *name = find_name(&a->q, parts[i]).name;

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

	answer_describe(a, f, KIND_COMMON);
	if (f)
		f->tier_score = 0.7;
	return f != NULL;
}
