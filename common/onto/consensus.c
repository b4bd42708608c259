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

bool consensus_supports(const struct consensus *c, uint32_t term, uint32_t above)
{
	for (size_t i = 0; i < c->lines[term].n; i++)
		if (c->lines[term].terms[i] == above)
			return true;
	return false;
}
