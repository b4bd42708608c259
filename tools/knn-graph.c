/* knn-graph - principal components and the graph of nearest neighbours.
 *
 * Reads an h5ad, writes it with obsm/X_pca, obsp/distances, obsp/connectivities and uns/neighbors,
 * for scanpy to use as its own. Three passes over the cells; memory is O(genes x genes of those
 * chosen + cells x components), because every cell is compared with every other.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "expression/expression.h"
#include "expression/pca.h"
#include "expression/variable_genes.h"
#include "graph/neighbors.h"
#include "graph/positions.h"
#include "graph/tissue.h"
#include "h5ad/writer.h"
#include "linalg/kernels.h"

static struct opts {
	size_t pcs, genes, neighbors, exact_cells, max_edges;
	const char *use, *widths, *few, *slot, *accept, *as, *compress, *output;
	const char *spatial, *radius, *diffuse;
	double mix;
} o = {.pcs = 50,
       .genes = 2500,
       .neighbors = 10,
       .exact_cells = KNN_EXACT_CELLS,
       .widths = "unbounded",
       .few = "fail",
       .slot = "auto",
       .compress = "none",
       .output = "-",
       .mix = 0.5,
       .max_edges = RADIUS_MOST_EDGES};

#define FEW 50                /* cells that nothing over-clusters */
#define DIFFUSED "X_diffused" /* in obsm */

static const char *const fews[] = {"fail", "pass", NULL};
static const char *const widths[] = {"unbounded", "searched", NULL};

static const struct opt options[] = {
	OPT_SIZE("pcs", 0, pcs, "N", "principal components (50)"),
	OPT_SIZE("genes", 0, genes, "N", "most variable genes to use (2500)"),
	OPT_SIZE("neighbors", 0, neighbors, "N", "neighbours of a cell, itself counted (10)"),
	OPT_TEXT("use", 0, use, "OBSM", "take coordinates from obsm, such as X_pca (computed)"),
	OPT_CHOICE("widths", 0, widths, "HOW",
		   "UMAP's widths above 1: unbounded, searched (unbounded)", widths),
	OPT_TEXT("slot", 0, slot, "SLOT", "the matrix: auto, X, raw or layers/NAME (auto)"),
	OPT_TEXT("accept", 0, accept, "VERDICT", "take a matrix judged so as it is"),
	OPT_CHOICE("as", 0, as, "WHAT",
		   "what X or SLOT is, whatever it looks like: counts, log1p, log2, cpm", input_as),
	OPT_CHOICE("few", 0, few, "HOW",
		   "fewer than 50 cells: fail, or pass them on without a graph (fail)", fews),
	OPT_SIZE("exact-cells", 0, exact_cells, "N",
		 "more cells than this are searched by groups (150000)"),
	OPT_TEXT("spatial", 0, spatial, "KEY", "positions: an array of obsm, or obs:COLUMN,COLUMN"),
	OPT_TEXT("radius", 0, radius, "R:W,...",
		 "join cells within R by weight W, the largest that reaches"),
	OPT_FLOAT("mix", 0, mix, "SHARE", "of the cells near, the rest of the cells alike (0.5)"),
	OPT_TEXT("diffuse", 0, diffuse, "B:STEPS",
		 "first smooth coordinates over the cells near: share B, so many times"),
	OPT_SIZE("max-edges", 0, max_edges, "N", "refuse a radius of more edges (100000000)"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "principal components and the graph of nearest neighbours",
	.synopsis = "[OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct h5ad *in;
	struct pool *pool;
	float *points; /* cells x dims */
	size_t n_cells, n_dims;
	bool computed;     /* by us, rather than taken from the file */
	struct cells near; /* with --spatial */
	double share;      /* of --diffuse */
	size_t steps;
	struct knn *knn;
};

/* ---- coordinates ---- */

/* The genes chosen: their new numbers, and how to scale them. */
struct choice {
	uint32_t *map;
	struct scaled_genes scaled;
};

static int choose_genes(struct input *input, struct run *run, struct choice *choice,
			struct err *err)
{
	struct stream *cells = input_stream(input, NULL, 0, err);
	bool *chosen = mem_zero(input->n_genes, sizeof(*chosen));
	struct gene_moments m = {0};
	int failed = cells ? gene_moments_read(&m, cells, run->pool, err) : -1;
	size_t n = 0;

	stream_free(cells);
	if (!failed)
		n = variable_genes(&m, o.genes, chosen);
	MEM_ARRAY(choice->map, input->n_genes);
	MEM_ARRAY(choice->scaled.mean, n);
	MEM_ARRAY(choice->scaled.deviation, n);
	for (size_t g = 0; g < input->n_genes && !failed; g++) {
		choice->map[g] = chosen[g] ? (uint32_t)choice->scaled.n : STRTAB_NONE;
		if (!chosen[g])
			continue;
		choice->scaled.mean[choice->scaled.n] = gene_mean(&m, g);
		choice->scaled.deviation[choice->scaled.n++] = gene_deviation(&m, g);
	}
	if (!failed && n < 2)
		failed = err_set(err, "%s: %zu genes vary in 5 cells or more: too few for a graph",
				 h5ad_path(run->in), n);
	gene_moments_release(&m);
	free(chosen);
	return failed;
}

static int project(struct input *input, const struct choice *choice, struct run *run,
		   struct err *err)
{
	struct stream *cells = input_stream_genes(input, choice->map, choice->scaled.n, err);
	struct pca *p = cells ? pca_of(cells, &choice->scaled, o.pcs, run->pool, err) : NULL;
	int ret = -1;

	stream_free(cells);
	if (!p)
		return -1;
	run->n_dims = p->n_components;
	run->points = mem_alloc(mem_product(run->n_cells, run->n_dims), sizeof(*run->points));
	cells = input_stream_genes(input, choice->map, choice->scaled.n, err);
	if (cells)
		ret = pca_project(p, cells, run->pool, run->points, err);
	stream_free(cells);
	say("%s: %zu components of %zu genes hold %.1f%% of the variance", h5ad_path(run->in),
	    p->n_components, p->n_genes, 100 * pca_share(p));
	manifest_count("genes", p->n_genes);
	manifest_value("pca_residual", p->residual);
	pca_free(p);
	return ret;
}

static int compute_points(struct run *run, struct err *err)
{
	struct input_rules rules = {
		.slot = o.slot, .accept = o.accept, .as = o.as, .target_sum = 1e4};
	struct input *input = input_open(run->in, &rules, run->pool, err);
	struct choice choice = {0};
	struct text scratch = TEXT_INIT;
	int ret = -1;

	if (!input)
		return -1;
	run->computed = true;
	ret = choose_genes(input, run, &choice, err);
	if (ret == 0) {
		say("%s: %s", h5ad_path(run->in), input_decision(input, &scratch));
		ret = project(input, &choice, run, err);
	}
	text_release(&scratch);
	free(choice.map);
	free(choice.scaled.mean);
	free(choice.scaled.deviation);
	input_close(input);
	return ret;
}

/* ---- the tissue ---- */

static int find_near(struct run *run, struct err *err)
{
	struct positions p;
	struct radii radii;
	int ret;

	if (!o.spatial)
		return 0;
	if (radii_parse(&radii, o.radius, err)) {
		err_prefix(err, "--radius");
		return -1;
	}
	if (positions_read(&p, run->in, o.spatial, err))
		return -1;
	ret = radius_graph(&run->near, &p, &radii, o.max_edges, run->pool, err);
	free(p.at);
	if (ret)
		return err_prefix(err, "%s: %s", h5ad_path(run->in), o.spatial);
	say("%s: %.1f cells within %g of each; %zu have none", h5ad_path(run->in),
	    (double)cells_stored(&run->near) / (double)run->n_cells, radii.radius[radii.n - 1],
	    tissue_alone(&run->near));
	manifest_count("edges", cells_stored(&run->near));
	manifest_count("alone", tissue_alone(&run->near));
	return 0;
}

/* ---- writing ---- */

static int write_points(struct run *run, struct writer *w, struct err *err)
{
	if (run->computed &&
	    writer_dense(w, "obsm/X_pca", run->points, run->n_cells, run->n_dims, err))
		return -1;
	if (!run->steps)
		return 0;
	tissue_diffuse(run->points, run->n_dims, &run->near, run->share, run->steps, run->pool);
	return writer_dense(w, "obsm/" DIFFUSED, run->points, run->n_cells, run->n_dims, err);
}

static int write_output(struct run *run, struct err *err)
{
	struct writer *w = writer_open(o.output, o.compress, run->pool, err);
	struct neighbors made = {.widths = str_eq(o.widths, "searched") ? FUZZY_SEARCHED
									: FUZZY_UNBOUNDED,
				 .from = run->steps ? DIFFUSED
					 : o.use    ? o.use
						    : "X_pca",
				 .n_dims = run->n_dims,
				 .near = o.spatial ? &run->near : NULL,
				 .mix = o.mix};
	const char *layout;

	if (!w)
		return -1;
	layout = neighbors_leave_out_old(w, run->in, run->computed);
	if (layout)
		say("%s: obsm/%s was made from another graph: left out", h5ad_path(run->in),
		    layout);
	if (write_points(run, w, err) == 0)
		run->knn = neighbors_find(w, run->in,
					  &(struct neighbors_sought){run->points, run->n_cells,
								     run->n_dims, o.neighbors,
								     o.exact_cells},
					  run->pool, err);
	made.knn = run->knn;
	if (!run->knn || neighbors_write(w, &made, err) || writer_carry_rest(w, run->in, err)) {
		writer_abort(w);
		return -1;
	}
	return writer_finish(w, err);
}

/* The file as it is: there is nothing to make a graph of. */
static void pass_on(struct run *run)
{
	struct err err = ERR_INIT;
	struct writer *w = writer_open(o.output, o.compress, run->pool, &err);

	warn("%s: %zu cells are too few for a graph: none is made", h5ad_path(run->in),
	     run->n_cells);
	manifest_decision("skipped", "few cells");
	if (!w || writer_carry_rest(w, run->in, &err)) {
		writer_abort(w);
		die_err(&err);
	}
	if (writer_finish(w, &err))
		die_err(&err);
}

static void report(const struct run *run)
{
	if (run->knn->n_probes)
		say("%s: neighbours searched in %zu groups per cell: recall %.4f on a sample",
		    h5ad_path(run->in), run->knn->n_probes, run->knn->recall);
	manifest_value("recall", run->knn->recall);
	manifest_decision("kernels", "%s", kernels_name());
	manifest_count("cells", run->n_cells);
}

static void make_graph(struct run *run)
{
	struct err err = ERR_INIT;

	if (run->n_cells < o.neighbors)
		die("%s: %zu cells are fewer than --neighbors %zu", h5ad_path(run->in),
		    run->n_cells, o.neighbors);
	if (find_near(run, &err) ||
	    (o.use ? coordinates_read(&run->points, &run->n_dims, run->in, o.use, &err)
		   : compute_points(run, &err)) ||
	    write_output(run, &err))
		die_err(&err);
	report(run);
	knn_free(run->knn);
	cells_release(&run->near);
}

static void check_usage(struct run *run)
{
	if (o.pcs == 0 || o.genes < 2 || o.neighbors < 2)
		die_usage("--pcs is 1 or more, --genes and --neighbors 2 or more");
	if (!o.spatial != !o.radius)
		die_usage(
			"--spatial says where cells are, --radius how far they see: both or none");
	if (!(o.mix >= 0 && o.mix <= 1))
		die_usage("--mix is from 0 to 1");
	if (o.diffuse && !o.spatial)
		die_usage("--diffuse needs --spatial and --radius");
	if (o.diffuse && !tissue_parse_diffuse(o.diffuse, &run->share, &run->steps))
		die_usage("--diffuse: %s is not SHARE:STEPS, as in 0.6:2", o.diffuse);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};
	struct inputs in;

	tool_begin("knn-graph", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_usage(&run);
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in)
		die_err(&err);
	run.pool = pool_new(tool_threads);
	run.n_cells = h5ad_n_cells(run.in);

	if (str_eq(o.few, "pass") && run.n_cells < FEW)
		pass_on(&run);
	else
		make_graph(&run);

	free(run.points);
	pool_free(run.pool);
	h5ad_close(run.in);
	return tool_end();
}
