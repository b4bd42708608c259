/* knn-transfer - call the cell type of every cell by its neighbours in a reference.
 *
 * Reads an h5ad with coordinates (ref-map's, or any obsm that a labelled h5ad has too) and a
 * reference, writes a predictions TSV: label, share of the votes, how far the neighbours are and
 * what that means among the reference's own cells. Memory is O(cells x dimensions), of both sides.
 */
#include "base/util.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "h5ad/h5ad.h"
#include "map/soft.h"
#include "map/transfer.h"

static struct opts {
	struct opt_list labels;
	const char *reference, *coordinates, *by, *metric, *weights, *tree, *name, *scores, *output;
	size_t k, exact_cells;
} o = {.by = "cells",
       .metric = "cosine",
       .weights = "adaptive",
       .output = "-",
       .k = 15,
       .exact_cells = 500000};

static const char *const roads[] = {"cells", "anchors", "profiles", NULL};
static const char *const metrics[] = {"cosine", "euclidean", NULL};
static const char *const kernels[] = {"uniform", "inverse", "adaptive", "hlca", NULL};

static const struct opt options[] = {
	OPT_TEXT("reference", 'm', reference, "REF", "what ref-build made, or a labelled h5ad"),
	OPT_LIST("label", 'l', labels, "COLUMN", "labels to transfer; may be given again"),
	OPT_CHOICE("by", 0, by, "WHOM", "who votes: cells, anchors, profiles (cells)", roads),
	OPT_TEXT("coordinates", 0, coordinates, "OBSM",
		 "of the query (X_pca_mapped; anchors: X_pca_reference)"),
	OPT_TEXT("tree", 0, tree, "NEWICK", "call down a tree of the labels, as far as it is sure"),
	OPT_CHOICE("metric", 0, metric, "HOW", "distances: cosine, euclidean (cosine)", metrics),
	OPT_CHOICE("weights", 0, weights, "HOW",
		   "of votes: uniform, inverse, adaptive, hlca (adaptive)", kernels),
	OPT_SIZE("neighbors", 'k', k, "K", "neighbours that vote (15)"),
	OPT_SIZE("exact-cells", 0, exact_cells, "N",
		 "a larger reference is searched by groups (500000)"),
	OPT_TEXT("scores", 0, scores, "TSV", "write the shares of all labels"),
	OPT_TEXT("name", 0, name, "NAME", "what the column model says (the reference's name)"),
	OPT_TEXT("output", 'o', output, "FILE",
		 "calls (standard output); a folder with several labels"),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "call cell types by neighbours in a reference",
	.synopsis = "-m REF -l COLUMN [OPTIONS] [FILE]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct atlas *atlas;
	struct h5ad *query;
	struct pool *pool;
	char **cells;
	size_t n;
	double *points, *map_distance, *map_scores;
	struct knn_cross *found; /* --by cells */
	struct anchors *anchors; /* --by anchors */
	struct label_tree *tree;
	char *name;
};

static void check_options(void)
{
	if (!o.reference)
		die_usage("which reference? (-m REF)");
	if (!o.labels.n)
		die_usage("which labels? (-l COLUMN)");
	if (o.k < 1 || o.k > 10000)
		die_usage("--neighbors %zu: 1 to 10000", o.k);
	if (o.labels.n > 1 && str_eq(o.output, "-"))
		die_usage("several labels need a folder for their calls (-o FOLDER)");
	if (o.tree && (o.labels.n > 1 || o.scores || !str_eq(o.by, "cells")))
		die_usage("--tree goes with one label, --by cells, and without --scores");
	if (o.labels.n > 1 && o.scores)
		die_usage("--scores goes with one label");
}

/* The reference's file name, without folder and ending. */
static char *model_name(void)
{
	const char *slash = strrchr(o.reference, '/');
	char *name = mem_str(o.name ? o.name : slash ? slash + 1 : o.reference);

	if (!o.name && strchr(name + 1, '.'))
		*strchr(name + 1, '.') = '\0';
	return name;
}

static void read_query(struct run *run)
{
	struct err err = ERR_INIT;
	const char *key = o.coordinates             ? o.coordinates
			  : str_eq(o.by, "anchors") ? "X_pca_reference"
						    : "X_pca_mapped";
	const struct column *distance;
	size_t dims;

	if (h5ad_obsm(run->query, key, &run->points, &dims, &err)) {
		if (!o.coordinates)
			err_prefix(&err, "the query has not been mapped (ref-map)");
		die_err(&err);
	}
	if (dims != run->atlas->dims)
		refuse("%s: obsm/%s has %zu dimensions, the reference %zu: not of one space",
		       h5ad_path(run->query), key, dims, run->atlas->dims);
	for (size_t i = 0; i < run->n * dims; i++)
		if (!isfinite(run->points[i]))
			die("%s: obsm/%s: row %zu holds %g", h5ad_path(run->query), key, i / dims,
			    run->points[i]);
	distance = frame_find(h5ad_obs(run->query), "map_distance");
	if (!distance || !run->atlas->ref)
		return;
	distance = frame_column(h5ad_obs(run->query), "map_distance", &err);
	if (!distance)
		die_err(&err);
	MEM_ARRAY(run->map_distance, run->n + 1);
	for (size_t i = 0; i < run->n; i++)
		run->map_distance[i] = column_number(distance, i);
}

static struct knn_cross *find(struct run *run)
{
	struct err err = ERR_INIT;
	struct knn_cross *found;

	if (!run->atlas->n)
		refuse("%s has no cells (it was made with --no-cells): --by profiles", o.reference);
	if (run->atlas->n < o.k)
		refuse("%s: %zu cells are fewer than --neighbors %zu", o.reference, run->atlas->n,
		       o.k);
	found = knn_cross_find(run->points, run->n, run->atlas->points, run->atlas->n,
			       run->atlas->dims, o.k, o.exact_cells, run->pool, &err);
	if (!found)
		die_err(&err);
	if (found->n_probes)
		say("%s: neighbours searched in %zu groups per cell: recall %.4f on a sample",
		    o.reference, found->n_probes, found->recall);
	manifest_value("recall", found->recall);
	return found;
}

/* Anchors are found between coordinates as they were before any correction. */
static struct anchors *find_anchors(struct run *run, double **map_scores)
{
	struct err err = ERR_INIT;
	struct atlas *a = run->atlas;
	const struct reference *ref = o.coordinates ? NULL : a->ref;
	struct anchor_sets sets = {a->points, a->n, run->points, run->n, a->dims, NULL, 0};
	struct anchors *found;
	size_t k;

	if (!a->n)
		refuse("%s has no cells (it was made with --no-cells): --by profiles", o.reference);
	if (ref)
		sets.reference = ref->pca;
	if (ref && ref->pca == ref->corrected) {
		sets.neighbors = ref->neighbors;
		sets.n_neighbors = ref->n_neighbors;
	}
	found = anchors_find(&sets, run->pool, &err);
	k = found ? anchors_weigh(found, &sets, ANCHOR_WEIGHTS, run->pool, &err) : 0;
	MEM_ARRAY(*map_scores, run->n + 1);
	if (!k || anchors_map_score(found, &sets, run->pool, *map_scores, &err))
		die_err(&err);
	if (k < ANCHOR_WEIGHTS)
		warn("%zu cells are anchored: fewer than the %zu that should vote", k,
		     ANCHOR_WEIGHTS);
	say("%zu anchors; %.1f%% of the query's cells are in one", found->n,
	    100 * (double)found->n_anchored / (double)run->n);
	manifest_count("anchors", found->n);
	manifest_count("anchored_cells", found->n_anchored);
	return found;
}

static enum vote_kernel kernel(void)
{
	size_t i = 0;

	while (!str_eq(kernels[i], o.weights))
		i++;
	return (enum vote_kernel)i;
}

/* Percentiles were measured with a number of neighbours and a metric: others do not compare. */
static void forget_quantiles(struct run *run)
{
	const struct reference *ref = run->atlas->ref;

	if (!ref || (ref->knn_k == o.k && ref->knn_cosine == str_eq(o.metric, "cosine")))
		return;
	say("%s is calibrated for %zu neighbours by %s distance: no knn_pct", o.reference,
	    ref->knn_k, ref->knn_cosine ? "cosine" : "Euclidean");
	for (size_t i = 0; i < ref->n_labels; i++) {
		free(ref->labels[i].knn_quantiles);
		ref->labels[i].knn_quantiles = NULL;
	}
}

static void call_down(struct run *run, struct transfer *t)
{
	struct err err = ERR_INIT;
	struct label_tree *tree = label_tree_read_file(o.tree, &err);
	struct tree_atlas a = {tree,
			       run->atlas->points,
			       run->atlas->n,
			       run->atlas->dims,
			       t->labels->of_point,
			       t->labels->names,
			       t->labels->n,
			       o.k};
	struct tree_calls calls;
	double most = 0;

	if (!tree || tree_check(&a, &err) || tree_max_distance(&a, run->pool, &most, &err) ||
	    tree_predict(&a, run->points, run->n, most, 0.5, run->pool, &calls, &err))
		die_err(&err);
	manifest_input(o.tree);
	manifest_value("max_distance", most);
	transfer_by_tree(t, tree, &calls);
	tree_calls_release(&calls);
	run->tree = tree; /* the calls are names of its nodes */
}

static void transfer(struct run *run, size_t column)
{
	struct err err = ERR_INIT;
	const struct atlas_labels *labels = &run->atlas->labels[column];
	char *path = run->atlas->n_labels > 1 ? mem_printf("%s/%s.tsv", o.output, labels->column)
					      : mem_str(o.output);
	struct transfer t;
	size_t n_unknown = 0;

	transfer_start(&t, labels, run->n);
	if (o.tree)
		call_down(run, &t);
	else if (run->found)
		transfer_by_cells(&t, run->found, kernel(), run->pool);
	else if (run->anchors)
		transfer_by_anchors(&t, run->anchors);
	else
		transfer_by_profiles(&t, run->points, run->atlas->dims);
	if (run->anchors)
		t.mapping_score = mem_copy(run->map_scores, run->n + 1, sizeof(double));
	if (!o.tree)
		transfer_judge(&t, run->map_distance);
	for (size_t i = 0; i < run->n; i++)
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

/* Who votes on each cell, whatever the column of labels. */
static void gather_votes(struct run *run)
{
	if (str_eq(o.by, "anchors")) {
		run->anchors = find_anchors(run, &run->map_scores);
		return;
	}
	if (str_eq(o.by, "profiles") && !run->atlas->ref)
		refuse("%s: an h5ad has no profiles (ref-build makes them)", o.reference);
	if (str_eq(o.metric, "cosine") || str_eq(o.by, "profiles")) {
		unit_rows(run->points, run->n, run->atlas->dims, run->points, run->pool);
		atlas_make_unit(run->atlas, run->pool);
	}
	if (str_eq(o.by, "cells") && !o.tree)
		run->found = find(run);
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
	run.n = h5ad_n_cells(run.query);
	read_query(&run);
	forget_quantiles(&run);
	gather_votes(&run);
	if (o.labels.n > 1 && mkdir(o.output, 0777) && errno != EEXIST)
		die("%s: cannot be made: %s", o.output, strerror(errno));
	for (size_t i = 0; i < run.atlas->n_labels; i++)
		transfer(&run, i);

	knn_cross_free(run.found);
	anchors_free(run.anchors);
	label_tree_free(run.tree);
	free(run.map_scores);
	free(run.points);
	free(run.map_distance);
	free(run.name);
	atlas_free(run.atlas);
	pool_free(run.pool);
	h5ad_close(run.query);
	return tool_end();
}
