/* onto.c - see onto.h. */
#include "base/util.h"

#include "onto/onto.h"

void onto_free(struct onto *o)
{
	if (!o)
		return;
	free(o->terms);
	free(o->version);
	free(o->of_id);
	strtab_release(&o->ids);
	arena_release(&o->arena);
	free(o);
}

/* ---- asking -------------------------------------------------------------------------------- */

uint32_t onto_find(const struct onto *o, const char *id)
{
	uint32_t number = strtab_find(&o->ids, id);

	return number == STRTAB_NONE ? ONTO_NONE : o->of_id[number];
}

uint32_t onto_current(const struct onto *o, uint32_t term)
{
	for (size_t steps = 0; steps <= o->n_terms; steps++) {
		const struct onto_term *t = &o->terms[term];

		if (!t->obsolete)
			return term;
		if (t->replaced_by.n == 0)
			return ONTO_NONE;
		term = onto_find(o, t->replaced_by.items[0]);
		if (term == ONTO_NONE)
			return ONTO_NONE;
	}
	return ONTO_NONE; /* replacements in a circle */
}
