/* transfer_tree.c - calls down a tree of labels, and why they stop; see transfer.h. */
#include "base/util.h"

#include <math.h>

#include "map/transfer.h"
#include "map/tree/reconstruction.h"

/* "T cell/CD4": the way from below the root. */
static char *path_to(const struct label_tree *tree, size_t node)
{
	struct text text = TEXT_INIT;
	size_t depth = label_tree_depth(tree, node);

	for (size_t level = depth; level-- > 0;) {
		size_t at = node;

		for (size_t up = 0; up < level; up++)
			at = tree->nodes[at].parent;
		text_add(&text, "%s%s", text.len ? "/" : "", label_tree_name(tree, at));
	}
	return text_take(&text);
}

static const char *reason_of(const struct tree_calls *calls, const struct label_tree *tree,
			     size_t i, bool unlike)
{
	size_t node = calls->node[i];

	return unlike                         ? "unlike"
	       : calls->far[i]                ? "far"
	       : !node                        ? "rejected"
	       : tree->nodes[node].n_children ? "partial"
					      : "";
}

/* 'most' is the largest error of reconstruction that is borne. */
static void take_calls(struct transfer *t, const struct label_tree *tree,
		       const struct tree_calls *calls, double most)
{
	MEM_ARRAY(t->called, t->n + 1);
	MEM_ARRAY(t->path, t->n + 1);
	MEM_ARRAY(t->reason, t->n + 1);
	MEM_ARRAY(t->knn_distance, t->n + 1);
	for (size_t i = 0; i < t->n; i++) {
		bool unlike = t->reconstruction && t->reconstruction[i] > most;
		size_t node = unlike ? 0 : calls->node[i];

		t->votes[i] = (struct vote){.label = VOTE_NONE, .second = VOTE_NONE};
		t->votes[i].share = unlike ? 0 : calls->score[i];
		for (uint32_t l = 0; l < t->labels->n && node; l++)
			if (label_tree_find(tree, t->labels->names[l]) == node)
				t->votes[i].label = l;
		t->called[i] = node ? label_tree_name(tree, node) : TRANSFER_UNKNOWN;
		t->path[i] = path_to(tree, node);
		t->knn_distance[i] = calls->distance[i];
		t->reason[i] = reason_of(calls, tree, i, unlike);
	}
}

/* Errors of the query's cells, and the threshold. */
static int reconstruct(struct transfer *t, const struct tree_atlas *a, const double *query,
		       struct tree_road *road, struct pool *pool, struct err *err)
{
	struct reconstruction r;

	if (reconstruction_learn(&r, a->points, a->n, a->dims, NULL, road->percent, pool, err))
		return -1;
	MEM_ARRAY(t->reconstruction, t->n + 1);
	reconstruction_errors(&r, query, t->n, pool, t->reconstruction);
	road->threshold = r.threshold;
	reconstruction_release(&r);
	return 0;
}

static struct label_tree *own_tree(struct tree_road *road, const struct atlas *a, bool cosine,
				   struct err *err)
{
	const struct reference *ref = a->ref;
	const char *column = a->labels[0].column;

	if (!ref || !ref->tree || !str_eq(ref->tree_column, column)) {
		err_refuse(err,
			   "the reference has no tree of %s (ref-build --tree, or --tree FILE)",
			   column);
		return NULL;
	}
	if (reference_is_measured(ref, road->k, cosine))
		road->max_distance = ref->tree_max_distance;
	return label_tree_read(ref->tree, err);
}

struct label_tree *tree_road_read(struct tree_road *road, const struct atlas *a, const char *path,
				  bool cosine, struct err *err)
{
	struct label_tree *tree;

	road->max_distance = NAN;
	tree = str_eq(path, "ref") ? own_tree(road, a, cosine, err)
				   : label_tree_read_file(path, err);
	road->tree = tree;
	return tree;
}

int transfer_by_tree(struct transfer *t, const struct atlas *atlas, const double *query,
		     struct tree_road *road, struct pool *pool, struct err *err)
{
	const struct atlas_labels *l = t->labels;
	struct tree_atlas a = {road->tree,  atlas->points, atlas->n, atlas->dims,
			       l->of_point, l->names,      l->n,     road->k};
	struct tree_calls calls;
	int ret;

	if (tree_check(&a, err) ||
	    (isnan(road->max_distance) && tree_max_distance(&a, pool, &road->max_distance, err)))
		return -1;
	road->threshold = NAN;
	if (road->percent > 0 && reconstruct(t, &a, query, road, pool, err))
		return -1;
	ret = tree_predict(&a, query, t->n, road->max_distance, 0.5, pool, &calls, err);
	if (!ret)
		take_calls(t, road->tree, &calls, road->threshold);
	tree_calls_release(&calls);
	return ret;
}
