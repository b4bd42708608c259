/* label_tree.h - labels as a tree, from the vaguest to the finest, and its Newick text.
 *
 * A node has one or more names: labels of several datasets that mean the same; the first is what
 * it is called. The root stands for everything, also for what is rejected.
 *
 *	struct label_tree *t = label_tree_read("((CD4,CD8)T,B)root;", &err);
 *	size_t node = label_tree_find(t, "CD4");
 *	size_t up = t->nodes[node].parent;              // T
 *	puts(label_tree_text(t, &text));
 *	label_tree_free(t);
 *
 * In Newick a node's further names follow its first with '=': (A=B,C)root. Names with any of
 * "()[],:;='" or blanks are quoted by ', a quote in them doubled. Branch lengths are read over.
 */
#ifndef MAP_TREE_LABEL_TREE_H
#define MAP_TREE_LABEL_TREE_H

#include "base/names.h"
#include "base/text.h"

#define TREE_NONE SIZE_MAX

struct tree_node {
	size_t parent; /* TREE_NONE for the root */
	struct names names;
	size_t *children; /* in order */
	size_t n_children, cap_children;
};

struct label_tree {
	struct tree_node *nodes; /* node 0 is the root; others in any order */
	size_t n, cap;
};

/* A tree of a root alone. */
struct label_tree *label_tree_new(const char *root);
void label_tree_free(struct label_tree *t); /* NULL is fine */

/* Checked: every node is named, no name stands twice. At most 10,000 nodes, 1,000 deep. */
struct label_tree *label_tree_read(const char *newick, struct err *err) MUST_USE;
struct label_tree *label_tree_read_file(const char *path, struct err *err) MUST_USE;

/* Borrowed from 'scratch'. */
const char *label_tree_text(const struct label_tree *t, struct text *scratch);

/* A new last child. Returns its number. */
size_t label_tree_add(struct label_tree *t, size_t parent, const char *name);

/* Give a node and what is below it a new parent, as its last child. */
void label_tree_move(struct label_tree *t, size_t node, size_t parent);

/* The node with that name among its names, or TREE_NONE. */
size_t label_tree_find(const struct label_tree *t, const char *name);

/* Is 'above' the node itself or an ancestor? */
bool label_tree_is_under(const struct label_tree *t, size_t node, size_t above);

/* Edges from the root. */
size_t label_tree_depth(const struct label_tree *t, size_t node);

static inline const char *label_tree_name(const struct label_tree *t, size_t node)
{
	return t->nodes[node].names.s[0];
}

/* Nodes from the root down, children in order, a node before what is below it. 'order' holds n. */
void label_tree_preorder(const struct label_tree *t, size_t *order);

#endif
