/* mtl_levels.c - labels at several levels as one tree; see mtl_levels.h. */
#include "base/util.h"

#include "base/mem.h"
#include "mtl/mtl_levels.h"

/* A node by what makes it: groups of a column are numbered by their names, in byte order. */
struct pair {
	uint32_t parent;
	int32_t group;
};

static int by_place(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return x->group < y->group ? -1 : x->group > y->group;
}

bool mtl_level_index(struct mtl_level *l, size_t n_parents)
{
	size_t node = 0;

	free(l->starts);
	l->n_parents = n_parents;
	MEM_ZERO(l->starts, n_parents + 1);
	for (size_t p = 0; p < n_parents; p++) {
		l->starts[p] = node;
		while (node < l->labels.n && l->parent[node] == p)
			node++;
	}
	l->starts[n_parents] = node;
	return node == l->labels.n;
}

static size_t unique(struct pair *pairs, size_t n)
{
	size_t kept = 0;

	qsort(pairs, n, sizeof(*pairs), by_place);
	for (size_t i = 0; i < n; i++)
		if (!kept || by_place(&pairs[kept - 1], &pairs[i]))
			pairs[kept++] = pairs[i];
	return kept;
}

/* One level; 'above' is per cell its node of the level before, NULL on the first. */
static uint32_t *read_level(struct mtl_level *l, const struct column *c, const uint32_t *above,
			    size_t n_above, const char *none)
{
	struct column_groups groups = column_group(c);
	struct pair *pairs = mem_alloc(c->n + 1, sizeof(*pairs));
	uint32_t *node = mem_alloc(c->n + 1, sizeof(*node));
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		int32_t code = above && above[i] == MTL_NONE ? -1 : groups.codes[i];

		if (code >= 0 &&
		    (!groups.names[code][0] || (none && str_eq(groups.names[code], none))))
			code = -1;
		node[i] = code < 0 ? MTL_NONE : 0;
		if (code >= 0)
			pairs[n++] = (struct pair){above ? above[i] : 0, code};
	}
	n = unique(pairs, n);
	MEM_ZERO(l->parent, n + 1);
	for (size_t i = 0; i < n; i++) {
		names_add(&l->labels, groups.names[pairs[i].group]);
		l->parent[i] = pairs[i].parent;
	}
	if (!mtl_level_index(l, above ? n_above : 1))
		BUG("nodes of %s are not in order", l->name);
	for (size_t i = 0; i < c->n; i++) {
		struct pair key = {above ? above[i] : 0, groups.codes[i]};

		if (node[i] != MTL_NONE)
			node[i] = (uint32_t)((struct pair *)bsearch(&key, pairs, n, sizeof(*pairs),
								    by_place) -
					     pairs);
	}
	free(pairs);
	column_groups_release(&groups);
	return node;
}

uint32_t **mtl_levels_read(struct mtl_levels *l, const struct column *const *columns,
			   const char *const *names, size_t n, const char *none)
{
	uint32_t **node = mem_zero(n + 1, sizeof(*node));

	l->n = n;
	for (size_t k = 0; k < n; k++) {
		l->level[k].name = mem_str(names[k]);
		node[k] = read_level(&l->level[k], columns[k], k ? node[k - 1] : NULL,
				     k ? l->level[k - 1].labels.n : 0, none);
	}
	return node;
}

void mtl_levels_release(struct mtl_levels *l)
{
	for (size_t k = 0; k < l->n; k++) {
		free(l->level[k].name);
		names_release(&l->level[k].labels);
		free(l->level[k].parent);
		free(l->level[k].starts);
	}
	*l = (struct mtl_levels){0};
}
