/* embed.c - see embed.h. */
#include "base/util.h"

#include <math.h>

#include "base/counter_rng.h"
#include "layout/embed.h"

#define PER_PART ((size_t)512) /* cells */
#define ALWAYS 31              /* the bits of a rate of 1, an edge drawn in every round */

/*
 * The cells once more, in an order drawn by lot: any that stand side by side there are cells drawn
 * by lot, and are read at once. The first ones stand behind the last once more.
 */
struct shuffled {
	uint32_t *place; /* of each cell */
	float *from_x, *from_y, *to_x, *to_y;
};

struct embedding {
	const struct cells *graph;
	const struct forces *forces;
	struct pulls pulls;
	uint32_t *rates;   /* per edge: the share of rounds it is drawn in, in 2^-ALWAYS */
	const float *from; /* where cells were */
	float *to;
	struct shuffled shuffled;
	size_t most_edges; /* of a cell */
	size_t negatives, round;
	float step;
	uint64_t seed;
};

size_t embed_rounds(const struct embed_rules *rules, size_t n_cells)
{
	return rules->n_rounds ? rules->n_rounds : n_cells <= 10000 ? 500 : 200;
}

static uint32_t *edge_rates(const struct cells *graph)
{
	size_t n = cells_stored(graph);
	uint32_t *rates = mem_alloc(n, sizeof(*rates));
	float most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmaxf(most, graph->values[i]);
	for (size_t i = 0; i < n; i++)
		rates[i] = (uint32_t)lround(ldexp((double)graph->values[i] / (double)most, ALWAYS));
	return rates;
}

/* ---- the shuffled cells ---- */

static void swap(float **a, float **b)
{
	float *was = *a;

	*a = *b;
	*b = was;
}

/* What was written is read from now on. */
static void turn(struct shuffled *s, size_t n)
{
	for (size_t i = 0; i < FORCES_LANES; i++) {
		s->to_x[n + i] = s->to_x[i % n];
		s->to_y[n + i] = s->to_y[i % n];
	}
	swap(&s->from_x, &s->to_x);
	swap(&s->from_y, &s->to_y);
}

static void shuffle(struct shuffled *s, const float *at, size_t n, uint64_t seed)
{
	struct rng rng = rng_seeded(seed);
	float **const rows[] = {&s->from_x, &s->from_y, &s->to_x, &s->to_y};

	MEM_ARRAY(s->place, n);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		*rows[i] = mem_alloc(n + FORCES_LANES, sizeof(float));
	for (size_t i = 0; i < n; i++)
		s->place[i] = (uint32_t)i;
	rng_shuffle(&rng, s->place, n);
	for (size_t i = 0; i < n; i++) {
		s->to_x[s->place[i]] = at[2 * i];
		s->to_y[s->place[i]] = at[2 * i + 1];
	}
	turn(s, n);
}

static void shuffled_release(struct shuffled *s)
{
	free(s->place);
	free(s->from_x);
	free(s->from_y);
	free(s->to_x);
	free(s->to_y);
}

/* ---- a round ---- */

/*
 * The neighbours whose edges are drawn in this round, into 'drawn': an edge's turns are spread
 * evenly over the rounds, never more than one in each. No branch, for none could be foreseen.
 */
static size_t draw_edges(const struct embedding *e, size_t cell, uint32_t *drawn)
{
	const uint32_t round = (uint32_t)e->round, part = (1u << ALWAYS) - 1;
	size_t n = 0;

	for (size_t i = e->graph->starts[cell]; i < e->graph->starts[cell + 1]; i++) {
		drawn[n] = e->graph->genes[i];
		n += ((e->rates[i] * round & part) + e->rates[i]) >> ALWAYS;
	}
	return n;
}

static void pull(const struct embedding *e, float at[2], const float *other)
{
	float x = at[0] - other[0], y = at[1] - other[1];
	float left = forces_left(&e->pulls, x * x + y * y);

	at[0] = other[0] + left * x;
	at[1] = other[1] + left * y;
}

/*
 * By how much each of a cell's draws, n of them, has it pushed away from where it was. Bundles of
 * FORCES_LANES others push, for a little more or less than one each, so that all make the number
 * there has to be. None waits for another, nor for the cell's pulls.
 */
static void push(const struct embedding *e, size_t cell, const float from[2], size_t n,
		 float moved[2])
{
	const size_t bundles = MAX((n * e->negatives + FORCES_LANES / 2) / FORCES_LANES, 1);
	const float weight = e->step * (float)e->negatives / (float)(bundles * FORCES_LANES);
	uint64_t draws = draw_bits(e->seed, e->round, cell);

	moved[0] = moved[1] = 0;
	for (size_t i = 0; i < bundles; i++) {
		float by[2];
		size_t first;

		draws += 0x9e3779b97f4a7c15u;
		first = (size_t)((mix64(draws) >> 32) * e->graph->n_cells >> 32);
		forces_push(e->forces, from, e->shuffled.from_x + first, e->shuffled.from_y + first,
			    by);
		moved[0] += by[0];
		moved[1] += by[1];
	}
	moved[0] *= weight;
	moved[1] *= weight;
}

static void move_cell(const struct embedding *e, size_t cell, uint32_t *drawn)
{
	const float *from = e->from + 2 * cell;
	float at[2] = {from[0], from[1]}, moved[2] = {0, 0};
	size_t n = draw_edges(e, cell, drawn), place = e->shuffled.place[cell];

	if (n && e->negatives)
		push(e, cell, from, n, moved);
	for (size_t i = 0; i < n; i++) {
		pull(e, at, e->from + 2 * (size_t)drawn[i]);
		at[0] += moved[0];
		at[1] += moved[1];
	}
	memcpy(e->to + 2 * cell, at, sizeof(at));
	e->shuffled.to_x[place] = at[0];
	e->shuffled.to_y[place] = at[1];
}

static void move_part(void *arg, size_t part)
{
	const struct embedding *e = arg;
	size_t end = MIN((part + 1) * PER_PART, e->graph->n_cells);
	uint32_t *drawn = mem_alloc(e->most_edges + 1, sizeof(*drawn));

	for (size_t cell = part * PER_PART; cell < end; cell++)
		move_cell(e, cell, drawn);
	free(drawn);
}

static size_t most_edges(const struct cells *graph)
{
	size_t most = 0;

	for (size_t cell = 0; cell < graph->n_cells; cell++)
		most = MAX(most, graph->starts[cell + 1] - graph->starts[cell]);
	return most;
}

void embed(float *at, const struct cells *graph, const struct forces *forces,
	   const struct embed_rules *rules, struct pool *pool, struct progress *progress)
{
	size_t n = graph->n_cells, n_rounds = embed_rounds(rules, n);
	float *from = at, *to = mem_alloc(mem_product(n, 2), sizeof(*to)), *other = to;
	struct embedding e = {.graph = graph,
			      .forces = forces,
			      .rates = edge_rates(graph),
			      .most_edges = most_edges(graph),
			      .negatives = rules->negatives,
			      .seed = rules->seed};

	shuffle(&e.shuffled, at, n, rules->seed);
	for (e.round = 0; e.round < n_rounds; e.round++) {
		e.from = from;
		e.to = to;
		e.step = 1 - (float)e.round / (float)n_rounds;
		forces_pulls(forces, e.step, &e.pulls);
		pool_run(pool, (n + PER_PART - 1) / PER_PART, move_part, &e);
		turn(&e.shuffled, n);
		swap(&from, &to);
		if (progress)
			progress_at(progress, e.round + 1);
	}
	if (from != at)
		memcpy(at, from, mem_product(n, 2) * sizeof(*at));
	shuffled_release(&e.shuffled);
	free(other);
	free(e.rates);
}
