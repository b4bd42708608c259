/* tree_update.h - a dataset's labels joined to a tree of labels: scHPL's way of learning one.
 *
 * Two tables are all that is needed, whoever made the calls: how the tree's cells (labelled with
 * its names) are called with the new labels, and how the new cells are called with the tree's.
 * Labels that call each other match; one that calls several splits or merges them.
 *
 *	struct call_table of_old = {...}, of_new = {...};
 *	struct tree_update u;
 *	tree_update(tree, &of_old, &of_new, 0.25, &u);
 *	for (i...)
 *		printf("%s %s\n", u.labels.s[i], u.what[i]);     // what became of each new label
 *	tree_update_release(&u);
 *
 * Calls that are rejected are "root" of the old and "root2" of the new. Columns and rows are gone
 * through in the order of their names, the roots last, whatever they are called.
 */
#ifndef MAP_TREE_TREE_UPDATE_H
#define MAP_TREE_TREE_UPDATE_H

#include "map/tree/label_tree.h"

#define TREE_REJECTED UINT32_MAX

/* Cells by what they are and what they are called; both numbers into lists of sorted names. */
struct call_table {
	struct names truths, called; /* sorted by bytes */
	double *counts;              /* truths x called */
	double *rejected;            /* per truth */
};

struct tree_update {
	struct names labels; /* the new ones, sorted */
	const char **what;   /* of each: "match", "new", "split", "merge", "missing" */
};

/* Adds the new labels to 'tree'; a step that falls by less than 'match' still counts as called. */
void tree_update(struct label_tree *tree, const struct call_table *of_old,
		 const struct call_table *of_new, double match, struct tree_update *out);
void tree_update_release(struct tree_update *u);

void call_table_release(struct call_table *t);

#endif
