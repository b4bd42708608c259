/* tree_predict.h - cells called down a tree of labels, by neighbours, as far as the votes carry.
 *
 * From the root down: among the nearest cells of a node's children the votes are counted; the child
 * with more than half of them is gone to, until there is none. So a cell may be called by an inner
 * node (its kind is sure, its fine type is not) or rejected at the root. A node's cells are searched
 * only for the queries that have come to it: down a flat tree every cell asks once.
 *
 *	struct tree_atlas a = {tree, points, n, dims, label_of, label_names, n_labels, 50};
 *	struct tree_calls c;
 *	if (tree_predict(&a, query, n_query, max_distance, 0.5, pool, &c, &err))
 *		die_err(&err);
 *	puts(label_tree_name(tree, c.node[cell]));          // the root: rejected
 *	tree_calls_release(&c);
 *
 * As scHPL: neighbours of a node are at most as many as its smallest child has cells; they vote by
 * the inverse of their distance; cells that bear an inner node's own name count for it from above,
 * and take part below it only when it has one child.
 */
#ifndef MAP_TREE_TREE_PREDICT_H
#define MAP_TREE_TREE_PREDICT_H

#include "base/pool.h"
#include "map/tree/label_tree.h"

struct tree_atlas {
	const struct label_tree *tree;
	const double *points;
	size_t n, dims;
	const int32_t *label_of; /* per point, -1: none */
	char *const *labels;
	size_t n_labels, k;
};

struct tree_calls {
	size_t n;
	size_t *node;     /* the last one gone to */
	double *score;    /* its share of the votes; 0 at the root */
	double *distance; /* mean to the root's neighbours */
	bool *far;        /* over the largest distance: rejected for that */
};

/* Every label is in the tree, and every leaf has cells; else an error names one. */
int tree_check(const struct tree_atlas *a, struct err *err) MUST_USE;

/* 'max_distance' may be infinite. -1 on failure. */
int tree_predict(const struct tree_atlas *a, const double *query, size_t n_query,
		 double max_distance, double threshold, struct pool *pool, struct tree_calls *calls,
		 struct err *err) MUST_USE;
void tree_calls_release(struct tree_calls *c);

/* Of the atlas's own cells the 99th percentile of the mean distance to their root neighbours. */
int tree_max_distance(const struct tree_atlas *a, struct pool *pool, double *most,
		      struct err *err) MUST_USE;

#endif
