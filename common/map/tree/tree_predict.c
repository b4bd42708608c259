/* tree_predict.c - see tree_predict.h. */
#include "base/util.h"

#include <math.h>

#include "graph/knn_cross.h"
#include "map/tree/neighbour_votes.h"
#include "map/tree/tree_predict.h"

#define QUERIES ((size_t)16384) /* called together: bounds what is kept of their neighbours */
#define CELLS_PER_PART ((size_t)64)
#define EXACT SIZE_MAX

/* Cells of the atlas by label: those of label l are cells[starts[l]..starts[l + 1]). */
struct by_label {
	size_t *starts, *nodes; /* and the node that each label is */
	uint32_t *cells;
};

/* Cells that vote at a node, label by label, and which child each is under. */
struct tree_part {
	size_t n, k; /* k: neighbours whose votes count */
	double *points;
	size_t *child;
};

struct predicting {
	const struct tree_atlas *a;
	struct by_label labels;
	double threshold, max_distance;
	struct tree_calls *calls;
};

int tree_check(const struct tree_atlas *a, struct err *err)
{
	for (size_t l = 0; l < a->n_labels; l++)
		if (label_tree_find(a->tree, a->labels[l]) == TREE_NONE)
			return err_set(err, "label '%s' is not in the tree (--tree)", a->labels[l]);
	for (size_t i = 0; i < a->tree->n; i++) {
		bool any = a->tree->nodes[i].n_children > 0;

		for (size_t l = 0; l < a->n_labels && !any; l++)
			any = label_tree_find(a->tree, a->labels[l]) == i;
		if (!any)
			return err_set(err,
				       "the tree's '%s' has no cells in the reference (--tree)",
				       label_tree_name(a->tree, i));
	}
	return 0;
}

/* ---- who votes at a node ---- */

static struct by_label by_label_of(const struct tree_atlas *a)
{
	struct by_label b = {0};
	size_t *at;

	MEM_ZERO(b.starts, a->n_labels + 1);
	MEM_ARRAY(b.nodes, a->n_labels + 1);
	MEM_ARRAY(b.cells, a->n + 1);
	for (size_t i = 0; i < a->n; i++)
		if (a->label_of[i] >= 0)
			b.starts[a->label_of[i] + 1]++;
	for (size_t l = 0; l < a->n_labels; l++) {
		b.starts[l + 1] += b.starts[l];
		b.nodes[l] = label_tree_find(a->tree, a->labels[l]);
	}
	at = mem_copy(b.starts, a->n_labels + 1, sizeof(*at));
	for (size_t i = 0; i < a->n; i++)
		if (a->label_of[i] >= 0)
			b.cells[at[a->label_of[i]]++] = (uint32_t)i;
	free(at);
	return b;
}

static void by_label_release(struct by_label *b)
{
	free(b->starts);
	free(b->nodes);
	free(b->cells);
}

/* The child of 'node' above or at 'below'; the node itself for its own cells. */
static size_t child_above(const struct label_tree *t, size_t node, size_t below)
{
	while (below != TREE_NONE && below != node && t->nodes[below].parent != node)
		below = t->nodes[below].parent;
	return below;
}

static void add_label(struct tree_part *p, const struct tree_atlas *a, const struct by_label *b,
		      size_t label, size_t child)
{
	for (size_t i = b->starts[label]; i < b->starts[label + 1]; i++) {
		memcpy(p->points + p->n * a->dims, a->points + b->cells[i] * a->dims,
		       a->dims * sizeof(*p->points));
		p->child[p->n++] = child;
	}
}

static struct tree_part part_of(const struct tree_atlas *a, const struct by_label *b, size_t node)
{
	const struct label_tree *t = a->tree;
	struct tree_part p = {.k = a->k};
	size_t *cells = mem_zero(t->n, sizeof(*cells));

	p.points = mem_alloc(mem_product(a->n, a->dims) + 1, sizeof(*p.points));
	MEM_ARRAY(p.child, a->n + 1);
	for (size_t l = 0; l < a->n_labels; l++) {
		size_t child = child_above(t, node, b->nodes[l]);

		if (child == TREE_NONE || (child == node && t->nodes[node].n_children != 1))
			continue;
		cells[child] += b->starts[l + 1] - b->starts[l];
		add_label(&p, a, b, l, child);
	}
	for (size_t i = 0; i < t->n; i++)
		if (cells[i])
			p.k = MIN(p.k, cells[i]);
	p.k = MIN(p.k, p.n);
	free(cells);
	return p;
}

static void tree_part_release(struct tree_part *p)
{
	free(p->points);
	free(p->child);
}

/* ---- votes of a node's cells ---- */

struct tree_voting {
	const struct predicting *p;
	size_t node;
	struct tree_part part;
	const struct knn_cross *found;
	const size_t *cells; /* of the query, those that have come to the node */
	size_t n;
	size_t *next; /* per cell of the batch: where it goes, or TREE_NONE */
	size_t first; /* of the batch */
};

/* The child with more than the threshold of the votes, or TREE_NONE. */
static size_t vote(const struct tree_voting *v, size_t row, double *weights, double *shares,
		   double *score)
{
	const struct label_tree *t = v->p->a->tree;
	const uint32_t *neighbors = v->found->neighbors + row * v->found->k;
	size_t best = TREE_NONE, k = v->found->k;
	double all = 0;

	vote_weigh(VOTE_INVERSE, v->found->distances + row * k, k, weights);
	memset(shares, 0, t->n * sizeof(*shares));
	for (size_t i = 0; i < k; i++) {
		shares[v->part.child[neighbors[i]]] += weights[i];
		all += weights[i];
	}
	for (size_t i = 0; i < t->n; i++)
		if (all > 0 && shares[i] / all > v->p->threshold)
			best = i;
	if (best != TREE_NONE)
		*score = shares[best] / all;
	return best;
}

/* At the root the distance says whether a cell belongs at all. */
static void judge_distance(const struct tree_voting *v, size_t row, size_t cell)
{
	struct tree_calls *c = v->p->calls;
	size_t k = v->found->k;
	double sum = 0;

	for (size_t i = 0; i < k; i++)
		sum += v->found->distances[row * k + i];
	c->distance[cell] = sum / (double)k;
	c->far[cell] = c->distance[cell] > v->p->max_distance;
	c->score[cell] = 0;
}

static void vote_part(void *arg, size_t part)
{
	const struct tree_voting *v = arg;
	struct tree_calls *c = v->p->calls;
	size_t end = MIN(v->n, (part + 1) * CELLS_PER_PART);
	double *weights = mem_alloc(v->found->k + v->p->a->tree->n, sizeof(*weights));
	double *shares = weights + v->found->k;

	for (size_t row = part * CELLS_PER_PART; row < end; row++) {
		size_t cell = v->cells[row], next = TREE_NONE;

		c->node[cell] = v->node;
		if (v->node == 0)
			judge_distance(v, row, cell);
		if (!c->far[cell])
			next = vote(v, row, weights, shares, &c->score[cell]);
		if (next != TREE_NONE)
			c->node[cell] = next;
		v->next[cell - v->first] = next == v->node ? TREE_NONE : next;
	}
	free(weights);
}

/* Those of the batch that have come to a node ask its cells. */
static int ask_node(struct tree_voting *v, const double *query, struct pool *pool, struct err *err)
{
	const struct tree_atlas *a = v->p->a;
	double *asked = mem_alloc(mem_product(v->n, a->dims) + 1, sizeof(*asked));
	struct knn_cross *found;

	v->part = part_of(a, &v->p->labels, v->node);
	for (size_t i = 0; i < v->n; i++)
		memcpy(asked + i * a->dims, query + v->cells[i] * a->dims,
		       a->dims * sizeof(*asked));
	found = knn_cross_find(asked, v->n, v->part.points, v->part.n, a->dims, v->part.k, EXACT,
			       pool, err);
	v->found = found;
	if (found)
		pool_run(pool, (v->n + CELLS_PER_PART - 1) / CELLS_PER_PART, vote_part, v);
	knn_cross_free(found);
	tree_part_release(&v->part);
	free(asked);
	return found ? 0 : -1;
}

/* ---- down the tree ---- */

/* Nodes in an order that has each before what is below it, so that all who come have come. */
static int call_batch(const struct predicting *p, const size_t *order, size_t first, size_t n,
		      const double *query, struct pool *pool, struct err *err)
{
	const struct label_tree *t = p->a->tree;
	size_t *cells = mem_alloc(n + 1, sizeof(*cells)), *next = mem_zero(n + 1, sizeof(*next));
	size_t *coming = mem_zero(t->n, sizeof(*coming));
	int ret = 0;

	coming[0] = n;
	for (size_t at = 0; at < t->n && !ret; at++) {
		struct tree_voting v = {
			.p = p, .node = order[at], .cells = cells, .next = next, .first = first};

		if (!coming[v.node] || !t->nodes[v.node].n_children)
			continue;
		for (size_t i = 0; i < n; i++)
			if (next[i] == v.node)
				cells[v.n++] = first + i;
		ret = ask_node(&v, query, pool, err);
		for (size_t i = 0; i < v.n; i++)
			if (next[cells[i] - first] != TREE_NONE)
				coming[next[cells[i] - first]]++;
	}
	free(coming);
	free(next);
	free(cells);
	return ret;
}

int tree_predict(const struct tree_atlas *a, const double *query, size_t n_query,
		 double max_distance, double threshold, struct pool *pool, struct tree_calls *calls,
		 struct err *err)
{
	struct predicting p = {
		.a = a, .max_distance = max_distance, .threshold = threshold, .calls = calls};
	int ret = tree_check(a, err);
	size_t *order;

	*calls = (struct tree_calls){.n = n_query};
	if (ret)
		return -1;
	MEM_ZERO(calls->node, n_query + 1);
	MEM_ZERO(calls->score, n_query + 1);
	MEM_ARRAY(calls->distance, n_query + 1);
	MEM_ZERO(calls->far, n_query + 1);
	for (size_t i = 0; i < n_query; i++)
		calls->distance[i] = INFINITY;
	p.labels = by_label_of(a);
	MEM_ARRAY(order, a->tree->n);
	label_tree_preorder(a->tree, order);
	for (size_t first = 0; first < n_query && !ret; first += QUERIES)
		ret = call_batch(&p, order, first, MIN(QUERIES, n_query - first), query, pool, err);
	free(order);
	by_label_release(&p.labels);
	return ret;
}

void tree_calls_release(struct tree_calls *c)
{
	free(c->node);
	free(c->score);
	free(c->distance);
	free(c->far);
	*c = (struct tree_calls){0};
}

/* ---- how far is far ---- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int tree_max_distance(const struct tree_atlas *a, struct pool *pool, double *most, struct err *err)
{
	struct by_label labels = by_label_of(a);
	struct tree_part root = part_of(a, &labels, 0);
	size_t n = root.n, k = root.k;
	double *means = mem_alloc(n + 1, sizeof(*means)), at;
	struct knn_cross *found = NULL;

	if (k >= 2)
		found = knn_cross_find(root.points, n, root.points, n, a->dims, k, EXACT, pool,
				       err);
	else
		err_set(err, "%zu cells and a smallest label of %zu are too few", n, k);
	for (size_t i = 0; found && i < n; i++) {
		means[i] = 0;
		for (size_t j = 1; j < k; j++)
			means[i] += found->distances[i * k + j] / (double)(k - 1);
	}
	if (found) {
		qsort(means, n, sizeof(*means), by_size);
		at = 0.99 * (double)(n - 1);
		*most = means[(size_t)at] +
			(at - floor(at)) * (means[MIN((size_t)at + 1, n - 1)] - means[(size_t)at]);
	}
	free(means);
	tree_part_release(&root);
	by_label_release(&labels);
	knn_cross_free(found);
	return found ? 0 : -1;
}
