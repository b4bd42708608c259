/* mtl-train - learn a multi-task mapper: one encoder, a head for every level of labels.
 *
 * Reads an h5ad whose obs has labels at one or more levels, coarse to fine; writes a model for
 * mtl-predict. Genes enter as there or not, or log-normalised; coordinates of obsm can be learned
 * beside the labels. Cells held out set a temperature for every level. Values are held up to
 * --memory, then in a scratch file. Same input and seed, same bytes, any number of threads.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "format/tsv.h"
#include "mtl/mtl_data.h"
#include "mtl/mtl_file.h"
#include "mtl/mtl_training.h"

static struct opts {
	const char *labels, *unlabeled, *coordinates, *slot, *genes, *values, *preset, *history,
		*checkpoint, *output;
	size_t epochs, mini_batch, patience, neighbours, every, seed, memory;
	double dropout, rate, held_out, coordinate_weight;
} o = {.unlabeled = "Unknown",
       .slot = "auto",
       .genes = "5000",
       .values = "lognorm",
       .preset = "default",
       .output = "-",
       .epochs = 40,
       .mini_batch = 256,
       .every = 10,
       .memory = (size_t)2 << 30,
       .dropout = -1,
       .rate = -1,
       .held_out = 0.1,
       .coordinate_weight = 0.2};

static const char *const values_names[] = {"binary", "lognorm", NULL};
static const char *const presets[] = {"default", "small", "large", NULL};

static const struct opt options[] = {
	OPT_TEXT("labels", 'l', labels, "A,B,...", "obs columns of labels, coarse to fine"),
	OPT_TEXT("unlabeled", 0, unlabeled, "WORD", "what says that a cell has no label (Unknown)"),
	OPT_TEXT("coordinates", 0, coordinates, "X,Y", "arrays of obsm to learn beside the labels"),
	OPT_FLOAT("coordinate-weight", 0, coordinate_weight, "W", "of each in the loss (0.2)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "matrix to read: auto, X, raw, layers/NAME (auto)"),
	OPT_TEXT("genes", 'g', genes, "N|FILE|all",
		 "the most variable, those of a panel, or all (5000)"),
	OPT_CHOICE("values", 0, values, "HOW",
		   "what of a gene counts: how much, or that it is there (lognorm)", values_names),
	OPT_CHOICE("preset", 0, preset, "NAME",
		   "units, dropout and rate: default, small, large (default)", presets),
	OPT_FLOAT("dropout", 0, dropout, "SHARE", "of hidden values (the preset's)"),
	OPT_FLOAT("rate", 0, rate, "RATE", "learning rate (the preset's)"),
	OPT_SIZE("epochs", 'e', epochs, "N", "at most (40)"),
	OPT_SIZE("mini-batch", 0, mini_batch, "N", "cells of a step (256)"),
	OPT_FLOAT("held-out", 0, held_out, "SHARE", "of the cells, to set temperatures by (0.1)"),
	OPT_SIZE("patience", 0, patience, "N",
		 "stop after N epochs without a gain for those (0: never early)"),
	OPT_SIZE("neighbours", 0, neighbours, "N", "cells kept for mtl-predict --knn (0)"),
	OPT_TEXT("checkpoint", 0, checkpoint, "FILE",
		 "kept as training goes on; when it is there, go on from it"),
	OPT_SIZE("every", 0, every, "N", "epochs from checkpoint to checkpoint (10)"),
	OPT_TEXT("history", 0, history, "FILE", "write a row per epoch here"),
	OPT_SIZE("seed", 0, seed, "N", "seed of the random choices (0)"),
	OPT_BYTES("memory", 0, memory, "BYTES", "of values held; more go to a scratch file (2G)"),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "learn a multi-task mapper: one encoder, a head for every level of labels",
	.synopsis = "-l COLUMNS [OPTIONS] [INPUT] -o MODEL",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct mtl_data data;
	struct names levels, coordinates;
	uint32_t **node;
	float *target[MTL_COORDINATES];
	struct mtl *model;
	struct count_store *store;
	struct mtl_epoch *epochs;
	size_t n_epochs, cap_epochs;
	struct progress progress;
};

/* ---- what to learn ---- */

static int read_levels(struct run *run, struct mtl_levels *levels, struct err *err)
{
	const struct column *columns[MTL_LEVELS];

	if (!run->levels.n || run->levels.n > MTL_LEVELS)
		die_usage("--labels: from 1 to %d columns", MTL_LEVELS);
	for (size_t k = 0; k < run->levels.n; k++) {
		columns[k] = frame_column(h5ad_obs(run->data.in), run->levels.s[k], err);
		if (!columns[k])
			return -1;
	}
	run->node = mtl_levels_read(levels, columns, (const char *const *)run->levels.s,
				    run->levels.n, o.unlabeled);
	if (levels->level[0].labels.n < 2 && levels->level[levels->n - 1].labels.n < 2)
		return err_set(err, "%s: obs/%s: %zu label: a model needs two",
			       h5ad_path(run->data.in), levels->level[0].name,
			       levels->level[0].labels.n);
	for (size_t k = 0; k < levels->n; k++)
		say("level %s: %zu nodes", levels->level[k].name, levels->level[k].labels.n);
	return 0;
}

static int read_coordinates(struct run *run, struct err *err)
{
	if (run->coordinates.n > MTL_COORDINATES)
		die_usage("--coordinates: at most %d", MTL_COORDINATES);
	for (size_t c = 0; c < run->coordinates.n; c++) {
		size_t width, n = h5ad_n_cells(run->data.in);
		double *values;

		if (h5ad_obsm(run->data.in, run->coordinates.s[c], &values, &width, err))
			return -1;
		MEM_ZERO(run->target[c], n * width + 1);
		for (size_t i = 0; i < n * width; i++)
			run->target[c][i] = (float)values[i];
		free(values);
		for (size_t i = 0; i < n * width; i++)
			if (!isfinite(run->target[c][i]))
				return err_set(err, "%s: obsm/%s: cell %zu holds no number",
					       h5ad_path(run->data.in), run->coordinates.s[c],
					       i / width + 1);
		mtl_add_coordinate(run->model, run->coordinates.s[c], width);
	}
	return 0;
}

static int make_model(struct run *run, struct err *err)
{
	struct mtl_levels levels = {0};
	bool small = str_eq(o.preset, "small"), large = str_eq(o.preset, "large");
	struct mtl_recipe recipe = {.n_genes = run->data.genes.n,
				    .hidden = {small   ? 128
					       : large ? 512
						       : 256,
					       small   ? 64
					       : large ? 256
						       : 128},
				    .dropout = o.dropout >= 0 ? o.dropout
					       : small        ? 0.2
							      : 0.3,
				    .binary = str_eq(o.values, "binary")};

	if (o.rate < 0)
		o.rate = large ? 5e-4 : 1e-3;
	if (mtl_recipe_check(&recipe, "options", err) || read_levels(run, &levels, err)) {
		mtl_levels_release(&levels);
		return -1;
	}
	run->model = mtl_new(&recipe, &levels);
	run->model->genes = names_of(run->data.genes.s, run->data.genes.n);
	if (read_coordinates(run, err))
		return -1;
	mtl_init(run->model, o.seed);
	return 0;
}

/* ---- learning ---- */

static int hear(void *arg, const struct mtl_epoch *e)
{
	struct run *run = arg;

	MEM_GROW(run->epochs, run->n_epochs + 1, run->cap_epochs);
	run->epochs[run->n_epochs++] = *e;
	progress_note(&run->progress, e->epoch, "loss %.4f", e->loss);
	return 0;
}

static int learn(struct run *run, struct err *err)
{
	struct mtl_training t = MTL_TRAINING;
	int ret;

	t.model = run->model;
	t.store = run->store;
	t.node = run->node;
	t.target = (const float *const *)run->target;
	t.epochs = o.epochs;
	t.mini_batch = o.mini_batch;
	t.patience = o.patience;
	t.rate = o.rate;
	t.validation_share = o.held_out;
	t.coordinate_weight = o.coordinate_weight;
	t.neighbours = o.neighbours;
	t.seed = o.seed;
	t.checkpoint = o.checkpoint;
	t.every = o.every;
	t.hear = hear;
	t.listener = run;
	run->progress = progress_start("epochs", o.epochs);
	ret = mtl_train(&t, run->data.pool, err);
	progress_end(&run->progress);
	if (ret)
		return ret;
	if (t.n_before)
		say("%s: %zu epochs were done: went on from there", o.checkpoint, t.n_before);
	say("%zu cells, %zu held out, %zu genes (%s), %zu epochs%s, loss %.4f", t.n_train,
	    t.n_validation, run->model->recipe.n_genes, o.values, t.n_done,
	    t.stopped_early ? " (no gain since)" : "", run->epochs[run->n_epochs - 1].loss);
	for (size_t k = 0; k < run->model->levels.n; k++)
		manifest_value(run->model->levels.level[k].name, run->model->temperature[k]);
	manifest_count("cells", t.n_train);
	manifest_count("held_out", t.n_validation);
	manifest_count("genes", run->model->recipe.n_genes);
	manifest_count("epochs", t.n_done);
	manifest_count("epochs_before", t.n_before);
	return 0;
}

static int put_history(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct run *run = arg;

	(void)err;
	tsv_header(w, "epoch\tloss\tvalidation");
	for (size_t i = 0; i < run->n_epochs; i++) {
		tsv_put_size(w, run->epochs[i].epoch);
		tsv_put_float(w, run->epochs[i].loss);
		tsv_put_float(w, run->epochs[i].validation);
		tsv_end_row(w);
	}
	return 0;
}

static void check_options(void)
{
	if (!o.labels)
		die_usage("which labels? (-l COLUMN, or several, coarse to fine: -l A,B)");
	if (!o.epochs || !o.mini_batch || !o.every)
		die_usage("--epochs, --mini-batch and --every are 1 or more");
	if (!(o.held_out >= 0 && o.held_out < 1) || !(o.coordinate_weight >= 0))
		die_usage("--held-out is from 0 to below 1, --coordinate-weight 0 or more");
	if (o.patience && !(o.held_out > 0))
		die_usage("--patience watches the cells held out: --held-out above 0");
}

static void run_release(struct run *run)
{
	for (size_t k = 0; k < run->model->levels.n; k++)
		free(run->node[k]);
	free(run->node);
	for (size_t c = 0; c < MTL_COORDINATES; c++)
		free(run->target[c]);
	free(run->epochs);
	mtl_free(run->model);
	count_store_free(run->store);
	mtl_data_release(&run->data);
	names_release(&run->levels);
	names_release(&run->coordinates);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct text decision = TEXT_INIT;
	struct run run = {.model = NULL};
	struct inputs in;

	tool_begin("mtl-train", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_options();
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	manifest_seed(o.seed);
	run.levels = names_of_list(o.labels);
	run.coordinates = names_of_list(o.coordinates);
	run.data.rules.slot = o.slot;
	if (mtl_data_open(&run.data, in.paths[0], tool_threads, &err))
		die_err(&err);
	say("%s: %s", in.paths[0], input_decision(run.data.input, &decision));
	text_release(&decision);
	if (mtl_data_genes(&run.data, o.genes, &err) || make_model(&run, &err))
		die_err(&err);
	run.store = mtl_data_store(&run.data, run.model->recipe.binary, o.memory, &err);
	if (!run.store || learn(&run, &err) ||
	    (o.history && tsv_write_file(o.history, put_history, &run, &err)) ||
	    mtl_write(run.model, o.output, &err))
		die_err(&err);
	run_release(&run);
	return tool_end();
}
