/* mtl_levels.h - labels at several levels, coarse to fine, as one tree.
 *
 * Columns of obs, coarse first, give every cell a path: "immune", "T cell", "CD8 T". A node is a
 * path's beginning, so that a label under two parents is two nodes. Nodes of a level stand by
 * parent and then by label in byte order: the children of a node are neighbours.
 *
 *	struct mtl_levels levels = {0};
 *	uint32_t **node = mtl_levels_read(&levels, columns, names, 3, "unknown");
 *	node[2][cell];                       // a node of the third level, or MTL_NONE
 *	mtl_levels_release(&levels);
 *
 * A level where a cell has no label ends its path: what stands further on is not looked at.
 */
#ifndef MTL_MTL_LEVELS_H
#define MTL_MTL_LEVELS_H

#include "base/names.h"
#include "h5ad/frame/column.h"

enum { MTL_LEVELS = 16 }; /* at most */
#define MTL_NONE UINT32_MAX

struct mtl_level {
	char *name;          /* of the column */
	struct names labels; /* of its nodes */
	uint32_t *parent;    /* per node, of the level above; 0 on the first */
	size_t *starts;      /* per parent: its first child here; one more at the end */
	size_t n_parents;
};

struct mtl_levels {
	size_t n;
	struct mtl_level level[MTL_LEVELS];
};

/*
 * The tree of some columns and, per level, the node of every cell. 'none': the word for no label
 * (it may be NULL); missing and empty values are none too. The caller frees node[0 .. n) and node.
 */
uint32_t **mtl_levels_read(struct mtl_levels *l, const struct column *const *columns,
			   const char *const *names, size_t n, const char *none);

/* From parents alone, as a file has them: false when they do not rise or do not exist. */
bool mtl_level_index(struct mtl_level *l, size_t n_parents) MUST_USE;

void mtl_levels_release(struct mtl_levels *l);

#endif
