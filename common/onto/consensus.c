/* consensus.c - see consensus.h. */
#include "base/util.h"

#include "onto/consensus.h"

struct line {
	uint32_t *terms; /* a term and its ancestors */
	size_t n;
};

struct consensus {
	const struct onto *onto;
	double quorum;
	size_t *n_below; /* per term: itself and its descendants */
	struct line *lines;
	double *support;   /* per term; zero between calls */
	uint32_t *touched; /* terms with support */
	uint32_t *depth;   /* per term: terms on the shortest way to a root; 0: not known yet */
};

struct consensus *consensus_new(const struct onto *o, double quorum)
{
	struct consensus *c = mem_zero(1, sizeof(*c));

	c->onto = o;
	c->quorum = quorum;
	MEM_ZERO(c->n_below, o->n_terms);
	MEM_ZERO(c->lines, o->n_terms);
	MEM_ZERO(c->support, o->n_terms);
	MEM_ARRAY(c->touched, o->n_terms);
	MEM_ZERO(c->depth, o->n_terms);
	for (uint32_t t = 0; t < o->n_terms; t++) {
		struct line *line = &c->lines[t];

		line->n = onto_ancestors(o, t, &line->terms);
		line->terms = mem_resize(line->terms, line->n, sizeof(*line->terms));
		for (size_t i = 0; i < line->n; i++)
			c->n_below[line->terms[i]]++;
	}
	return c;
}

void consensus_free(struct consensus *c)
{
	if (!c)
		return;
	for (size_t t = 0; t < c->onto->n_terms; t++)
		free(c->lines[t].terms);
	free(c->lines);
	free(c->n_below);
	free(c->support);
	free(c->touched);
	free(c->depth);
	free(c);
}

/* Let everyone's support flow up. Returns how many terms have some. */
static size_t add_support(struct consensus *c, const uint32_t *terms, const double *weights,
			  size_t n)
{
	size_t n_touched = 0;

	for (size_t v = 0; v < n; v++) {
		if (terms[v] == ONTO_NONE || weights[v] == 0)
			continue;
		for (size_t i = 0; i < c->lines[terms[v]].n; i++) {
			uint32_t t = c->lines[terms[v]].terms[i];

			if (c->support[t] == 0)
				c->touched[n_touched++] = t;
			c->support[t] += weights[v];
		}
	}
	return n_touched;
}

static bool is_better(const struct consensus *c, uint32_t a, uint32_t b)
{
	if (b == ONTO_NONE || c->n_below[a] != c->n_below[b])
		return b == ONTO_NONE || c->n_below[a] < c->n_below[b];
	if (c->support[a] != c->support[b])
		return c->support[a] > c->support[b];
	return a < b;
}

uint32_t consensus_find(struct consensus *c, const uint32_t *terms, const double *weights, size_t n)
{
	size_t n_touched = add_support(c, terms, weights, n);
	uint32_t best = ONTO_NONE;
	double total = 0;

	for (size_t v = 0; v < n; v++)
		total += weights[v];
	for (size_t i = 0; i < n_touched; i++) {
		uint32_t t = c->touched[i];

		if (c->support[t] > c->quorum * total && c->n_below[t] * 2 <= c->onto->n_terms &&
		    is_better(c, t, best))
			best = t;
	}
	for (size_t i = 0; i < n_touched; i++)
		c->support[c->touched[i]] = 0;
	return best;
}

/* is_a has no cycles: onto_read saw to it. */
static uint32_t depth_of(struct consensus *c, uint32_t term)
{
	const struct onto_term *t = &c->onto->terms[term];
	uint32_t least = UINT32_MAX;

	if (c->depth[term])
		return c->depth[term];
	for (size_t i = 0; i < t->n_parents; i++)
		least = MIN(least, depth_of(c, t->parents[i]));
	return c->depth[term] = least == UINT32_MAX ? 1 : least + 1;
}

struct candidate_term {
	uint32_t term, depth;
	double support; /* as far as it counts */
	size_t said;    /* voters for the term itself */
};

static bool is_better_parent(const struct consensus *c, const struct candidate_term *a,
			     const struct candidate_term *b)
{
	if (b->term == ONTO_NONE || a->support != b->support)
		return b->term == ONTO_NONE || a->support > b->support;
	if (a->depth != b->depth)
		return a->depth > b->depth;
	if (a->said != b->said)
		return a->said > b->said;
	if (c->n_below[a->term] != c->n_below[b->term])
		return c->n_below[a->term] < c->n_below[b->term];
	return a->term < b->term;
}

uint32_t consensus_parent(struct consensus *c, const uint32_t *terms, size_t n, size_t errors)
{
	double cap = n > errors ? (double)(n - errors) : 0;
	double *ones = mem_alloc(n + 1, sizeof(*ones));
	struct candidate_term best = {.term = ONTO_NONE};
	size_t n_touched;

	for (size_t v = 0; v < n; v++)
		ones[v] = 1;
	n_touched = add_support(c, terms, ones, n);
	for (size_t i = 0; i < n_touched; i++) {
		struct candidate_term one = {.term = c->touched[i]};

		one.support = MIN(c->support[one.term], cap);
		one.depth = depth_of(c, one.term);
		for (size_t v = 0; v < n; v++)
			one.said += terms[v] == one.term;
		if (is_better_parent(c, &one, &best))
			best = one;
	}
	for (size_t i = 0; i < n_touched; i++)
		c->support[c->touched[i]] = 0;
	free(ones);
	return best.term;
}

bool consensus_supports(const struct consensus *c, uint32_t term, uint32_t above)
{
	for (size_t i = 0; i < c->lines[term].n; i++)
		if (c->lines[term].terms[i] == above)
			return true;
	return false;
}
