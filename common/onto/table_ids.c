/* table_ids.c - see table_ids.h. */
#include "base/util.h"

#include "onto/table_ids.h"

uint32_t table_ids_find(struct table_ids *t, const char *id, size_t line)
{
	uint32_t term = onto_find(t->onto, id);

	if (term != ONTO_NONE)
		term = onto_current(t->onto, term);
	if (term == ONTO_NONE)
		text_add(&t->unknown, "%s%s (line %zu)", t->unknown.len ? ", " : "", id, line);
	return term;
}

int table_ids_end(struct table_ids *t, const char *path, int got, struct err *err)
{
	if (got == 0 && t->unknown.len)
		got = err_set(err, "%s: not in the ontology, or obsolete: %s", path, t->unknown.s);
	text_release(&t->unknown);
	return got;
}
