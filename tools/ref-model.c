/* ref-model - look into references, and make them of what others made.
 *
 *	ref-model info atlas.ref.h5
 *	ref-model import -l cell_type symphonypy.h5ad -o atlas.ref.h5
 *	ref-model import -l cell_type symphony.rds -o atlas.ref.h5
 *	ref-model import -l celltype.l2 ref.Rds -o atlas.ref.h5
 *	ref-model export atlas.ref.h5 -o symphonypy.h5ad
 *	ref-model slim atlas.ref.h5 -o small.ref.h5
 *
 * Info is a TSV; import reads Symphony's .rds, symphonypy's h5ad and Azimuth's ref.Rds; slim leaves
 * cells and coordinates out.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "format/tsv.h"
#include "import/rds/read.h"
#include "map/export_symphony.h"
#include "map/import_azimuth.h"
#include "map/import_symphony.h"
#include "map/import_symphony_rds.h"

static struct opts {
	struct opt_list labels;
	const char *output;
	bool neighbors;
	size_t seed;
} o = {.output = "-", .seed = 42};

static const struct opt options[] = {
	OPT_LIST("label", 'l', labels, "COLUMN", "import: labels to keep; may be given again"),
	OPT_FLAG("neighbors", 0, neighbors, "import: keep every cell's neighbours, for anchors"),
	OPT_SEED(seed),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "look into references, and make them of what others made",
	.synopsis = "info|import|export|slim [OPTIONS] FILE [-o OUTPUT]",
	.options = options,
	.max_inputs = 2,
	.details =
		"info    what is in a reference, as a TSV of what, name and value\n"
		"import  a reference of Symphony (.rds), symphonypy (h5ad) or Azimuth (ref.Rds)\n"
		"        becomes one of ours\n"
		"export  ours becomes one that symphonypy reads (h5ad)\n"
		"slim    cells and coordinates are left out: about a megabyte is left",
};

/* ---- info ---- */

static void put_fact(struct tsv_writer *w, const char *what, const char *name, double value)
{
	tsv_put(w, what);
	tsv_put(w, name);
	tsv_put_float(w, value);
	tsv_end_row(w);
}

static void put_text_fact(struct tsv_writer *w, const char *what, const char *name,
			  const char *value)
{
	tsv_put(w, what);
	tsv_put(w, name);
	tsv_put(w, value);
	tsv_end_row(w);
}

static int put_info(struct tsv_writer *w, void *arg, struct err *err UNUSED)
{
	const struct reference *ref = arg;

	w->sanitize = true;
	tsv_header(w, "what\tname\tvalue");
	put_fact(w, "reference", "cells", (double)ref->n_cells);
	put_text_fact(w, "reference", "coordinates", ref->pca ? "yes" : "no");
	put_text_fact(w, "reference", "projects", reference_projects(ref) ? "yes" : "no");
	put_fact(w, "reference", "genes", (double)ref->genes.n);
	put_fact(w, "reference", "components", (double)ref->n_dims);
	put_fact(w, "reference", "neighbors", (double)ref->n_neighbors);
	put_fact(w, "clusters", "number", (double)ref->clusters.n);
	if (ref->clusters.n) {
		put_text_fact(w, "clusters", "flavour", ref->clusters.flavour);
		put_fact(w, "clusters", "sigma", ref->clusters.sigma);
	}
	put_fact(w, "calibration", "neighbors", (double)ref->knn_k);
	put_text_fact(w, "calibration", "metric", ref->knn_cosine ? "cosine" : "euclidean");
	put_text_fact(w, "card", "json", ref->card ? ref->card : "{}");
	if (ref->tree)
		put_text_fact(w, "tree", ref->tree_column, ref->tree);
	for (size_t i = 0; i < ref->n_labels; i++)
		for (size_t l = 0; l < ref->labels[i].n; l++)
			put_fact(w, ref->labels[i].column, ref->labels[i].names[l],
				 ref->labels[i].counts[l]);
	return 0;
}

static int info(const char *path, struct err *err)
{
	struct reference *ref = reference_read(path, err);
	int ret = ref ? tsv_write_file(o.output, put_info, ref, err) : -1;

	reference_free(ref);
	return ret;
}

/* ---- import and slim ---- */

/* By what is in the file: an h5ad of symphonypy's, or a list or a Seurat object that R saved. */
static struct reference *import_of(const char *path, struct pool *pool, const char **by,
				   struct err *err)
{
	struct build_rules rules = {.neighbors = o.neighbors, .seed = o.seed};
	size_t len = strlen(path);
	bool is_rds = len > 4 && strcasecmp(path + len - 4, ".rds") == 0;
	struct h5ad *file = is_rds ? NULL : h5ad_open(path, err);
	struct rds *list = is_rds ? rds_read(path, &azimuth_plan, pool, err) : NULL;
	bool azimuth = list && azimuth_is(list);
	struct reference *ref = NULL;

	*by = azimuth ? "Azimuth" : is_rds ? "Symphony" : "symphonypy";
	if (file)
		ref = import_symphonypy(file, o.labels.items, o.labels.n, &rules, pool, err);
	if (list)
		ref = (azimuth ? import_azimuth : import_symphony_rds)(
			list, o.labels.items, o.labels.n, &rules, pool, err);
	h5ad_close(file);
	rds_free(list);
	return ref;
}

static void warn_of_few(const struct reference *ref)
{
	struct text said = TEXT_INIT;

	for (size_t i = 0; i < ref->n_labels; i++)
		if (build_few(&ref->labels[i], &said))
			warn("%s: %s", ref->labels[i].column, said.s);
	text_release(&said);
}

static int import(const char *path, struct err *err)
{
	struct pool *pool = pool_new(tool_threads);
	const char *by;
	struct reference *ref = import_of(path, pool, &by, err);
	int ret = -1;

	if (ref) {
		char *card = mem_printf(
			"{\"made_by\": \"%s, read by pipette ref-model " PIPETTE_VERSION "\"}", by);

		say("%s: %zu cells, %zu genes, %zu components, %zu clusters", path, ref->n_cells,
		    ref->genes.n, ref->n_dims, ref->clusters.n);
		warn_of_few(ref);
		ref->card = reference_str(ref, card);
		free(card);
		ret = reference_write(ref, o.output, err);
	}
	reference_free(ref);
	pool_free(pool);
	return ret;
}

static int export(const char *path, struct err *err)
{
	struct pool *pool = pool_new(tool_threads);
	struct reference *ref = reference_read(path, err);
	int ret = ref ? export_symphonypy(ref, o.output, pool, err) : -1;

	reference_free(ref);
	pool_free(pool);
	return ret;
}

static int slim(const char *path, struct err *err)
{
	struct reference *ref = reference_read(path, err);
	int ret = -1;

	if (ref) {
		reference_drop_cells(ref);
		ret = reference_write(ref, o.output, err);
	}
	reference_free(ref);
	return ret;
}

static const struct {
	const char *name;
	int (*run)(const char *path, struct err *err);
} verbs[] = {{"info", info}, {"import", import}, {"export", export}, {"slim", slim}};

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;

	tool_begin("ref-model", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	size_t verb = opt_verb(&in, verbs, ARRAY_LEN(verbs), sizeof(*verbs));

	if (in.n != 2)
		die_usage("%s needs one file", verbs[verb].name);
	if (str_eq(verbs[verb].name, "import") && !o.labels.n)
		die_usage("import: which labels? (-l COLUMN of obs)");
	manifest_input(in.paths[1]);
	manifest_output(o.output);
	if (verbs[verb].run(in.paths[1], &err))
		die_err(&err);
	return tool_end();
}
