/* knn-transfer - call the cell type of every cell by its neighbours in a reference.
 *
 * Reads an h5ad with coordinates (ref-map's, or any obsm that a labelled h5ad has too) and a
 * reference, writes a predictions TSV: label, share of the votes, how far the neighbours are and
 * what that means among the reference's own cells. Memory is O(cells x dimensions), of both sides.
 */
#include "base/util.h"

#include "base/folder.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/text.h"
#include "base/tool.h"
#include "h5ad/h5ad.h"
#include "map/harmony/soft.h"
#include "map/mapped_query.h"
#include "map/transfer.h"
#include "map/voters.h"

static struct opts {
	struct opt_list labels;
	const char *reference, *coordinates, *by, *metric, *weights, *tree, *name, *scores, *output;
	size_t k, exact_cells;
	double unlike;
	bool skip_unmapped;
} o = {.by = "auto", .output = "-", .unlike = 0.5};

/* What neighbours are asked where nothing is said of it: then anchors may vote instead. */
#define METRIC "cosine"
#define WEIGHTS "sharp"
#define NEIGHBORS 15
#define EXACT_CELLS 500000

static const char *const roads[] = {"auto", "cells", "anchors", "profiles", NULL};
static const char *const metrics[] = {"cosine", "euclidean", NULL};
static const char *const kernels[] = {"uniform", "inverse", "adaptive", "hlca", "sharp", NULL};

static const struct opt options[] = {
	OPT_TEXT("reference", 'm', reference, "REF", "what ref-build made, or a labelled h5ad"),
	OPT_LIST("label", 'l', labels, "COLUMN", "labels to transfer, or the reference's only one"),
	OPT_CHOICE("by", 0, by, "WHOM", "who votes: auto, cells, anchors, profiles (auto)", roads),
	OPT_TEXT("coordinates", 0, coordinates, "OBSM",
		 "of the query (see the page: X_pca_reference or X_pca_mapped)"),
	OPT_TEXT("tree", 0, tree, "NEWICK|ref",
		 "call down a tree of labels (ref: the reference's) while sure"),
	OPT_FLOAT("unlike", 0, unlike, "PERCENT",
		  "--tree: of the reference's own cells, rejected as unlike (0.5)"),
	OPT_CHOICE("metric", 0, metric, "HOW", "distances: cosine, euclidean (cosine)", metrics),
	OPT_CHOICE("weights", 0, weights, "HOW",
		   "of votes: uniform, inverse, adaptive, hlca, sharp (sharp)", kernels),
	OPT_SIZE("neighbors", 'k', k, "K", "neighbours that vote (15)"),
	OPT_SIZE("exact-cells", 0, exact_cells, "N",
		 "a larger reference is searched by groups (500000)"),
	OPT_FLAG("skip-unmapped", 0, skip_unmapped,
		 "a query that ref-map --skip-below passed on: an empty table"),
	OPT_TEXT("scores", 0, scores, "TSV", "write the shares of all labels"),
	OPT_TEXT("name", 0, name, "NAME", "what the column model says (the reference's name)"),
	OPT_TEXT("output", 'o', output, "FILE",
		 "calls (standard output); a folder with several labels"),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "call cell types by neighbours in a reference",
	.synopsis = "-m REF [-l COLUMN] [OPTIONS] [FILE]",
	.options = options,
	.max_inputs = 1,
	.details =
		"knn_pct over 99: the cell may be of no label here; map_pct tells that less well.",
};

struct run {
	struct atlas *atlas;
	struct h5ad *query;
	struct pool *pool;
	char **cells;
	const char *by; /* --by, or cells where there are too few for anchors */
	struct mapped_query mapped;
	struct voters voters;
	struct label_tree *tree;
	char *name;
};

static bool asks_neighbors; /* how many, how far or how much they count was said */

static void check_options(void)
{
	asks_neighbors = o.k || o.metric || o.weights || o.exact_cells;
	o.k = o.k ? o.k : NEIGHBORS;
	o.metric = o.metric ? o.metric : METRIC;
	o.weights = o.weights ? o.weights : WEIGHTS;
	o.exact_cells = o.exact_cells ? o.exact_cells : EXACT_CELLS;
	if (!o.reference)
		die_usage("which reference? (-m REF)");
	if (!(o.unlike >= 0 && o.unlike < 100))
		die_usage("--unlike %g: 0 to below 100", o.unlike);
	if (o.k > 10000)
		die_usage("--neighbors %zu: 1 to 10000", o.k);
	if (o.labels.n > 1 && (str_eq(o.output, "-") || o.scores))
		die_usage("several labels need a folder (-o FOLDER), and no --scores");
	if (o.tree &&
	    (o.labels.n > 1 || o.scores || (!str_eq(o.by, "cells") && !str_eq(o.by, "auto"))))
		die_usage("--tree goes with one label, --by cells, and without --scores");
}

/* The reference's file name, without folder and ending. */
static char *model_name(void)
{
	const char *file = path_file(o.reference), *dot = *file ? strchr(file + 1, '.') : NULL;

	return o.name ? mem_str(o.name)
		      : mem_printf("%.*s", (int)(dot ? (size_t)(dot - file) : strlen(file)), file);
}

static const char *choose_road(const struct run *run)
{
	size_t n = h5ad_n_cells(run->query);
	bool too_few;
	const char *by = voters_road(run->atlas, n, o.by, o.tree || o.coordinates || asks_neighbors,
				     &too_few);

	if (too_few)
		warn("%s: %zu cells are too few for anchors, which take %zu: called by cells",
		     h5ad_path(run->query), n, ANCHOR_CELLS);
	return by;
}

/*
 * Which of the query's obsm. Where no batches were taken out of the reference there is nothing to
 * move the query to: as it was projected it is called better, and what is strange stays strange.
 */
static const char *coordinates_key(const struct run *run)
{
	const struct reference *ref = run->atlas->ref;

	if (o.coordinates)
		return o.coordinates;
	return str_eq(run->by, "anchors") || (ref && !reference_is_corrected(ref))
		       ? "X_pca_reference"
		       : "X_pca_mapped";
}

static void skip(const struct run *run)
{
	struct err err = ERR_INIT;

	if (outfile_empty(o.output, &err))
		die_err(&err);
	warn("%s: has not been mapped: %s is empty", h5ad_path(run->query), o.output);
	manifest_output(o.output);
	manifest_decision("skipped", "%s: the query is not mapped", run->name);
}

static void read_query(struct run *run)
{
	struct err err = ERR_INIT;

	if (!mapped_query_read(&run->mapped, run->query, coordinates_key(run), run->atlas->dims,
			       &err))
		return;
	if (!o.coordinates)
		err_prefix(&err, "the query has not been mapped (ref-map)");
	die_err(&err);
}

static enum vote_kernel kernel(void)
{
	return (enum vote_kernel)opt_choice_of(kernels, o.weights);
}

/* Are the distances between anchors those that the reference is calibrated by? */
static bool measures_alike(const struct run *run)
{
	const struct reference *ref = run->atlas->ref;

	return ref && !o.coordinates && ref->knn_cosine;
}

/* Percentiles were measured with a number of neighbours and a metric: others do not compare. */
static void forget_quantiles(struct run *run)
{
	struct reference *ref = run->atlas->ref;

	if (!ref || reference_is_measured(ref, o.k, str_eq(o.metric, "cosine")))
		return;
	say("%s is calibrated for %zu neighbours by %s distance: no knn_pct, no probability",
	    o.reference, ref->knn_k, ref->knn_cosine ? "cosine" : "Euclidean");
	reference_forget_measures(ref);
}

static void call_down(struct run *run, struct transfer *t)
{
	struct err err = ERR_INIT;
	struct tree_road road = {.k = o.k, .percent = o.unlike};

	run->tree = tree_road_read(&road, run->atlas, o.tree, str_eq(o.metric, "cosine"), &err);
	if (!run->tree)
		die_err(&err);
	if (!str_eq(o.tree, "ref"))
		manifest_input(o.tree);
	if (transfer_by_tree(t, run->atlas, run->mapped.points, &road, run->pool, &err))
		die_err(&err);
	manifest_value("max_distance", road.max_distance);
	manifest_value("max_reconstruction", road.threshold);
}

static void transfer(struct run *run, size_t column)
{
	struct err err = ERR_INIT;
	const struct atlas_labels *labels = &run->atlas->labels[column];
	char *path = run->atlas->n_labels > 1 ? mem_printf("%s/%s.tsv", o.output, labels->column)
					      : mem_str(o.output);
	struct transfer t;
	size_t n_unknown = 0;

	transfer_start(&t, labels, run->mapped.n);
	if (o.tree)
		call_down(run, &t);
	else if (run->voters.found)
		transfer_by_cells(&t, run->voters.found, kernel(), run->pool);
	else if (run->voters.anchors)
		transfer_by_anchors(&t, run->voters.anchors, measures_alike(run) ? o.k : 0);
	else
		transfer_by_profiles(&t, run->mapped.points, run->atlas->dims);
	if (run->voters.anchors)
		t.mapping_score =
			mem_copy(run->voters.map_scores, run->mapped.n + 1, sizeof(double));
	if (run->voters.found && kernel() == VOTE_SHARP)
		transfer_be_sure(&t);
	if (!o.tree)
		transfer_judge(&t, run->atlas->ref ? run->mapped.map_distance : NULL);
	for (size_t i = 0; i < run->mapped.n; i++)
		n_unknown += t.votes[i].label == VOTE_NONE;
	if (n_unknown && o.tree)
		say("%s: %zu cells are Unknown or called by an inner node", labels->column,
		    n_unknown);
	else if (n_unknown)
		warn("%s: %zu cells have nobody that votes: Unknown", labels->column, n_unknown);
	if (transfer_write(&t, run->cells, run->name, path, run->pool, &err) ||
	    (o.scores && transfer_write_shares(&t, run->cells, o.scores, &err)))
		die_err(&err);
	manifest_output(path);
	transfer_release(&t);
	free(path);
}

static void tell_voters(const struct run *run)
{
	const struct voters *v = &run->voters;

	if (v->found && v->found->n_probes)
		say("%s: neighbours searched in %zu groups per cell: recall %.4f on a sample",
		    o.reference, v->found->n_probes, v->found->recall);
	if (v->found)
		manifest_value("recall", v->found->recall);
	if (!v->anchors)
		return;
	if (v->n_weighed < ANCHOR_WEIGHTS)
		warn("%zu cells are anchored: fewer than the %zu that should vote", v->n_weighed,
		     ANCHOR_WEIGHTS);
	say("%zu anchors; %.1f%% of the query's cells are in one", v->anchors->n,
	    100 * (double)v->anchors->n_anchored / (double)run->mapped.n);
	manifest_count("anchors", v->anchors->n);
	manifest_count("anchored_cells", v->anchors->n_anchored);
}

/* Who votes on each cell, whatever the column of labels. */
static void gather_votes(struct run *run)
{
	struct err err = ERR_INIT;
	struct vote_query q = {run->mapped.points, run->mapped.n, !o.coordinates, o.k,
			       o.exact_cells};
	bool anchors = str_eq(run->by, "anchors");
	int ret = anchors ? voters_by_anchors(&run->voters, run->atlas, &q, run->pool, &err) : 0;

	if (str_eq(run->by, "profiles") && !run->atlas->ref)
		refuse("%s: an h5ad has no profiles (ref-build makes them)", o.reference);
	if (!anchors && (str_eq(o.metric, "cosine") || str_eq(run->by, "profiles"))) {
		unit_rows(run->mapped.points, run->mapped.n, run->atlas->dims, run->mapped.points,
			  run->pool);
		atlas_make_unit(run->atlas, run->pool);
	}
	if (str_eq(run->by, "cells") && !o.tree)
		ret = voters_by_cells(&run->voters, run->atlas, &q, run->pool, &err);
	if (ret) {
		err_prefix(&err, "%s", o.reference);
		die_err(&err);
	}
	tell_voters(run);
}

static void call(struct run *run)
{
	struct err err = ERR_INIT;

	read_query(run);
	forget_quantiles(run);
	gather_votes(run);
	if (run->atlas->n_labels > 1 && folder_make(o.output, &err))
		die_err(&err);
	for (size_t i = 0; i < run->atlas->n_labels; i++)
		transfer(run, i);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};

	tool_begin("knn-transfer", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	check_options();
	manifest_input(o.reference);
	manifest_input(in.paths[0]);

	run.name = model_name();
	run.atlas = atlas_open(o.reference, o.coordinates, o.labels.items, o.labels.n, &err);
	run.query = run.atlas ? h5ad_open(in.paths[0], &err) : NULL;
	run.cells = run.query ? frame_keys(h5ad_obs(run.query), &err) : NULL;
	if (!run.cells)
		die_err(&err);
	run.pool = pool_new(tool_threads);
	run.by = choose_road(&run);
	manifest_decision("by", "%s", run.by);
	if (o.skip_unmapped && !mapped_query_has(run.query, coordinates_key(&run)))
		skip(&run);
	else
		call(&run);

	voters_release(&run.voters);
	label_tree_free(run.tree);
	mapped_query_release(&run.mapped);
	free(run.name);
	atlas_free(run.atlas);
	pool_free(run.pool);
	h5ad_close(run.query);
	return tool_end();
}
