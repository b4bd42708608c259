/* layout - cells in the plane, near those that are like them.
 *
 * Reads an h5ad with a neighbour graph and writes it with obsm/X_umap: UMAP's layout of the graph.
 * With --onto the cells are put into the layout of a reference instead, by their neighbours there.
 * The same input and seed give the same bytes, for any number of threads. Memory is O(edges).
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "graph/graph_read.h"
#include "graph/knn_cross.h"
#include "h5ad/writer.h"
#include "layout/embed.h"
#include "layout/newcomers.h"
#include "layout/start.h"
#include "linalg/kernels.h"

#define LARGEST 1e15           /* coordinate */
#define EXACT ((size_t)500000) /* cells of a reference; more are searched by groups */

static struct opts {
	const char *graph, *obsp, *start, *use, *onto, *onto_use, *name, *few, *compress, *output;
	size_t rounds, negatives, neighbors, seed;
	double min_dist, spread;
} o = {.obsp = "connectivities",
       .start = "auto",
       .use = "X_pca",
       .name = "X_umap",
       .few = "fail",
       .negatives = 5,
       .neighbors = 15,
       .min_dist = 0.5,
       .spread = 1,
       .compress = "none",
       .output = "-"};

static const char *const starts[] = {"auto", "coordinates", "graph", NULL};
static const char *const fews[] = {"fail", "pass", NULL};

static const struct opt options[] = {
	OPT_TEXT("graph", 'g', graph, "H5AD", "take the graph from this file (the input)"),
	OPT_TEXT("obsp", 0, obsp, "NAME", "the graph (connectivities)"),
	OPT_CHOICE("start", 0, start, "HOW", "auto, coordinates, or graph: its waves (auto)",
		   starts),
	OPT_TEXT("use", 0, use, "OBSM",
		 "coordinates to start from, or to find neighbours by (X_pca)"),
	OPT_FLOAT("min-dist", 0, min_dist, "D", "how near like cells may come (0.5)"),
	OPT_FLOAT("spread", 0, spread, "S", "the scale of the distances (1)"),
	OPT_SIZE("rounds", 0, rounds, "N", "how often cells move (500; over 10,000 cells: 200)"),
	OPT_SIZE("negatives", 0, negatives, "N", "cells pushed from at each draw (5)"),
	OPT_TEXT("onto", 0, onto, "H5AD", "put the cells into the layout that this reference has"),
	OPT_TEXT("onto-use", 0, onto_use, "OBSM", "the reference's coordinates (as --use)"),
	OPT_SIZE("neighbors", 'k', neighbors, "K", "--onto: neighbours that say where (15)"),
	OPT_TEXT("name", 0, name, "OBSM", "what the layout is called (X_umap)"),
	OPT_CHOICE("few", 0, few, "HOW", "a file without a graph: fail, or pass it on (fail)",
		   fews),
	OPT_SIZE("seed", 0, seed, "N", "seed of the random choices (0, as scanpy's)"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "cells in the plane, near those that are like them (UMAP)",
	.synopsis = "[OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct h5ad *in, *graph; /* the same, without --graph */
	struct pool *pool;
	float *at; /* cells x 2 */
	struct forces forces;
	size_t n_cells;
};

/* ---- coordinates ---- */

static bool has_obsm(const struct h5ad *f, const char *name)
{
	for (size_t i = 0; i < h5ad_n_members(f, "obsm"); i++)
		if (str_eq(h5ad_member(f, "obsm", i), name))
			return true;
	return false;
}

static int take_points(struct h5ad *f, const char *name, double **points, size_t *dims,
		       struct err *err)
{
	if (h5ad_obsm(f, name, points, dims, err))
		return -1;
	for (size_t i = 0; i < h5ad_n_cells(f) * *dims; i++)
		if (!(fabs((*points)[i]) <= LARGEST))
			return err_set(err, "%s: obsm/%s: row %zu holds %g", h5ad_path(f), name,
				       i / *dims, (*points)[i]);
	return *dims >= 2 ? 0
			  : err_set(err, "%s: obsm/%s has %zu columns: two or more are needed",
				    h5ad_path(f), name, *dims);
}

/* ---- a layout of the graph ---- */

static int start(struct run *run, const struct cells *graph, struct err *err)
{
	bool points = str_eq(o.start, "coordinates") ||
		      (str_eq(o.start, "auto") && has_obsm(run->graph, o.use));
	double *at = NULL;
	size_t dims;

	manifest_decision("start", "%s", points ? o.use : "graph");
	if (!points) {
		run->at = start_from_graph(graph, o.seed, run->pool);
		return 0;
	}
	if (take_points(run->graph, o.use, &at, &dims, err) == 0)
		run->at = start_from_points(at, run->n_cells, dims, o.seed);
	free(at);
	return run->at ? 0 : -1;
}

static int lay_out(struct run *run, struct err *err)
{
	struct embed_rules rules = {.n_rounds = o.rounds, .negatives = o.negatives, .seed = o.seed};
	struct cells graph = {0};
	size_t n_rounds = embed_rounds(&rules, run->n_cells);
	struct progress progress;
	int ret = graph_read(run->graph, o.obsp, &graph, run->pool, err);

	if (ret == 0)
		ret = start(run, &graph, err);
	if (ret == 0) {
		forces_fit(&run->forces, o.min_dist, o.spread);
		progress = progress_start("rounds", n_rounds);
		embed(run->at, &graph, &run->forces, &rules, run->pool, &progress);
		progress_end(&progress);
		say("%s: %zu cells laid out in %zu rounds", h5ad_path(run->in), run->n_cells,
		    n_rounds);
		manifest_count("edges", cells_stored(&graph));
		manifest_count("rounds", n_rounds);
	}
	cells_release(&graph);
	return ret;
}

/* ---- new cells in an old layout ---- */

static int put_onto(struct run *run, struct h5ad *ref, struct err *err)
{
	const char *use = o.onto_use ? o.onto_use : o.use;
	double *mine = NULL, *theirs = NULL, *layout = NULL;
	size_t dims, their_dims, layout_dims;
	struct knn_cross *found = NULL;
	int ret = -1;

	if (take_points(run->in, o.use, &mine, &dims, err) ||
	    take_points(ref, use, &theirs, &their_dims, err) ||
	    take_points(ref, o.name, &layout, &layout_dims, err))
		goto free_points;
	if (dims != their_dims || layout_dims != 2) {
		err_set(err,
			"%s has %zu columns in obsm/%s, %s %zu in obsm/%s and %zu in obsm/%s: "
			"not one space",
			h5ad_path(run->in), dims, o.use, h5ad_path(ref), their_dims, use,
			layout_dims, o.name);
		goto free_points;
	}
	kernels_alone();
	found = knn_cross_find(mine, run->n_cells, theirs, h5ad_n_cells(ref), dims, o.neighbors,
			       EXACT, run->pool, err);
	if (found) {
		run->at = newcomers_place(found, layout);
		say("%s: %zu cells put among %zu of %s", h5ad_path(run->in), run->n_cells,
		    h5ad_n_cells(ref), h5ad_path(ref));
		manifest_count("reference_cells", h5ad_n_cells(ref));
		ret = 0;
	}
free_points:
	knn_cross_free(found);
	free(mine);
	free(theirs);
	free(layout);
	return ret;
}

static int find_places(struct run *run, struct err *err)
{
	struct h5ad *ref;
	int ret;

	if (!o.onto)
		return lay_out(run, err);
	manifest_input(o.onto);
	ref = h5ad_open(o.onto, err);
	ret = ref ? put_onto(run, ref, err) : -1;
	h5ad_close(ref);
	return ret;
}

/* ---- the file ---- */

/* How it was made, where scanpy says so. */
static int write_params(struct writer *w, const struct run *run, struct err *err)
{
	writer_leave_out(w, "uns/umap");
	if (o.onto || !str_eq(o.name, "X_umap"))
		return 0;
	return writer_number(w, "uns/umap/params/a", run->forces.a, false, err) ||
			       writer_number(w, "uns/umap/params/b", run->forces.b, false, err)
		       ? -1
		       : 0;
}

static int write_output(struct run *run, struct err *err)
{
	struct writer *w = writer_open(o.output, o.compress, run->pool, err);
	char *member = mem_printf("obsm/%s", o.name);
	int ret = w ? 0 : -1;

	if (w && run->at) {
		if (has_obsm(run->in, o.name))
			say("%s: obsm/%s is replaced", h5ad_path(run->in), o.name);
		writer_leave_out(w, member);
		ret = writer_dense(w, member, run->at, run->n_cells, 2, err) ||
				      write_params(w, run, err)
			      ? -1
			      : 0;
	}
	if (ret == 0)
		ret = writer_carry_rest(w, run->in, err);
	free(member);
	if (ret == 0)
		return writer_finish(w, err);
	writer_abort(w);
	return -1;
}

/* The graph's cells are the input's, in its order. */
static int open_graph(struct run *run, struct err *err)
{
	char **mine, **theirs;

	run->graph = run->in;
	if (!o.graph)
		return 0;
	manifest_input(o.graph);
	run->graph = h5ad_open(o.graph, err);
	mine = run->graph ? frame_keys(h5ad_obs(run->in), err) : NULL;
	theirs = mine ? frame_keys(h5ad_obs(run->graph), err) : NULL;
	if (!theirs)
		return -1;
	for (size_t i = 0; i < MAX(run->n_cells, h5ad_n_cells(run->graph)); i++)
		if (i >= run->n_cells || i >= h5ad_n_cells(run->graph) ||
		    !str_eq(mine[i], theirs[i]))
			return err_set(err, "%s: cell %zu is another than in %s: not its graph",
				       o.graph, i + 1, h5ad_path(run->in));
	return 0;
}

static bool is_passed_on(const struct run *run)
{
	for (size_t i = 0; i < h5ad_n_members(run->graph, "obsp"); i++)
		if (str_eq(h5ad_member(run->graph, "obsp", i), o.obsp))
			return false;
	if (!str_eq(o.few, "pass") || o.onto)
		return false;
	warn("%s: has no graph: passed on without a layout", h5ad_path(run->in));
	manifest_decision("skipped", "no graph");
	return true;
}

static void check_usage(void)
{
	if (!(o.spread > 0 && o.min_dist >= 0 && o.min_dist <= 3 * o.spread))
		die_usage("--spread is above 0, --min-dist from 0 to three times that");
	if (o.rounds > 100000 || o.negatives > 1000 || o.neighbors == 0)
		die_usage("--rounds is at most 100000, --negatives 1000, --neighbors 1 or more");
	if (o.onto && o.graph)
		die_usage("--onto needs no --graph: neighbours are found by coordinates");
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};
	struct inputs in;

	tool_begin("layout", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_usage();
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	manifest_seed(o.seed);
	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in)
		die_err(&err);
	run.pool = pool_new(tool_threads);
	run.n_cells = h5ad_n_cells(run.in);
	if (open_graph(&run, &err) || (!is_passed_on(&run) && find_places(&run, &err)) ||
	    write_output(&run, &err))
		die_err(&err);
	manifest_count("cells", run.n_cells);

	free(run.at);
	pool_free(run.pool);
	if (run.graph != run.in)
		h5ad_close(run.graph);
	h5ad_close(run.in);
	return tool_end();
}
