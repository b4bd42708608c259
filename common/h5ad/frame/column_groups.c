/* column_groups.c - the rows of a column by their values; see column.h. */
#include "base/util.h"

#include "h5ad/frame/column.h"

/* Texts of all rows to numbers in the order they come; the sorting is done by column_group. */
static void number_rows(const struct column *c, struct strtab *names, uint32_t *ids)
{
	struct text scratch = TEXT_INIT;
	uint32_t *of_code = NULL;

	if (c->kind == COLUMN_CATEGORY) {
		MEM_ARRAY(of_code, c->n_categories);
		for (size_t i = 0; i < c->n_categories; i++)
			of_code[i] = STRTAB_NONE;
	}
	for (size_t row = 0; row < c->n; row++) {
		uint32_t *known = NULL;
		ids[row] = STRTAB_NONE;
		if (column_missing(c, row))
			continue;
		if (of_code)
			known = &of_code[c->codes[row]];
		if (known && *known != STRTAB_NONE)
			ids[row] = *known;
		else
			ids[row] = strtab_add(names, column_text(c, row, &scratch));
		if (known)
			*known = ids[row];
	}
	free(of_code);
	text_release(&scratch);
}

struct column_groups column_group(const struct column *c)
{
	struct column_groups g = {0};
	struct strtab names = {0};
	uint32_t *ids, *place;

	MEM_ARRAY(ids, c->n);
	number_rows(c, &names, ids);
	uint32_t *order = strtab_sorted(&names);
	g.n = names.n;
	MEM_ARRAY(g.names, g.n);
	MEM_ZERO(g.counts, g.n);
	MEM_ARRAY(g.codes, c->n);
	MEM_ARRAY(place, g.n);
	for (size_t i = 0; i < g.n; i++) {
		const char *s = strtab_str(&names, order[i]);
		g.names[i] = arena_str(&g.arena, s, strlen(s));
		place[order[i]] = (uint32_t)i;
	}
	for (size_t row = 0; row < c->n; row++) {
		g.codes[row] = ids[row] == STRTAB_NONE ? -1 : (int32_t)place[ids[row]];
		if (g.codes[row] < 0)
			g.n_missing++;
		else
			g.counts[g.codes[row]]++;
	}
	free(place);
	free(order);
	free(ids);
	strtab_release(&names);
	return g;
}

void column_groups_release(struct column_groups *g)
{
	free(g->codes);
	free(g->names);
	free(g->counts);
	arena_release(&g->arena);
	memset(g, 0, sizeof(*g));
}
