/* onto_graph.c - see onto_graph.h. */
#include "base/util.h"

#include "base/text.h"
#include "onto/onto_graph.h"

/* ---- building ------------------------------------------------------------------------------ */

static int by_id(const void *a, const void *b)
{
	const struct onto_term *s = a, *t = b;

	return strcmp(s->id, t->id);
}

static int by_number(const void *a, const void *b)
{
	uint32_t s = *(const uint32_t *)a, t = *(const uint32_t *)b;

	return (s > t) - (s < t);
}

static void number_terms(struct onto *o)
{
	if (o->n_terms)
		qsort(o->terms, o->n_terms, sizeof(*o->terms), by_id);
	MEM_ARRAY(o->of_id, o->ids.n + 1);
	for (size_t i = 0; i < o->n_terms; i++)
		o->of_id[strtab_find(&o->ids, o->terms[i].id)] = (uint32_t)i;
}

static void link_parents(struct onto *o)
{
	for (size_t i = 0; i < o->n_terms; i++) {
		struct onto_term *t = &o->terms[i];

		t->parents = arena_alloc(&o->arena,
					 mem_product(t->parent_ids.n + 1, sizeof(*t->parents)));
		for (size_t p = 0; p < t->parent_ids.n; p++) {
			uint32_t parent = onto_find(o, t->parent_ids.items[p]);

			if (parent != ONTO_NONE)
				t->parents[t->n_parents++] = parent;
		}
		if (t->n_parents)
			qsort(t->parents, t->n_parents, sizeof(*t->parents), by_number);
	}
}

enum { UNSEEN, OPEN, DONE };

#define CIRCLE_SHOWN 12

/* Name the terms of a circle, from stack[first] up to the last and back to the first. */
static int complain_circle(const struct onto *o, const uint32_t *stack, size_t first, size_t n,
			   const char *path, struct err *err)
{
	struct text way = TEXT_INIT;

	for (size_t i = first; i < n; i++) {
		const struct onto_term *t = &o->terms[stack[i]];

		if (i - first < CIRCLE_SHOWN)
			text_add(&way, "%s (%s) is a ", t->id, t->label);
		else if (i - first == CIRCLE_SHOWN)
			text_add(&way, "... is a ");
	}
	err_set(err, "%s: is_a goes in a circle: %s%s", path, way.s, o->terms[stack[first]].id);
	text_release(&way);
	return -1;
}

/* Depth by a walk upwards with a stack of its own: chains in a hostile file may be long. */
static int measure_depth(struct onto *o, uint32_t start, uint8_t *state, uint32_t *stack,
			 uint32_t *next, const char *path, struct err *err)
{
	size_t n = 0;

	stack[n] = start;
	next[n++] = 0;
	state[start] = OPEN;
	while (n) {
		struct onto_term *t = &o->terms[stack[n - 1]];

		if (next[n - 1] == t->n_parents) {
			for (size_t p = 0; p < t->n_parents; p++)
				t->depth = MAX(t->depth, o->terms[t->parents[p]].depth + 1);
			state[stack[--n]] = DONE;
			continue;
		}
		uint32_t parent = t->parents[next[n - 1]++];

		if (state[parent] == OPEN) {
			size_t first = n;

			while (stack[first - 1] != parent)
				first--;
			return complain_circle(o, stack, first - 1, n, path, err);
		}
		if (state[parent] == UNSEEN) {
			state[parent] = OPEN;
			stack[n] = parent;
			next[n++] = 0;
		}
	}
	return 0;
}

static int measure(struct onto *o, const char *path, struct err *err)
{
	uint8_t *state;
	uint32_t *stack, *next;
	int ret = 0;

	MEM_ZERO(state, o->n_terms + 1);
	MEM_ARRAY(stack, o->n_terms + 1);
	MEM_ARRAY(next, o->n_terms + 1);
	for (size_t i = 0; i < o->n_terms && !ret; i++)
		if (state[i] == UNSEEN)
			ret = measure_depth(o, (uint32_t)i, state, stack, next, path, err);
	free(state);
	free(stack);
	free(next);
	return ret;
}

int graph_build(struct onto *o, const char *path, struct err *err)
{
	number_terms(o);
	link_parents(o);
	return measure(o, path, err);
}

/* ---- asking -------------------------------------------------------------------------------- */

/* Edges up from 'term' to everything above it, UINT32_MAX where there is no way. */
static uint32_t *heights(const struct onto *o, uint32_t term)
{
	uint32_t *up, *queue;
	size_t head = 0, n = 0;

	MEM_ARRAY(up, o->n_terms);
	MEM_ARRAY(queue, o->n_terms);
	memset(up, 0xff, o->n_terms * sizeof(*up));
	up[term] = 0;
	queue[n++] = term;
	while (head < n) {
		uint32_t at = queue[head++];
		const struct onto_term *t = &o->terms[at];

		for (size_t p = 0; p < t->n_parents; p++)
			if (up[t->parents[p]] == UINT32_MAX) {
				up[t->parents[p]] = up[at] + 1;
				queue[n++] = t->parents[p];
			}
	}
	free(queue);
	return up;
}

bool onto_is_a(const struct onto *o, uint32_t term, uint32_t above)
{
	if (term == above || o->terms[above].depth >= o->terms[term].depth)
		return term == above;
	uint32_t *up = heights(o, term);
	bool is = up[above] != UINT32_MAX;

	free(up);
	return is;
}

size_t onto_ancestors(const struct onto *o, uint32_t term, uint32_t **out)
{
	uint32_t *up = heights(o, term);
	size_t n = 0;

	MEM_ARRAY(*out, o->n_terms);
	for (size_t i = 0; i < o->n_terms; i++)
		if (up[i] != UINT32_MAX)
			(*out)[n++] = (uint32_t)i;
	free(up);
	return n;
}

uint32_t onto_common(const struct onto *o, const uint32_t *terms, size_t n)
{
	uint32_t best = ONTO_NONE;
	uint32_t *shared;

	if (n == 0)
		return ONTO_NONE;
	MEM_ZERO(shared, o->n_terms);
	for (size_t i = 0; i < n; i++) {
		uint32_t *up = heights(o, terms[i]);

		for (size_t t = 0; t < o->n_terms; t++)
			shared[t] += up[t] != UINT32_MAX;
		free(up);
	}
	for (size_t t = 0; t < o->n_terms; t++)
		if (shared[t] == n &&
		    (best == ONTO_NONE || o->terms[t].depth > o->terms[best].depth))
			best = (uint32_t)t;
	free(shared);
	return best;
}

int onto_distance(const struct onto *o, uint32_t a, uint32_t b)
{
	uint32_t *from_a = heights(o, a), *from_b = heights(o, b);
	uint64_t best = UINT64_MAX;

	for (size_t t = 0; t < o->n_terms; t++)
		if (from_a[t] != UINT32_MAX && from_b[t] != UINT32_MAX)
			best = MIN(best, (uint64_t)from_a[t] + from_b[t]);
	free(from_a);
	free(from_b);
	return best == UINT64_MAX ? -1 : (int)best;
}

/* Of the terms above that pass, the nearest; then the deepest; then the lowest number. */
static uint32_t nearest(const struct onto *o, uint32_t term, const bool *listed, uint32_t level)
{
	uint32_t *up = heights(o, term), best = ONTO_NONE;

	for (size_t t = 0; t < o->n_terms; t++) {
		if (up[t] == UINT32_MAX || (listed ? !listed[t] : o->terms[t].depth != level))
			continue;
		if (best == ONTO_NONE || up[t] < up[best] ||
		    (up[t] == up[best] && o->terms[t].depth > o->terms[best].depth))
			best = (uint32_t)t;
	}
	free(up);
	return best;
}

uint32_t onto_at_level(const struct onto *o, uint32_t term, uint32_t level)
{
	uint32_t found = ONTO_NONE;

	if (o->terms[term].depth > level)
		found = nearest(o, term, NULL, level);
	return found == ONTO_NONE ? term : found;
}

uint32_t onto_nearest_of(const struct onto *o, uint32_t term, const bool *listed)
{
	return nearest(o, term, listed, 0);
}
