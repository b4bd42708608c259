/* embed.c - see embed.h. */
#include "base/util.h"

#include <math.h>

#include "base/counter_rng.h"
#include "layout/embed.h"

#define PER_PART ((size_t)512) /* cells */
#define FARTHEST 4.0f          /* that a cell goes at a draw, in each direction */
#define ALWAYS 31              /* the bits of a rate of 1, an edge drawn in every round */

struct embedding {
	const struct cells *graph;
	const struct forces *forces;
	uint32_t *rates;   /* per edge: the share of rounds it is drawn in, in 2^-ALWAYS */
	const float *from; /* where cells were */
	float *to;
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

/* Spread evenly over the rounds; never more than once in each. */
static inline bool is_drawn(uint32_t rate, size_t round)
{
	return ((uint64_t)rate * (round + 1)) >> ALWAYS != ((uint64_t)rate * round) >> ALWAYS;
}

static inline float limited(float x)
{
	return x > FARTHEST ? FARTHEST : x < -FARTHEST ? -FARTHEST : x;
}

/* One step of a cell at 'at' along the difference to 'other': towards it when 'by' is below 0. */
static inline void move(float at[2], const float *other, float by, float step)
{
	at[0] += step * limited(by * (at[0] - other[0]));
	at[1] += step * limited(by * (at[1] - other[1]));
}

static inline float square_between(const float *a, const float *b)
{
	float x = a[0] - b[0], y = a[1] - b[1];

	return x * x + y * y;
}

/*
 * An edge is drawn from both of its ends, and each draw moves both. Seen from this end alone, that
 * is two steps towards the other.
 */
static inline void pull(const struct embedding *e, float at[2], const float *other)
{
	for (int end = 0; end < 2; end++)
		move(at, other, -forces_at(e->forces->pull, square_between(at, other)), e->step);
}

/* All pushes of a draw start from one place, so that none waits for another's answer. */
static void push(const struct embedding *e, size_t cell, float at[2], uint64_t *draws)
{
	float x = 0, y = 0;

	for (size_t i = 0; i < e->negatives; i++) {
		const float *other;
		float by, off[2];
		size_t drawn;

		*draws += 0x9e3779b97f4a7c15u;
		drawn = (size_t)((mix64(*draws) >> 32) * e->graph->n_cells >> 32);
		other = e->from + 2 * drawn;
		off[0] = at[0] - other[0];
		off[1] = at[1] - other[1];
		by = drawn == cell ? 0
				   : forces_at(e->forces->push, off[0] * off[0] + off[1] * off[1]);
		x += limited(by * off[0]);
		y += limited(by * off[1]);
	}
	at[0] += e->step * x;
	at[1] += e->step * y;
}

static void move_part(void *arg, size_t part)
{
	const struct embedding *e = arg;
	size_t end = MIN((part + 1) * PER_PART, e->graph->n_cells);

	for (size_t cell = part * PER_PART; cell < end; cell++) {
		float at[2] = {e->from[2 * cell], e->from[2 * cell + 1]};
		uint64_t draws = draw_bits(e->seed, e->round, cell);

		for (size_t i = e->graph->starts[cell]; i < e->graph->starts[cell + 1]; i++) {
			if (!is_drawn(e->rates[i], e->round))
				continue;
			pull(e, at, e->from + 2 * (size_t)e->graph->genes[i]);
			push(e, cell, at, &draws);
		}
		memcpy(e->to + 2 * cell, at, sizeof(at));
	}
}

void embed(float *at, const struct cells *graph, const struct forces *forces,
	   const struct embed_rules *rules, struct pool *pool, struct progress *progress)
{
	size_t n = graph->n_cells, n_rounds = embed_rounds(rules, n);
	float *other = mem_alloc(mem_product(n, 2), sizeof(*other)), *from = at, *to = other;
	struct embedding e = {.graph = graph,
			      .forces = forces,
			      .rates = edge_rates(graph),
			      .negatives = rules->negatives,
			      .seed = rules->seed};

	for (e.round = 0; e.round < n_rounds; e.round++) {
		float *last = from;

		e.from = from;
		e.to = to;
		e.step = 1 - (float)e.round / (float)n_rounds;
		pool_run(pool, (n + PER_PART - 1) / PER_PART, move_part, &e);
		from = to;
		to = last;
		if (progress)
			progress_at(progress, e.round + 1);
	}
	if (from != at)
		memcpy(at, from, mem_product(n, 2) * sizeof(*at));
	free(other);
	free(e.rates);
}
