/* names.c - see names.h. */
#include "base/util.h"

#include "base/names.h"
#include "base/strtab.h"
#include "base/text.h"

void names_add_n(struct names *list, const char *s, size_t len)
{
	MEM_GROW(list->s, list->n + 1, list->cap);
	list->s[list->n++] = arena_str(&list->arena, s, len);
}

void names_add(struct names *list, const char *s)
{
	names_add_n(list, s, strlen(s));
}

void names_add_list(struct names *list, const char *items)
{
	for (;; items++) {
		size_t len = strcspn(items, ",");
		names_add_n(list, items, len);
		items += len;
		if (!*items)
			return;
	}
}

struct names names_of_list(const char *items)
{
	struct names list = {0};

	if (items && *items)
		names_add_list(&list, items);
	return list;
}

void names_release(struct names *list)
{
	free(list->s);
	arena_release(&list->arena);
	*list = (struct names){0};
}

struct names names_of(char *const *s, size_t n)
{
	struct names list = {0};

	for (size_t i = 0; i < n; i++)
		names_add(&list, s[i]);
	return list;
}

/* Which entries repeat an earlier one; every distinct name ends up in 'taken'. */
static bool *mark_copies(const struct names *list, struct strtab *taken)
{
	bool *is_copy;

	MEM_ZERO(is_copy, list->n + 1);
	for (size_t i = 0; i < list->n; i++) {
		size_t before = taken->n;
		is_copy[i] = strtab_add(taken, list->s[i]) < before;
	}
	return is_copy;
}

size_t names_make_unique(struct names *list, const char *join)
{
	struct strtab taken = {0};
	bool *is_copy = mark_copies(list, &taken);
	size_t n_distinct = taken.n, n_changed = 0;
	struct text name = TEXT_INIT;
	uint32_t *last; /* per distinct name, the number its latest copy got */

	MEM_ZERO(last, n_distinct + 1);
	for (size_t i = 0; i < list->n; i++) {
		if (!is_copy[i])
			continue;
		uint32_t id = strtab_find(&taken, list->s[i]);
		size_t before = taken.n;
		do {
			text_clear(&name);
			text_add(&name, "%s%s%u", list->s[i], join, ++last[id]);
		} while (strtab_add(&taken, name.s) < before);
		list->s[i] = arena_str(&list->arena, name.s, name.len);
		n_changed++;
	}
	free(last);
	free(is_copy);
	text_release(&name);
	strtab_release(&taken);
	return n_changed;
}

const char *names_repeated(char *const *s, size_t n)
{
	struct strtab seen = {0};
	const char *repeated = NULL;

	for (size_t i = 0; i < n && !repeated; i++)
		if (strtab_add(&seen, s[i]) != i)
			repeated = s[i];
	strtab_release(&seen);
	return repeated;
}
