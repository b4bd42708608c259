/* comma_list.h - "a,b,c" as three words.
 *
 *	struct comma_list l = comma_list_of(o.levels);
 *	for (size_t i = 0; i < l.n; i++)
 *		puts(l.items[i]);
 *	comma_list_release(&l);
 *
 * Nothing is taken off: blanks belong to the words, and "a,,b" has an empty one. NULL and "" have
 * none. The words belong to the list.
 */
#ifndef BASE_COMMA_LIST_H
#define BASE_COMMA_LIST_H

#include "base/mem.h"

struct comma_list {
	const char **items;
	size_t n;
	char *copy; /* what they point into */
};

struct comma_list comma_list_of(const char *words);
void comma_list_release(struct comma_list *l);

#endif
