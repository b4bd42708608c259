/* graph_check.c - is it a graph of these cells, and a sane one? */
#include "base/util.h"

#include <math.h>

#include "graph/graph_read.h"
#include "graph/leiden.h"

/* The weight from one cell to another, NaN when there is no edge. */
static double weight_of(const struct cells *graph, size_t from, uint32_t to)
{
	size_t low = graph->starts[from], high = graph->starts[from + 1];

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (graph->genes[middle] == to)
			return (double)graph->values[middle];
		if (graph->genes[middle] < to)
			low = middle + 1;
		else
			high = middle;
	}
	return NAN;
}

int graph_check(const struct cells *graph, const char *path, struct err *err)
{
	for (size_t cell = 0; cell < graph->n_cells; cell++) {
		for (size_t i = graph->starts[cell]; i < graph->starts[cell + 1]; i++) {
			double there = (double)graph->values[i];
			double back = weight_of(graph, graph->genes[i], (uint32_t)cell);

			if (there < 0)
				return err_set(err,
					       "%s: the weight from cell %zu to %u is %g: "
					       "weights are 0 or more",
					       path, cell, graph->genes[i], there);
			if (!(fabs(there - back) <= 1e-6 * there + 1e-9))
				return err_set(err,
					       "%s: the graph is not symmetric: cell %zu to %u "
					       "has weight %g, and back %g",
					       path, cell, graph->genes[i], there,
					       isnan(back) ? 0 : back);
		}
	}
	return 0;
}

double leiden_resolution(size_t n_cells)
{
	static const struct {
		size_t below;
		double resolution;
	} steps[] = {{5000, 5}, {20000, 10}, {40000, 15}, {100000, 20}, {200000, 25}};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (n_cells < steps[i].below)
			return steps[i].resolution;
	return 30;
}
