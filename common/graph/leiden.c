/* leiden.c - see leiden.h. */
#include "base/util.h"

#include <igraph/igraph.h>

#include "graph/leiden.h"
#include "graph/twister.h"

#define RANDOMNESS 0.01
#define ITERATIONS 2

/* ---- random numbers, as igraph gets them from scanpy: of numpy's RandomState ---- */

static igraph_error_t begin(void **state)
{
	*state = mem_zero(1, sizeof(struct twister));
	return IGRAPH_SUCCESS;
}

static igraph_error_t reseed(void *state, igraph_uint_t seed)
{
	*(struct twister *)state = twister_seeded((uint32_t)seed);
	return IGRAPH_SUCCESS;
}

/* randint(0, 2^32 - 1), whose upper end is out. */
static igraph_uint_t draw(void *state)
{
	uint32_t word;

	do
		word = twister_next(state);
	while (word == UINT32_MAX);
	return word;
}

static igraph_real_t draw_unit(void *state)
{
	return twister_unit(state);
}

static const igraph_rng_type_t generator = {
	.name = "MT19937",
	.bits = 32,
	.init = begin,
	.destroy = free,
	.seed = reseed,
	.get = draw,
	.get_real = draw_unit,
};

/*
 * Every stored weight is an edge, so each pair of cells has two, one from either: what scanpy gives
 * igraph, and sums are added in its order. Loops say nothing.
 */
static int read_edges(const struct cells *graph, igraph_vector_int_t *edges,
		      igraph_vector_t *weights)
{
	for (size_t cell = 0; cell < graph->n_cells; cell++) {
		for (size_t i = graph->starts[cell]; i < graph->starts[cell + 1]; i++) {
			if (graph->genes[i] == cell || graph->values[i] == 0)
				continue;
			if (igraph_vector_int_push_back(edges, (igraph_integer_t)cell) ||
			    igraph_vector_int_push_back(edges, graph->genes[i]) ||
			    igraph_vector_push_back(weights, (double)graph->values[i]))
				return -1;
		}
	}
	return 0;
}

struct community {
	size_t n, first;
	uint32_t was;
};

static int larger_first(const void *a, const void *b)
{
	const struct community *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->first < y->first ? -1 : 1;
}

static size_t renumber(const igraph_vector_int_t *membership, size_t n_cells, size_t n,
		       uint32_t *community)
{
	struct community *list = mem_zero(n, sizeof(*list));
	uint32_t *now = mem_alloc(n, sizeof(*now));

	for (size_t cell = 0; cell < n_cells; cell++) {
		struct community *c = &list[VECTOR(*membership)[cell]];

		if (c->n++ == 0)
			c->first = cell;
	}
	for (size_t i = 0; i < n; i++)
		list[i].was = (uint32_t)i;
	qsort(list, n, sizeof(*list), larger_first);
	for (size_t i = 0; i < n; i++)
		now[list[i].was] = (uint32_t)i;
	for (size_t cell = 0; cell < n_cells; cell++)
		community[cell] = now[VECTOR(*membership)[cell]];
	free(list);
	free(now);
	return n;
}

size_t leiden(const struct cells *graph, double resolution, uint32_t seed, uint32_t *community,
	      struct err *err)
{
	igraph_vector_int_t edges, membership;
	igraph_vector_t weights, strengths;
	igraph_integer_t n = 0;
	igraph_rng_t rng;
	igraph_t g;
	double total;
	size_t found = 0;

	igraph_set_error_handler(igraph_error_handler_ignore);
	if (igraph_rng_init(&rng, &generator) || igraph_rng_seed(&rng, seed))
		BUG("no random numbers");
	igraph_rng_set_default(&rng);
	if (igraph_vector_int_init(&edges, 0) || igraph_vector_int_init(&membership, 0) ||
	    igraph_vector_init(&weights, 0) || igraph_vector_init(&strengths, 0) ||
	    igraph_empty(&g, (igraph_integer_t)graph->n_cells, IGRAPH_UNDIRECTED) ||
	    read_edges(graph, &edges, &weights) || igraph_add_edges(&g, &edges, NULL) ||
	    igraph_strength(&g, &strengths, igraph_vss_all(), IGRAPH_ALL, false, &weights)) {
		err_set(err, "out of memory for a graph of %zu cells", graph->n_cells);
		return 0;
	}
	total = igraph_vector_sum(&strengths); /* modularity is about this share of chance edges */
	if (igraph_community_leiden(&g, &weights, &strengths, total > 0 ? resolution / total : 0,
				    RANDOMNESS, false, ITERATIONS, &membership, &n, NULL))
		err_set(err, "the graph could not be clustered");
	else
		found = renumber(&membership, graph->n_cells, (size_t)n, community);
	igraph_destroy(&g);
	igraph_vector_int_destroy(&edges);
	igraph_vector_int_destroy(&membership);
	igraph_vector_destroy(&weights);
	igraph_vector_destroy(&strengths);
	return found;
}
