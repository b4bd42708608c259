/* onto_build.c - see onto_build.h. */
#include "base/util.h"

#include "onto/onto_build.h"

struct onto_strings build_list(struct onto *o, char *const *items, size_t n)
{
	struct onto_strings s = {0};

	if (n == 0)
		return s;
	s.items = arena_alloc(&o->arena, mem_product(n, sizeof(*s.items)));
	s.n = n;
	for (size_t i = 0; i < n; i++)
		s.items[i] = arena_str(&o->arena, items[i], strlen(items[i]));
	return s;
}

struct onto_strings build_split(struct onto *o, char *field)
{
	struct onto_strings s;
	char **items = NULL;
	size_t n = 0, cap = 0;

	for (char *part; (part = strsep(&field, "|"));) {
		if (!*part)
			continue;
		MEM_GROW(items, n + 1, cap);
		items[n++] = part;
	}
	s = build_list(o, items, n);
	free(items);
	return s;
}

struct onto_term *build_term(struct builder *b, const char *id, const char *label, size_t line,
			     struct err *err)
{
	struct onto *o = b->o;
	uint32_t number = strtab_add(&o->ids, id);

	if (number < o->n_terms)
		return err_null(err, "%s: line %zu: %s is there already, from line %zu", b->path,
				line, id, b->lines[number]);
	MEM_GROW(o->terms, o->n_terms + 1, b->cap);
	MEM_GROW(b->lines, o->n_terms + 1, b->cap_lines);
	b->lines[o->n_terms] = line;
	struct onto_term *t = &o->terms[o->n_terms++];

	memset(t, 0, sizeof(*t));
	t->id = strtab_str(&o->ids, number);
	t->label = arena_str(&o->arena, label, strlen(label));
	return t;
}
