/* names.h - a growing list of names that may repeat: cells, genes, features.
 *
 *	struct names genes = {0};
 *	names_add(&genes, "CD4");
 *	names_make_unique(&genes, "-");
 *	names_release(&genes);
 *
 *	struct names levels = names_of_list(o.levels);          // "lineage,type": two
 *
 * A zeroed struct is an empty list. Unlike a strtab it keeps duplicates and order. Nothing is taken
 * off the items of a list: blanks belong to them, and "a,,b" has an empty one.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/mem.h"

struct names {
	char **s; /* owned by 'arena'; stay valid until release */
	size_t n, cap;
	struct arena arena;
};

void names_add(struct names *list, const char *s);
void names_add_n(struct names *list, const char *s, size_t len);
/* Each item of "a,b,c"; "" is one empty item. */
void names_add_list(struct names *list, const char *items);
/* The same as a list of its own; NULL and "" have no items. */
struct names names_of_list(const char *items);
void names_release(struct names *list);

/* A list with copies of s[0..n). */
struct names names_of(char *const *s, size_t n);

/*
 * Make repeated names unique as anndata's make_index_unique does: the first keeps its name, the
 * others get 'join' and the next number from 1 that gives a name nobody has. Returns how many
 * were changed.
 */
size_t names_make_unique(struct names *list, const char *join);

/* The first name that stands twice in s[0..n), or NULL. */
const char *names_repeated(char *const *s, size_t n);

#endif
