/* tree_scores.c - see tree_scores.h. */
#include "base/util.h"

#include <math.h>

#include "map/tree/tree_scores.h"

void tree_scores_add(struct tree_scores *s, const struct label_tree *tree, size_t truth,
		     size_t called, double n)
{
	if (label_tree_is_under(tree, called, truth))
		called = truth;
	s->truths += n * (double)label_tree_depth(tree, truth);
	s->calls += n * (double)label_tree_depth(tree, called);
	for (size_t node = called; tree->nodes[node].parent != TREE_NONE;
	     node = tree->nodes[node].parent)
		s->common += label_tree_is_under(tree, truth, node) ? n : 0;
}

/* The node of a label; TREE_NONE with an error for one that has none. */
static size_t node_of(const struct label_tree *tree, const char *label, const char *unknown,
		      const char *newick, struct err *err)
{
	size_t node = str_eq(label, unknown) ? 0 : label_tree_find(tree, label);

	if (node == TREE_NONE)
		err_set(err, "%s: label '%s' is not in the tree", newick, label);
	return node;
}

int tree_scores_of(struct tree_scores *s, const char *newick, const struct evaluation *e,
		   const struct strtab *names, const char *unknown, struct err *err)
{
	struct label_tree *tree = label_tree_read_file(newick, err);
	int ret = tree ? 0 : -1;

	*s = (struct tree_scores){0};
	for (size_t i = 0; i < e->n_confusion && !ret; i++) {
		const struct confusion_cell *c = &e->confusion[i];
		size_t truth = node_of(tree, strtab_str(names, c->truth), unknown, newick, err);
		size_t called = truth == TREE_NONE ? TREE_NONE
						   : node_of(tree, strtab_str(names, c->predicted),
							     unknown, newick, err);

		if (called == TREE_NONE)
			ret = -1;
		else
			tree_scores_add(s, tree, truth, called, (double)c->n);
	}
	label_tree_free(tree);
	return ret;
}

double tree_precision(const struct tree_scores *s)
{
	return s->common / s->calls;
}

double tree_recall(const struct tree_scores *s)
{
	return s->common / s->truths;
}

double tree_f1(const struct tree_scores *s)
{
	return 2 * s->common / (s->calls + s->truths);
}
