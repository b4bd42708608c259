/* ref-build - make a reference of a labelled atlas, for cells to be mapped onto.
 *
 * Reads an h5ad with labels, writes a *.ref.h5: genes and loadings, coordinates with batches taken
 * out, soft clusters, labels, and how far the atlas's own cells are from what they belong to.
 * Four passes over the cells; memory is O(cells x (components + clusters)). The bytes depend on
 * input, options and seed, not on the threads.
 */
#include "base/util.h"

#include "base/json.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/sha256.h"
#include "base/tool.h"
#include "h5ad/writer.h"
#include "map/build.h"
#include "map/reference_ids.h"
#include "matrix/gene_panel.h"

static struct opts {
	struct opt_list labels, batches;
	const char *donor, *harmony, *genes, *ids, *slot, *accept, *coordinates, *tree, *output;
	size_t pcs, clusters, min_cells, seed, k;
	double theta, lambda;
	bool neighbors, no_cells, euclidean;
} o = {.harmony = "2",
       .genes = "4000",
       .slot = "auto",
       .output = "-",
       .pcs = 50,
       .seed = 42,
       .k = 15,
       .theta = 2,
       .lambda = HARMONY_AUTOMATIC};

static const char *const harmonies[] = {"2", "1", "0", "none", NULL};

static const struct opt options[] = {
	OPT_LIST("label", 'l', labels, "COLUMN", "labels of obs to keep; may be given again"),
	OPT_LIST("batch", 'b', batches, "COLUMN", "batches to take out; may be given again"),
	OPT_TEXT("donor", 0, donor, "COLUMN", "donors, for held-out distances (the first batch)"),
	OPT_CHOICE("harmony", 0, harmony, "HOW",
		   "with batches: formulas of Harmony 2, 1, 0, or none (2)", harmonies),
	OPT_FLOAT("theta", 0, theta, "X", "how much batches are asked to mix (2)"),
	OPT_FLOAT("lambda", 0, lambda, "X", "ridge of a batch's shift (as that Harmony does)"),
	OPT_SIZE("pcs", 0, pcs, "N", "principal components (50)"),
	OPT_TEXT("genes", 0, genes, "N|FILE", "so many variable genes, or those listed (4000)"),
	OPT_SIZE("clusters", 0, clusters, "K", "soft clusters (cells / 30, at most 100)"),
	OPT_SIZE("min-cells", 0, min_cells, "N", "leave labels of fewer cells out (0)"),
	OPT_TEXT("ids", 0, ids, "TSV|COLUMN",
		 "label and id, as cl-map writes them, or obs' ids of the first --label"),
	OPT_TEXT("tree", 0, tree, "NEWICK", "keep this tree of the first --label's labels"),
	OPT_SIZE("neighbors-of", 'k', k, "K", "neighbours of the distances calibrated (15)"),
	OPT_FLAG("euclidean", 0, euclidean, "calibrate Euclidean distances, not cosine"),
	OPT_FLAG("neighbors", 0, neighbors, "keep every cell's neighbours, for anchors"),
	OPT_FLAG("no-cells", 0, no_cells, "leave cells and coordinates out: about a megabyte"),
	OPT_TEXT("coordinates", 0, coordinates, "H5AD",
		 "also write the input with its coordinates in obsm"),
	OPT_TEXT("slot", 0, slot, "SLOT", "the matrix: auto, X, raw or layers/NAME (auto)"),
	OPT_CHOICE("accept", 0, accept, "VERDICT", "take a matrix with this verdict as it is",
		   norm_names),
	OPT_SEED(seed),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "make a reference of a labelled atlas",
	.synopsis = "-l COLUMN [OPTIONS] [INPUT] [-o REF]",
	.options = options,
	.max_inputs = 1,
};

static void check_options(void)
{
	if (!o.labels.n)
		die_usage("which labels? (-l COLUMN of obs)");
	if (o.pcs < 1 || o.pcs > 500)
		die_usage("--pcs %zu: 1 to 500", o.pcs);
	if (o.k < 1 || o.k > 1000)
		die_usage("--neighbors-of %zu: 1 to 1000", o.k);
	if (o.theta < 0)
		die_usage("--theta %g: 0 or more", o.theta);
	if (o.no_cells && o.neighbors)
		die_usage("--neighbors are of cells, which --no-cells leaves out");
}

/* ---- the card: what it was made of ---- */

/* Of the names, a line each: are two references of the same genes? */
static const char *genes_hash(const struct reference *ref, char hex[65])
{
	struct sha256 sum;

	sha256_start(&sum);
	for (size_t g = 0; g < ref->genes.n; g++) {
		sha256_add(&sum, ref->genes.names[g], strlen(ref->genes.names[g]));
		sha256_add(&sum, "\n", 1);
	}
	sha256_hex(&sum, hex);
	return hex;
}

static int write_card(struct reference *ref, const char *input, const struct harmony_result *h,
		      struct err *err)
{
	char *text = NULL, hex[65], genes_hex[65];
	size_t n = 0;
	uint64_t bytes = 0;
	bool is_file = !str_eq(input, "-");
	FILE *file;
	struct json j;

	if (is_file && sha256_file(input, hex, &bytes, err))
		return -1;
	file = open_memstream(&text, &n);
	j = json_start(file);
	json_open_object(&j, NULL);
	json_str(&j, "made_by", "pipette ref-build " PIPETTE_VERSION);
	json_str(&j, "source", str_eq(input, "-") ? "stdin" : input);
	if (is_file)
		json_str(&j, "sha256", hex);
	json_size(&j, "cells", ref->n_cells);
	json_str(&j, "genes", o.genes);
	json_str(&j, "genes_sha256", genes_hash(ref, genes_hex));
	json_size(&j, "seed", o.seed);
	json_open_array(&j, "batches");
	for (size_t i = 0; i < o.batches.n; i++)
		json_str(&j, NULL, o.batches.items[i]);
	json_close(&j);
	json_str(&j, "clusters", ref->clusters.flavour);
	if (h->n_outer) {
		json_double(&j, "theta", o.theta);
		json_size(&j, "outer", h->n_outer);
		json_size(&j, "rounds", h->n_rounds);
		json_bool(&j, "converged", h->converged);
		json_double(&j, "objective", h->objective[h->n_rounds]);
	}
	json_close(&j);
	fclose(file);
	ref->card = reference_str(ref, text);
	free(text);
	return 0;
}

/* ---- steps ---- */

/* A number of variable genes, or the genes of a list. */
static void read_genes(struct build_rules *rules, struct gene_panel *panel)
{
	struct err err = ERR_INIT;

	if (parse_size(o.genes, 2, 100000, &rules->n_genes))
		return;
	if (gene_panel_read(o.genes, panel, &err))
		die_err(&err);
	manifest_input(o.genes);
	rules->genes = panel->genes.strings;
	rules->n_named = panel->genes.n;
}

/* Ids of the labels, and their tree. */
static void add_to_labels(struct reference *ref, struct h5ad *in, struct pool *pool)
{
	struct err err = ERR_INIT;
	struct frame *obs = h5ad_obs(in);
	int ret = 0;

	if (o.ids && obs && frame_find(obs, o.ids)) {
		ret = reference_ids_of_cells(ref, obs, o.ids, &err);
	} else if (o.ids) {
		manifest_input(o.ids);
		ret = reference_ids_read(ref, o.ids, &err);
	}
	if (!ret && o.tree) {
		manifest_input(o.tree);
		ret = build_tree(ref, o.tree, pool, &err);
	}
	if (ret)
		die_err(&err);
}

static void write_coordinates(struct h5ad *in, const struct reference *ref, struct pool *pool)
{
	struct err err = ERR_INIT;
	size_t n = mem_product(ref->n_cells, ref->n_dims);
	float *single = mem_alloc(n + 1, sizeof(*single));
	struct writer *w = writer_open(o.coordinates, "none", pool, &err);
	const double *from[] = {ref->pca, ref->corrected};
	const char *const names[] = {"obsm/X_pca", "obsm/X_pca_harmony"};
	int ret = w ? 0 : -1;

	for (size_t k = 0; k < 2 && !ret; k++) {
		for (size_t i = 0; i < n; i++)
			single[i] = (float)from[k][i];
		ret = writer_dense(w, names[k], single, ref->n_cells, ref->n_dims, &err);
	}
	if (ret || writer_carry_rest(w, in, &err) || writer_finish(w, &err))
		die_err(&err);
	manifest_output(o.coordinates);
	free(single);
}

/* What is so few that less can be said of it. */
static void warn_of_few(const struct reference *ref, const struct harmony_result *h)
{
	struct text said = TEXT_INIT;

	for (size_t i = 0; i < ref->n_labels; i++)
		if (build_few(&ref->labels[i], &said))
			warn("obs column %s: %s (--min-cells %zu leaves them out)",
			     ref->labels[i].column, said.s, BUILD_FEW);
	text_release(&said);
	if (h->n_outer && ref->n_cells < HARMONY_FEW)
		say("%zu cells: Harmony moves a fifth of them at a time, not a twentieth",
		    ref->n_cells);
}

NORETURN static void die_of(const struct h5ad *in, const char *part, struct err *err)
{
	err_prefix(err, "%s%s", h5ad_path(in), part);
	die_err(err);
}

static struct reference *build(struct h5ad *in, struct pool *pool)
{
	struct err err = ERR_INIT;
	struct input_rules which = {.slot = o.slot, .accept = o.accept, .target_sum = 1e4};
	struct harmony_options harmony = harmony_defaults(str_eq(o.harmony, "0")   ? HARMONY_0
							  : str_eq(o.harmony, "1") ? HARMONY_1
										   : HARMONY_2);
	struct build_rules rules = {.n_dims = o.pcs,
				    .n_clusters = o.clusters,
				    .neighbors = o.neighbors,
				    .seed = o.seed};
	struct harmony_result report;
	struct batches batches, donors;
	struct gene_panel panel = {0};
	struct text text = TEXT_INIT;
	struct reference *ref;
	struct input *input = input_open(in, &which, pool, &err);

	if (!input || batches_read(&batches, h5ad_obs(in), o.batches.items, o.batches.n, &err) ||
	    batches_read(&donors, h5ad_obs(in), o.donor ? &o.donor : o.batches.items,
			 o.donor ? 1 : o.batches.n, &err))
		die_of(in, "", &err);
	for (size_t i = 0; i < o.labels.n; i++)
		if (!frame_column(h5ad_obs(in), o.labels.items[i], &err))
			die_of(in, ": obs", &err);
	read_genes(&rules, &panel);
	harmony.theta = o.theta;
	harmony.seed = o.seed;
	if (o.lambda >= 0)
		harmony.lambda = o.lambda;
	if (batches.n_levels > batches.n_variables && !str_eq(o.harmony, "none"))
		rules.harmony = &harmony;
	else if (o.batches.n && !str_eq(o.harmony, "none"))
		say("%s: all cells are of one batch: nothing is taken out", h5ad_path(in));
	ref = build_space(input, &rules, pool, &err);
	if (!ref)
		die_err(&err);
	say("%s: %s", h5ad_path(in), input_decision(input, &text));
	ref->knn_k = o.k;
	ref->knn_cosine = !o.euclidean;
	if (build_labels(ref, h5ad_obs(in), o.labels.items, o.labels.n, o.min_cells, &err) ||
	    build_clusters(ref, &batches, &donors, &rules, &report, pool, &err))
		die_err(&err);
	warn_of_few(ref, &report);
	if (report.n_outer)
		say("%s: Harmony %s: %zu iterations of %zu batches%s", h5ad_path(in), o.harmony,
		    report.n_outer, batches.n_levels,
		    report.converged ? "" : ", and still moving (--theta, or more clusters)");
	if (write_card(ref, h5ad_path(in), &report, &err))
		die_err(&err);
	harmony_release(&report);
	batches_release(&batches);
	batches_release(&donors);
	gene_panel_release(&panel);
	text_release(&text);
	input_close(input);
	return ref;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;

	tool_begin("ref-build", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	check_options();
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	manifest_seed(o.seed);

	struct h5ad *atlas = h5ad_open(in.paths[0], &err);
	if (!atlas)
		die_err(&err);
	struct pool *pool = pool_new(tool_threads);
	struct reference *ref = build(atlas, pool);
	add_to_labels(ref, atlas, pool);
	if (o.coordinates)
		write_coordinates(atlas, ref, pool);
	say("%s: %zu cells, %zu genes, %zu components, %zu clusters; %zu labels of %s",
	    h5ad_path(atlas), ref->n_cells, ref->genes.n, ref->n_dims, ref->clusters.n,
	    ref->labels[0].n, ref->labels[0].column);
	manifest_count("cells", ref->n_cells);
	manifest_count("genes", ref->genes.n);
	if (o.no_cells)
		reference_drop_cells(ref);
	if (reference_write(ref, o.output, &err))
		die_err(&err);

	reference_free(ref);
	pool_free(pool);
	h5ad_close(atlas);
	return tool_end();
}
