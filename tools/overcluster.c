/* overcluster - many small clusters of a neighbour graph, for voting.
 *
 * Reads an h5ad with obsp/connectivities, writes a clusters TSV: cell, cluster. Leiden, seeded:
 * the same graph and seed give the same clusters, which are scanpy's. Memory is O(edges). This
 * filter alone links igraph, and is therefore under the GPL.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/text.h"
#include "base/tool.h"
#include "format/tsv.h"
#include "graph/graph_read.h"
#include "graph/leiden.h"
#include "h5ad/frame/obs_plan.h"
#include "h5ad/h5ad.h"

#define FEW_CELLS 50 /* CellTypist does not over-cluster fewer */

static struct opts {
	const char *resolution, *graph, *output;
	size_t seed;
} o = {.resolution = "auto", .graph = "connectivities", .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("resolution", 0, resolution, "R",
		 "larger makes more clusters; auto: 5 to 30, by the cells (auto)"),
	OPT_TEXT("graph", 0, graph, "OBSP", "the graph (connectivities)"),
	OPT_SIZE("seed", 0, seed, "N", "seed of the random choices (0, as scanpy's)"),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "many small clusters of a neighbour graph, for voting",
	.synopsis = "[OPTIONS] [INPUT] [-o CLUSTERS.tsv]",
	.options = options,
	.max_inputs = 1,
};

struct clustered {
	char **cells;
	uint32_t *clusters;
	size_t n_cells, n_clusters;
};

static double choose_resolution(size_t n_cells)
{
	double resolution;

	if (str_eq(o.resolution, "auto"))
		return leiden_resolution(n_cells);
	if (!parse_double(o.resolution, &resolution) || !(resolution > 0 && resolution < 1e6))
		die_usage("--resolution: %s is neither auto nor a number above 0", o.resolution);
	return resolution;
}

static int cluster(struct h5ad *in, struct clustered *c, struct err *err)
{
	struct cells graph = {0};
	double resolution = choose_resolution(h5ad_n_cells(in));
	struct pool *pool = pool_new(tool_threads);
	int ret = graph_read(in, o.graph, &graph, pool, err);

	pool_free(pool);
	if (ret == 0) {
		c->n_clusters = leiden(&graph, resolution, (uint32_t)o.seed, c->clusters, err);
		ret = c->n_clusters ? 0 : -1;
		if (ret)
			err_prefix(err, "%s", h5ad_path(in));
	}
	if (ret == 0) {
		say("%s: %zu clusters of %zu cells at resolution %g", h5ad_path(in), c->n_clusters,
		    c->n_cells, resolution);
		manifest_value("resolution", resolution);
	}
	cells_release(&graph);
	return ret;
}

static int put_clusters(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct clustered *c = arg;

	(void)err;
	tsv_header(w, "cell\tcluster");
	for (size_t cell = 0; cell < c->n_cells; cell++) {
		tsv_put(w, c->cells[cell]);
		tsv_put_size(w, c->clusters[cell]);
		tsv_end_row(w);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct clustered c = {0};
	struct inputs in;
	struct h5ad *file;

	tool_begin("overcluster", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (o.seed > UINT32_MAX)
		die_usage("--seed is below 2^32");
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	manifest_seed(o.seed);
	file = h5ad_open(in.paths[0], &err);
	if (!file)
		die_err(&err);
	c.n_cells = h5ad_n_cells(file);
	c.cells = frame_keys(h5ad_obs(file), &err);
	if (!c.cells)
		die_err(&err);
	if (obs_check_keys(c.cells, c.n_cells, &err)) {
		err_prefix(&err, "%s", h5ad_path(file));
		die_err(&err);
	}
	MEM_ZERO(c.clusters, c.n_cells);

	if (c.n_cells < FEW_CELLS) {
		warn("%s: %zu cells are too few to over-cluster: each is a cluster of its own",
		     h5ad_path(file), c.n_cells);
		for (size_t cell = 0; cell < c.n_cells; cell++)
			c.clusters[cell] = (uint32_t)cell;
	} else if (cluster(file, &c, &err)) {
		die_err(&err);
	}
	if (tsv_write_file(o.output, put_clusters, &c, &err))
		die_err(&err);

	free(c.clusters);
	h5ad_close(file);
	return tool_end();
}
