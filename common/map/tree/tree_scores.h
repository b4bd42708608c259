/* tree_scores.h - how right calls down a tree of labels are: the hierarchical F1.
 *
 * A call that stops above the truth is partly right, one in another branch is wrong: of each cell
 * the nodes from below the root down to the truth are compared with those down to the call. A call
 * below the truth counts as the truth.
 *
 *	struct tree_scores s = {0};
 *	for (each pair of labels)
 *		tree_scores_add(&s, tree, label_tree_find(tree, truth), called, n_cells);
 *	use(tree_precision(&s), tree_recall(&s), tree_f1(&s));
 *
 * A rejected cell is called the root: it has said nothing, which is no error of precision.
 */
#ifndef MAP_TREE_TREE_SCORES_H
#define MAP_TREE_TREE_SCORES_H

#include "calls/evaluation.h"
#include "map/tree/label_tree.h"

struct tree_scores {
	double truths, calls, common; /* nodes, over all cells */
};

/* 'truth' and 'called' are nodes; 'n' cells are so. */
void tree_scores_add(struct tree_scores *s, const struct label_tree *tree, size_t truth,
		     size_t called, double n);

/*
 * All calls of an evaluation, down the tree in the file 'newick'. 'names' are its labels; 'unknown'
 * is the root. An error names a label that the tree does not have.
 */
int tree_scores_of(struct tree_scores *s, const char *newick, const struct evaluation *e,
		   const struct strtab *names, const char *unknown, struct err *err) MUST_USE;

/* NaN where nothing was called, or there is no truth below the root. */
double tree_precision(const struct tree_scores *s);
double tree_recall(const struct tree_scores *s);
double tree_f1(const struct tree_scores *s);

#endif
