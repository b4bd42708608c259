/* start.c - see start.h. */
#include "base/util.h"

#include <math.h>

#include "base/counter_rng.h"
#include "layout/start.h"

#define SIDE 10.0
#define JITTER 1e-3
#define PER_PART ((size_t)4096) /* cells */

enum { JITTERS = 1, WAVES };

/* Each axis stretched to the square, and every cell moved by a hair. */
static float *placed(const double *x, const double *y, size_t stride, size_t n, uint64_t seed)
{
	float *at = mem_alloc(mem_product(n, 2), sizeof(*at));

	for (size_t axis = 0; axis < 2; axis++) {
		const double *from = axis ? y : x;
		double low = INFINITY, high = -INFINITY, scale;

		for (size_t i = 0; i < n; i++) {
			low = fmin(low, from[i * stride]);
			high = fmax(high, from[i * stride]);
		}
		scale = high > low ? SIDE / (high - low) : 0;
		for (size_t i = 0; i < n; i++)
			at[2 * i + axis] =
				(float)((from[i * stride] - low) * scale +
					JITTER * (draw_unit(seed, JITTERS, 2 * i + axis) - .5));
	}
	return at;
}

float *start_from_points(const double *points, size_t n_cells, size_t n_dims, uint64_t seed)
{
	return placed(points, points + 1, n_dims, n_cells, seed);
}

/* ---- waves of the graph ----------------------------------------------------------------------- */

struct waves {
	const struct cells *graph;
	double *root; /* of each cell's degree */
	double *from[2], *to[2];
};

/* Half a step of the walk and half staying where one is: no wave turns its sign at every step. */
static void step_part(void *arg, size_t part)
{
	const struct waves *w = arg;
	const struct cells *g = w->graph;
	size_t end = MIN((part + 1) * PER_PART, g->n_cells);

	for (size_t cell = part * PER_PART; cell < end; cell++) {
		double sum[2] = {0, 0};

		for (size_t i = g->starts[cell]; i < g->starts[cell + 1]; i++) {
			size_t other = g->genes[i];
			double weight = (double)g->values[i] / w->root[other];

			sum[0] += weight * w->from[0][other];
			sum[1] += weight * w->from[1][other];
		}
		for (size_t k = 0; k < 2; k++)
			w->to[k][cell] = (w->from[k][cell] + sum[k] / w->root[cell]) / 2;
	}
}

static double product(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* What of 'v' is along 'u', of length 1, is taken out. */
static void take_out(double *v, const double *u, size_t n)
{
	double along = product(v, u, n);

	for (size_t i = 0; i < n; i++)
		v[i] -= along * u[i];
}

static void to_length_1(double *v, size_t n)
{
	double length = sqrt(product(v, v, n));

	for (size_t i = 0; i < n && length > 0; i++)
		v[i] /= length;
}

/* Apart from each other, and from the wave that does not move, which says nothing. */
static void keep_apart(struct waves *w, const double *still)
{
	size_t n = w->graph->n_cells;

	for (size_t k = 0; k < 2; k++) {
		take_out(w->from[k], still, n);
		if (k)
			take_out(w->from[1], w->from[0], n);
		to_length_1(w->from[k], n);
	}
}

static double *degree_roots(const struct cells *graph)
{
	double *root = mem_alloc(graph->n_cells, sizeof(*root));

	for (size_t cell = 0; cell < graph->n_cells; cell++) {
		double sum = 0;

		for (size_t i = graph->starts[cell]; i < graph->starts[cell + 1]; i++)
			sum += (double)graph->values[i];
		root[cell] = sum > 0 ? sqrt(sum) : 1;
	}
	return root;
}

float *start_from_graph(const struct cells *graph, uint64_t seed, struct pool *pool)
{
	size_t n = graph->n_cells;
	struct waves w = {.graph = graph, .root = degree_roots(graph)};
	double *still = mem_copy(w.root, n, sizeof(*still));
	float *at;

	to_length_1(still, n);
	for (size_t k = 0; k < 2; k++) {
		MEM_ARRAY(w.from[k], n);
		MEM_ARRAY(w.to[k], n);
		for (size_t i = 0; i < n; i++)
			w.from[k][i] = draw_unit(seed, WAVES, 2 * i + k) - .5;
	}
	for (size_t step = 0; step < START_STEPS; step++) {
		keep_apart(&w, still);
		pool_run(pool, (n + PER_PART - 1) / PER_PART, step_part, &w);
		for (size_t k = 0; k < 2; k++) {
			double *was = w.from[k];

			w.from[k] = w.to[k];
			w.to[k] = was;
		}
	}
	keep_apart(&w, still);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 2; k++)
			w.from[k][i] /= w.root[i];
	at = placed(w.from[0], w.from[1], 1, n, seed);
	for (size_t k = 0; k < 2; k++) {
		free(w.from[k]);
		free(w.to[k]);
	}
	free(w.root);
	free(still);
	return at;
}
