/* graph_read.c - see graph_read.h. */
#include "base/util.h"

#include "graph/graph_read.h"

static int read_rows(struct stream *rows, struct cells *graph, struct err *err)
{
	struct cells *block;
	size_t n = 0;
	int got;

	while ((got = stream_next(rows, &block, err)) > 0) {
		size_t stored = cells_stored(block);

		memcpy(graph->genes + n, block->genes, stored * sizeof(*graph->genes));
		memcpy(graph->values + n, block->values, stored * sizeof(*graph->values));
		for (size_t i = 1; i <= block->n_cells; i++)
			graph->starts[block->first + i] = n + block->starts[i];
		n += stored;
	}
	return got;
}

int graph_read(struct h5ad *in, const char *name, struct cells *graph, struct pool *pool,
	       struct err *err)
{
	struct stream *rows = NULL;
	struct slot slot;
	int ret = -1;

	if (h5ad_obsp_slot(in, name, &slot, err)) {
		err_prefix(err, "no usable graph (knn-graph %s -o GRAPH.h5ad makes one)",
			   h5ad_path(in));
		return -1;
	}
	rows = h5ad_stream(in, &slot, NULL, pool, err);
	if (!rows)
		return -1;
	cells_reserve(graph, slot.n_cells, slot.n_stored);
	graph->n_cells = graph->n_genes = slot.n_cells;
	graph->starts[0] = 0;
	ret = read_rows(rows, graph, err);
	stream_free(rows);
	return ret ? ret : graph_check(graph, h5ad_path(in), err);
}
