/* comma_list.c - see comma_list.h. */
#include "base/util.h"

#include "base/comma_list.h"

struct comma_list comma_list_of(const char *words)
{
	struct comma_list l = {.n = 0};
	size_t most = 1;
	char *rest, *word;

	if (!words || !*words)
		return l;
	l.copy = rest = mem_str(words);
	for (const char *at = words; *at; at++)
		most += *at == ',';
	MEM_ARRAY(l.items, most);
	while ((word = strsep(&rest, ",")))
		l.items[l.n++] = word;
	return l;
}

void comma_list_release(struct comma_list *l)
{
	free(l->items);
	free(l->copy);
	*l = (struct comma_list){.n = 0};
}
