/* unseen.c - see unseen.h. */
#include "base/util.h"

#include "calls/unseen.h"

bool *unseen_known(const struct calls_table *calls, struct pool *pool, struct strtab *names,
		   struct err *err)
{
	static const char *const columns[] = {"label", "label_original", "second"};
	uint32_t *numbers = mem_alloc(calls->n, sizeof(*numbers));
	bool *called = NULL;
	size_t cap = 0;
	int ret = 0;

	for (size_t i = 0; i < ARRAY_LEN(columns) && !ret; i++) {
		if (table_column(calls->table, columns[i]) == SIZE_MAX)
			continue;
		ret = calls_table_number(calls, columns[i], pool, names, numbers, err);
		for (size_t cell = 0; cell < calls->n && !ret; cell++) {
			size_t had = cap;

			MEM_GROW(called, (size_t)numbers[cell] + 1, cap);
			memset(called + had, 0, cap - had);
			called[numbers[cell]] = true;
		}
	}
	called = mem_resize(called, MAX(names->n, cap) + 1, sizeof(*called));
	memset(called + cap, 0, MAX(names->n, cap) + 1 - cap);
	free(numbers);
	if (!ret)
		return called;
	free(called);
	return NULL;
}

static bool is_unseen(const struct unseen *u, uint32_t truth)
{
	if (u->known[truth])
		return false;
	for (uint32_t name = 0; u->terms && name < u->n_names; name++)
		if (u->known[name] && u->terms[name] != ONTO_NONE && u->terms[truth] != ONTO_NONE &&
		    (onto_is_a(u->onto, u->terms[truth], u->terms[name]) ||
		     onto_is_a(u->onto, u->terms[name], u->terms[truth])))
			return false;
	return true;
}

struct novelty_scores unseen_scores(const struct unseen *u)
{
	bool *of_name = mem_zero(u->n_names, sizeof(*of_name));
	bool *unseen = mem_zero(u->n_cells, sizeof(*unseen));
	struct novelty_scores scores;

	for (uint32_t name = 0; name < u->n_names; name++)
		of_name[name] = is_unseen(u, name);
	for (size_t cell = 0; cell < u->n_cells; cell++)
		unseen[cell] = of_name[u->truth[cell]];
	scores = novelty_scores_of(u->novelty, unseen, u->n_cells);
	free(of_name);
	free(unseen);
	return scores;
}
