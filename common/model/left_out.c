/* left_out.c - see left_out.h. */
#include "base/util.h"

#include "model/left_out.h"

#define MOST_NAMED 10

struct left_out *left_out_new(size_t n)
{
	struct left_out *l = mem_zero(1, sizeof(*l));

	l->n = n;
	MEM_ZERO(l->names, n);
	MEM_ZERO(l->n_cells, n);
	return l;
}

void left_out_free(struct left_out *l)
{
	if (!l)
		return;
	free(l->names);
	free(l->n_cells);
	free(l);
}

void left_out_text(const struct left_out *l, struct text *text)
{
	size_t n = l ? l->n : 0;

	for (size_t i = 0; i < MIN(n, (size_t)MOST_NAMED); i++)
		text_add(text, "%s%s (%.0f cells)", i ? ", " : "", l->names[i], l->n_cells[i]);
	if (n > MOST_NAMED)
		text_add(text, " and %zu more", n - MOST_NAMED);
}
