/* kin.c - see kin.h. */
#include "base/util.h"

#include "onto/names/kin.h"

/* What is shared must say more than "eukaryotic cell". */
#define SHARED_MIN_DEPTH 2

/* "Stem cells (GMP)", "B cells (plasma)": the ontology has them side by side, people do not. */
static bool close_kin(const struct onto *o, uint32_t inner, uint32_t outer)
{
	uint32_t pair[2] = {inner, outer};
	uint32_t shared = onto_common(o, pair, 2);
	const struct onto_term *t = &o->terms[outer];

	if (shared == ONTO_NONE || o->terms[shared].depth < SHARED_MIN_DEPTH)
		return false;
	for (size_t p = 0; p < t->n_parents; p++)
		if (t->parents[p] == shared)
			return true;
	return false;
}

bool kin_says(const struct term_names *x, uint32_t term, const char *w)
{
	uint32_t id = strtab_find(&x->words, w);

	return id != STRTAB_NONE && x->own[term] != UINT32_MAX &&
	       name_has(&x->list[x->own[term]], id);
}

static bool is_early(const struct term_names *x, uint32_t term)
{
	return kin_says(x, term, "stem") || kin_says(x, term, "progenitor") ||
	       kin_says(x, term, "precursor");
}

/* "early T lineage precursor" has all words of "T cell". */
static bool has_name(const struct term_names *x, uint32_t inner, uint32_t outer)
{
	if (x->own[inner] == UINT32_MAX || x->own[outer] == UINT32_MAX)
		return false;
	const struct name *n = &x->list[x->own[outer]];

	for (size_t i = 0; i < n->n_words; i++)
		if (!name_has(&x->list[x->own[inner]], n->words[i]))
			return false;
	return true;
}

/* "Stem cells (MEP)": the group is of all that is not mature. */
static bool both_early(const struct term_names *x, uint32_t inner, uint32_t outer)
{
	return is_early(x, inner) && is_early(x, outer) && x->list[x->own[outer]].n_words == 1;
}

bool kin_of(const struct term_names *x, uint32_t inner, uint32_t outer)
{
	return onto_is_a(x->onto, inner, outer) || close_kin(x->onto, inner, outer) ||
	       has_name(x, inner, outer) || both_early(x, inner, outer);
}
