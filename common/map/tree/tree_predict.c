/* tree_predict.c - see tree_predict.h. */
#include "base/util.h"

#include <math.h>

#include "graph/knn_cross.h"
#include "map/tree/neighbour_votes.h"
#include "map/tree/tree_predict.h"

#define QUERIES ((size_t)4096) /* called together: bounds what is kept of their neighbours */
#define CELLS_PER_PART ((size_t)64)
#define EXACT SIZE_MAX

/* The points of one label, and the neighbours that a batch of queries has among them. */
struct class
{
	double *points;
	size_t n, node;
	struct knn_cross *found;
};

struct tree_part {
	size_t n_classes;
	size_t *child_of; /* per class: which child of the node it is under, or TREE_NONE */
	size_t k;         /* neighbours that vote */
};

struct predicting {
	const struct tree_atlas *a;
	struct class *classes;
	struct tree_part *parts; /* per node */
	size_t first, n;         /* queries of the batch */
	double max_distance, threshold;
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

static struct class *classes_of(const struct tree_atlas *a)
{
	struct class *c = mem_zero(a->n_labels + 1, sizeof(*c));

	for (size_t i = 0; i < a->n; i++)
		if (a->label_of[i] >= 0)
			c[a->label_of[i]].n++;
	for (size_t l = 0; l < a->n_labels; l++) {
		c[l].points = mem_alloc(mem_product(c[l].n, a->dims) + 1, sizeof(double));
		c[l].node = label_tree_find(a->tree, a->labels[l]);
		c[l].n = 0;
	}
	for (size_t i = 0; i < a->n; i++) {
		struct class *one = a->label_of[i] < 0 ? NULL : &c[a->label_of[i]];

		if (one)
			memcpy(one->points + one->n++ * a->dims, a->points + i * a->dims,
			       a->dims * sizeof(double));
	}
	return c;
}

/* The child of 'node' above or at 'below'; the node itself for its own cells. */
static size_t child_above(const struct label_tree *t, size_t node, size_t below)
{
	while (below != TREE_NONE && below != node && t->nodes[below].parent != node)
		below = t->nodes[below].parent;
	return below;
}

static struct tree_part part_of(const struct tree_atlas *a, const struct class *classes,
				size_t node)
{
	const struct label_tree *t = a->tree;
	struct tree_part p = {.n_classes = a->n_labels, .k = a->k};
	size_t *cells = mem_zero(t->n, sizeof(*cells));

	MEM_ARRAY(p.child_of, a->n_labels + 1);
	for (size_t l = 0; l < a->n_labels; l++) {
		size_t child = child_above(t, node, classes[l].node);

		if (child == node && t->nodes[node].n_children != 1)
			child = TREE_NONE;
		p.child_of[l] = child;
		if (child != TREE_NONE)
			cells[child] += classes[l].n;
	}
	for (size_t i = 0; i < t->n; i++)
		if (cells[i])
			p.k = MIN(p.k, cells[i]);
	free(cells);
	return p;
}

/* ---- one cell at one node ---- */

struct neighbor {
	double distance;
	size_t child;
};

/* What calling one cell after the other needs. */
struct tree_room {
	struct neighbor *list;
	double *votes, *next;
	size_t *taken;
};

/* What a class has next for a query: its 'at'-th neighbour, INFINITY behind the last. */
static double next_distance(const struct tree_part *part, const struct class *c, size_t query,
			    size_t at)
{
	const struct knn_cross *f = c->found;

	return f && at < MIN(f->k, part->k) ? f->distances[query * f->k + at] : INFINITY;
}

/*
 * The k nearest of all the node's classes, whose lists are sorted, merged; of equals the first
 * class's. 'next' and 'taken' are room for a value a class. Returns how many.
 */
static size_t merge(const struct predicting *p, size_t node, size_t query, struct neighbor *list,
		    double *next, size_t *taken)
{
	const struct tree_part *part = &p->parts[node];
	size_t n = 0, best;

	for (size_t l = 0; l < part->n_classes; l++) {
		taken[l] = 0;
		next[l] = part->child_of[l] == TREE_NONE
				  ? INFINITY
				  : next_distance(part, &p->classes[l], query, 0);
	}
	for (; n < part->k; n++) {
		best = 0;
		for (size_t l = 1; l < part->n_classes; l++)
			if (next[l] < next[best])
				best = l;
		if (!(next[best] < INFINITY))
			break;
		list[n] = (struct neighbor){next[best], part->child_of[best]};
		next[best] = next_distance(part, &p->classes[best], query, ++taken[best]);
	}
	return n;
}

/* The child with more than the threshold of the votes, or TREE_NONE. */
static size_t vote(const struct predicting *p, const struct neighbor *list, size_t n,
		   double *weights, double *shares, double *score)
{
	double *distances = weights + n, all = 0;
	size_t best = TREE_NONE;

	for (size_t i = 0; i < n; i++)
		distances[i] = list[i].distance;
	vote_weigh(VOTE_INVERSE, distances, n, weights);
	memset(shares, 0, p->a->tree->n * sizeof(*shares));
	for (size_t i = 0; i < n; i++) {
		shares[list[i].child] += weights[i];
		all += weights[i];
	}
	for (size_t i = 0; i < p->a->tree->n; i++)
		if (all > 0 && shares[i] / all > p->threshold)
			best = i;
	if (best != TREE_NONE)
		*score = shares[best] / all;
	return best;
}

static void call_cell(const struct predicting *p, size_t query, const struct tree_room *room)
{
	struct tree_calls *c = p->calls;
	struct neighbor *list = room->list;
	size_t node = 0, cell = p->first + query, next;
	size_t n = merge(p, 0, query, list, room->next, room->taken);
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += list[i].distance;
	c->distance[cell] = n ? sum / (double)n : INFINITY;
	c->far[cell] = c->distance[cell] > p->max_distance;
	c->score[cell] = 0;
	while (!c->far[cell] && p->a->tree->nodes[node].n_children) {
		next = vote(p, list, n, room->votes + p->a->tree->n, room->votes, &c->score[cell]);
		if (next == TREE_NONE || next == node)
			break;
		node = next;
		n = p->a->tree->nodes[node].n_children
			    ? merge(p, node, query, list, room->next, room->taken)
			    : 0;
	}
	c->node[cell] = node;
}

static void call_part(void *arg, size_t part)
{
	const struct predicting *p = arg;
	size_t end = MIN(p->n, (part + 1) * CELLS_PER_PART);
	struct tree_room room;

	MEM_ARRAY(room.list, p->a->k + 1);
	MEM_ARRAY(room.votes, p->a->tree->n + 2 * p->a->k + 2);
	MEM_ARRAY(room.next, p->a->n_labels + 1);
	MEM_ARRAY(room.taken, p->a->n_labels + 1);
	for (size_t query = part * CELLS_PER_PART; query < end; query++)
		call_cell(p, query, &room);
	free(room.list);
	free(room.votes);
	free(room.next);
	free(room.taken);
}

static int call_batch(struct predicting *p, const double *query, struct pool *pool, struct err *err)
{
	int ret = 0;

	for (size_t l = 0; l < p->a->n_labels && !ret; l++) {
		struct class *c = &p->classes[l];

		c->found = NULL;
		if (c->n)
			c->found = knn_cross_find(query, p->n, c->points, c->n, p->a->dims,
						  MIN(p->a->k, c->n), EXACT, pool, err);
		ret = c->n && !c->found ? -1 : 0;
	}
	if (!ret)
		pool_run(pool, (p->n + CELLS_PER_PART - 1) / CELLS_PER_PART, call_part, p);
	for (size_t l = 0; l < p->a->n_labels; l++) {
		knn_cross_free(p->classes[l].found);
		p->classes[l].found = NULL;
	}
	return ret;
}

int tree_predict(const struct tree_atlas *a, const double *query, size_t n_query,
		 double max_distance, double threshold, struct pool *pool, struct tree_calls *calls,
		 struct err *err)
{
	struct predicting p = {
		.a = a, .max_distance = max_distance, .threshold = threshold, .calls = calls};
	int ret = tree_check(a, err);

	*calls = (struct tree_calls){.n = n_query};
	if (ret)
		return -1;
	MEM_ARRAY(calls->node, n_query + 1);
	MEM_ARRAY(calls->score, n_query + 1);
	MEM_ARRAY(calls->distance, n_query + 1);
	MEM_ARRAY(calls->far, n_query + 1);
	p.classes = classes_of(a);
	MEM_ARRAY(p.parts, a->tree->n);
	for (size_t i = 0; i < a->tree->n; i++)
		p.parts[i] = part_of(a, p.classes, i);
	for (p.first = 0; p.first < n_query && !ret; p.first += p.n) {
		p.n = MIN(QUERIES, n_query - p.first);
		ret = call_batch(&p, query + p.first * a->dims, pool, err);
	}
	for (size_t i = 0; i < a->tree->n; i++)
		free(p.parts[i].child_of);
	for (size_t l = 0; l < a->n_labels; l++)
		free(p.classes[l].points);
	free(p.parts);
	free(p.classes);
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
	struct class *classes = classes_of(a);
	struct tree_part root = part_of(a, classes, 0);
	size_t n = 0, k = root.k;
	double *points = mem_alloc(mem_product(a->n, a->dims) + 1, sizeof(*points));
	double *means = mem_alloc(a->n + 1, sizeof(*means)), at;
	struct knn_cross *found = NULL;

	for (size_t l = 0; l < a->n_labels; l++) {
		if (root.child_of[l] != TREE_NONE) {
			memcpy(points + n * a->dims, classes[l].points,
			       classes[l].n * a->dims * sizeof(*points));
			n += classes[l].n;
		}
		free(classes[l].points);
	}
	free(classes);
	free(root.child_of);
	if (k >= 2 && k <= n)
		found = knn_cross_find(points, n, points, n, a->dims, k, EXACT, pool, err);
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
	free(points);
	if (!found)
		return -1;
	knn_cross_free(found);
	return 0;
}
