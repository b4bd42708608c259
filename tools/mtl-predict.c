/* mtl-predict - call every cell at every level with a multi-task mapper.
 *
 * Reads a model of mtl-train and an h5ad; writes a TSV with columns per level, whose answers never
 * contradict from level to level, and on request the predictions table of the finest level and an
 * h5ad with coordinates. Memory is a block of cells, and what an h5ad asked for holds. Same input,
 * same bytes, any number of threads.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/tool.h"
#include "h5ad/writer.h"
#include "mtl/mtl_file.h"
#include "mtl/mtl_predict.h"

static struct opts {
	const char *model, *mode, *calls, *knn, *slot, *accept, *h5ad, *compress, *output;
	size_t k;
	double unknown, high, margin, share, min_coverage;
	bool coordinates;
} o = {.mode = "standard",
       .knn = "off",
       .slot = "auto",
       .compress = "none",
       .output = "-",
       .k = 15,
       .unknown = 0.4,
       .high = 0.7,
       .margin = 0.2,
       .share = 0.6,
       .min_coverage = 0.5};

static const char *const modes[] = {"minimal", "standard", "full", NULL};
static const char *const knns[] = {"off", "low_conf_only", "all", NULL};

static const struct opt options[] = {
	OPT_TEXT("model", 'm', model, "MODEL", "of mtl-train"),
	OPT_CHOICE("mode", 0, mode, "HOW", "columns per level: minimal, standard, full (standard)",
		   modes),
	OPT_TEXT("calls", 'c', calls, "FILE", "write the predictions of the finest level here"),
	OPT_FLOAT("unknown", 0, unknown, "P", "below this probability a level is Unknown (0.4)"),
	OPT_FLOAT("high", 0, high, "P", "below this a call counts as low (0.7)"),
	OPT_FLOAT("margin", 0, margin, "P", "or with a lead below this (0.2)"),
	OPT_CHOICE("knn", 0, knn, "WHEN",
		   "neighbours choose instead: off, low_conf_only, all (off)", knns),
	OPT_SIZE("k", 'k', k, "N", "neighbours that vote (15)"),
	OPT_FLOAT("share", 0, share, "P",
		  "a low call that they made with a smaller share is Unknown (0.6)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "matrix to read: auto, X, raw, layers/NAME (auto)"),
	OPT_CHOICE("accept", 0, accept, "VERDICT", "take a matrix with this verdict as it is",
		   norm_names),
	OPT_FLOAT("min-coverage", 0, min_coverage, "SHARE", "of genes, else refuse (0.5)"),
	OPT_TEXT("h5ad", 0, h5ad, "FILE", "write the h5ad with obsm/X_mtl here"),
	OPT_FLAG("coordinates", 0, coordinates, "and with obsm/X_pred_NAME of the model's"),
	OPT_OUTPUT(output),
	OPT_COMPRESS(compress),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "call every cell at every level with a multi-task mapper",
	.synopsis = "-m MODEL [OPTIONS] [INPUT] [-o TABLE]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct mtl *model;
	struct mtl_data data;
	struct mtl_prediction p;
	struct outfile *table, *calls;
	struct tsv_writer writers[2];
	struct progress progress;
};

static void check_options(void)
{
	const double shares[] = {o.unknown, o.high, o.margin, o.share, o.min_coverage};

	if (!o.model)
		die_usage("which model? (-m MODEL)");
	for (size_t i = 0; i < ARRAY_LEN(shares); i++)
		if (!(shares[i] >= 0 && shares[i] <= 1))
			die_usage("--unknown, --high, --margin, --share and --min-coverage are "
				  "from 0 to 1");
	if (!o.k)
		die_usage("-k is 1 or more");
	if (o.coordinates && !o.h5ad)
		die_usage("--coordinates go into an h5ad: --h5ad FILE");
}

static void check_model(const struct mtl *m)
{
	if (!str_eq(o.knn, "off") && !m->neighbours.n)
		die("%s: keeps no cells for --knn (mtl-train --neighbours N does)", o.model);
	if (o.coordinates && !m->n_coordinates)
		die("%s: has learned no coordinates (mtl-train --coordinates)", o.model);
}

static void check_coverage(const struct run *run)
{
	double share = (double)run->data.n_found / (double)run->model->genes.n;

	manifest_count("genes_found", run->data.n_found);
	manifest_value("coverage", share);
	if (!run->data.n_found || share < o.min_coverage)
		refuse("%s: %zu of the model's %zu genes are there (%.1f %%): --min-coverage is "
		       "%g; the others would count as not expressed",
		       h5ad_path(run->data.in), run->data.n_found, run->model->genes.n, 100 * share,
		       o.min_coverage);
	say("%s: %zu of the model's %zu genes are there (%.1f %%)", h5ad_path(run->data.in),
	    run->data.n_found, run->model->genes.n, 100 * share);
}

static struct tsv_writer *open_table(struct outfile **out, struct tsv_writer *w, const char *path,
				     struct err *err)
{
	*out = outfile_open(path, err);
	if (!*out)
		die_err(err);
	manifest_output(path);
	*w = (struct tsv_writer){.file = outfile_stream(*out), .path = outfile_target(*out)};
	return w;
}

static void hear(void *progress, size_t n_done)
{
	progress_at(progress, n_done);
}

static void prepare(struct run *run, struct err *err)
{
	size_t n = h5ad_n_cells(run->data.in);
	struct mtl_prediction *p = &run->p;

	*p = (struct mtl_prediction){
		.model = run->model,
		.name = path_file(o.model),
		.data = &run->data,
		.pool = run->data.pool,
		.mode = (enum mtl_mode)opt_choice_of(modes, o.mode),
		.rules = {o.unknown, o.high, o.margin, o.share,
			  (enum mtl_knn)opt_choice_of(knns, o.knn)},
		.k = o.k,
		.table = open_table(&run->table, &run->writers[0], o.output, err),
		.hear = hear,
		.listener = &run->progress};
	if (o.calls)
		p->calls = open_table(&run->calls, &run->writers[1], o.calls, err);
	if (o.h5ad)
		p->latent = mem_zero(mem_product(n, mtl_width(run->model)) + 1, sizeof(float));
	for (size_t c = 0; o.coordinates && c < run->model->n_coordinates; c++)
		p->coordinates[c] = mem_zero(mem_product(n, run->model->coordinate[c].width) + 1,
					     sizeof(float));
}

static int write_h5ad(struct run *run, struct err *err)
{
	size_t n = h5ad_n_cells(run->data.in);
	struct writer *w = writer_open(o.h5ad, o.compress, run->data.pool, err);
	int ret = w ? writer_dense(w, "obsm/X_mtl", run->p.latent, n, mtl_width(run->model), err)
		    : -1;

	for (size_t c = 0; ret == 0 && o.coordinates && c < run->model->n_coordinates; c++) {
		const struct mtl_coordinate *one = &run->model->coordinate[c];
		const char *name = str_starts(one->name, "X_") ? one->name + 2 : one->name;
		char *where = mem_printf("obsm/X_pred_%s", name);

		ret = writer_dense(w, where, run->p.coordinates[c], n, one->width, err);
		free(where);
	}
	if (ret || writer_carry_rest(w, run->data.in, err)) {
		writer_abort(w);
		return -1;
	}
	manifest_output(o.h5ad);
	return writer_finish(w, err);
}

static int finish(struct run *run, struct err *err)
{
	if (tsv_writer_close(&run->writers[0], err) || outfile_commit(run->table, err) ||
	    (run->calls &&
	     (tsv_writer_close(&run->writers[1], err) || outfile_commit(run->calls, err))) ||
	    (o.h5ad && write_h5ad(run, err)))
		return -1;
	manifest_count("cells", run->p.n_cells);
	for (size_t k = 0; k < run->model->levels.n; k++) {
		const char *level = run->model->levels.level[k].name;

		say("%s: %zu of %zu cells Unknown", level, run->p.n_unknown[k], run->p.n_cells);
		manifest_count(level, run->p.n_unknown[k]);
	}
	return 0;
}

static void run_release(struct run *run)
{
	free(run->p.latent);
	for (size_t c = 0; c < MTL_COORDINATES; c++)
		free(run->p.coordinates[c]);
	mtl_data_release(&run->data);
	mtl_free(run->model);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {.model = NULL};
	struct inputs in;

	tool_begin("mtl-predict", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_options();
	manifest_input(o.model);
	manifest_input(in.paths[0]);
	run.model = mtl_read(o.model, &err);
	if (!run.model)
		die_err(&err);
	check_model(run.model);
	run.data.rules.slot = o.slot;
	run.data.rules.accept = o.accept;
	if (mtl_data_open(&run.data, in.paths[0], tool_threads, &err))
		die_err(&err);
	mtl_data_match(&run.data, &run.model->genes);
	check_coverage(&run);
	prepare(&run, &err);
	run.progress = progress_start("cells", h5ad_n_cells(run.data.in));
	if (mtl_predict(&run.p, &err) || finish(&run, &err))
		die_err(&err);
	progress_end(&run.progress);
	run_release(&run);
	return tool_end();
}
