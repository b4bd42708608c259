/* vae-train - learn a model of counts: scVI, and with labels scANVI.
 *
 * Reads an h5ad with counts, writes a model that vae-map and scvi-tools (vae-model export) use. The
 * recipe that reference mapping needs is the default; scvi-tools' own defaults are an option.
 * Counts are held up to --memory, then kept in a scratch file; what is drawn, and every result,
 * stays the same. Same input and seed, same bytes, any number of threads.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "vae/reference_prototypes.h"
#include "vae/training_data.h"
#include "vae/vae_file.h"
#include "vae/vae_report.h"
#include "vae/vae_surgery.h"

static struct opts {
	const char *label, *unlabeled, *batch, *slot, *genes, *recipe, *likelihood, *from, *history,
		*checkpoint, *output;
	size_t hidden, latent, layers, epochs, class_epochs, per_label, mini_batch, kl_epochs,
		patience, every, seed, memory;
	double dropout, rate, train_share;
	bool linear, validate;
} o = {.unlabeled = "Unknown",
       .slot = "auto",
       .genes = "2000",
       .recipe = "arches",
       .output = "-",
       .latent = 10,
       .hidden = 128,
       .mini_batch = 128,
       .kl_epochs = 400,
       .per_label = 100,
       .every = 50,
       .memory = (size_t)2 << 30,
       .dropout = -1,
       .rate = 1e-3,
       .train_share = 0.9};

static const char *const recipes[] = {"arches", "scvi", NULL};
static const char *const likelihoods[] = {"nb", "zinb", NULL};

static const struct opt options[] = {
	OPT_TEXT("label", 'l', label, "COLUMN", "obs column of labels: scANVI after scVI"),
	OPT_TEXT("unlabeled", 0, unlabeled, "WORD", "what says that a cell has no label (Unknown)"),
	OPT_TEXT("batch", 'b', batch, "COLUMN", "obs column of batches (all cells are one)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "matrix with counts: auto, X, raw, layers/NAME (auto)"),
	OPT_TEXT("genes", 'g', genes, "N|FILE|all",
		 "the most variable, those of a panel, or all (2000)"),
	OPT_CHOICE("recipe", 0, recipe, "NAME",
		   "arches: for mapping onto; scvi: scvi-tools' defaults (arches)", recipes),
	OPT_CHOICE("likelihood", 0, likelihood, "NAME", "of counts: nb, zinb (the recipe's)",
		   likelihoods),
	OPT_SIZE("hidden", 0, hidden, "N", "units of a hidden layer (128)"),
	OPT_SIZE("latent", 0, latent, "N", "dimensions of the latent space (10)"),
	OPT_SIZE("layers", 0, layers, "N", "hidden layers (the recipe's: 2, or 1)"),
	OPT_FLOAT("dropout", 0, dropout, "SHARE", "of hidden values (the recipe's: 0.2, or 0.1)"),
	OPT_FLAG("linear", 0, linear, "one linear layer as classifier"),
	OPT_SIZE("epochs", 'e', epochs, "N", "of scVI (by the number of cells: 400 up to 20,000)"),
	OPT_SIZE("class-epochs", 0, class_epochs, "N", "of scANVI (by the number of epochs: 10)"),
	OPT_SIZE("per-label", 0, per_label, "N",
		 "labelled cells drawn of each class and epoch (100; 0: all)"),
	OPT_SIZE("mini-batch", 0, mini_batch, "N", "cells of a step (128)"),
	OPT_SIZE("kl-epochs", 0, kl_epochs, "N", "over which the KL's weight rises to 1 (400)"),
	OPT_FLOAT("rate", 0, rate, "RATE", "learning rate (0.001)"),
	OPT_FLOAT("train-share", 0, train_share, "SHARE", "of the cells; the rest validates (0.9)"),
	OPT_FLAG("validate", 0, validate, "compute the ELBO of the rest after every epoch"),
	OPT_SIZE("patience", 0, patience, "N",
		 "stop after N epochs without a gain in it (0: never early)"),
	OPT_TEXT("from", 0, from, "MODEL", "go on from a model instead of from chance"),
	OPT_TEXT("checkpoint", 0, checkpoint, "FILE", "write the model here as training goes on"),
	OPT_SIZE("every", 0, every, "N", "epochs from checkpoint to checkpoint (50)"),
	OPT_TEXT("history", 0, history, "FILE", "write a row per epoch here"),
	OPT_SIZE("seed", 0, seed, "N", "seed of the random choices (0)"),
	OPT_BYTES("memory", 0, memory, "BYTES", "of counts held; more go to a scratch file (2G)"),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "learn a model of counts: scVI, and with labels scANVI",
	.synopsis = "[OPTIONS] [INPUT] -o MODEL",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct training_data data;
	struct pool *pool;
	size_t n_cells;
	struct vae *model;
	struct vae_history history;
	struct progress progress;
	size_t n_before; /* epochs of earlier phases, for the history */
	struct err err;  /* of a checkpoint */
};

/* ---- the model ---- */

static struct vae_recipe recipe_of(const struct run *run)
{
	bool arches = str_eq(o.recipe, "arches");

	return (struct vae_recipe){
		.n_genes = run->data.genes.n,
		.n_batches = run->data.batches.n,
		.n_hidden = o.hidden,
		.n_latent = o.latent,
		.n_layers = o.layers ? o.layers
			    : arches ? 2
				     : 1,
		.dropout = o.dropout >= 0 ? o.dropout
			   : arches       ? 0.2
					  : 0.1,
		.zero_inflated = o.likelihood ? str_eq(o.likelihood, "zinb") : !arches,
		.encode_covariates = arches,
		.deep = true,
		.batch_norm_encoder = !arches,
		.batch_norm_decoder = !arches,
		.layer_norm_encoder = arches,
		.layer_norm_decoder = arches,
	};
}

static int make_model(struct run *run, struct err *err)
{
	struct vae_recipe recipe = recipe_of(run);

	if (vae_recipe_check(&recipe, "--layers, --hidden, --latent, --dropout", err))
		return -1;
	run->model = vae_new(&recipe);
	vae_init(run->model, o.seed);
	run->model->genes = names_of(run->data.genes.s, run->data.genes.n);
	if (run->data.batches.n)
		run->model->batches = names_of(run->data.batches.s, run->data.batches.n);
	else
		names_add(&run->model->batches, "0");
	run->model->batch_key = o.batch ? mem_str(o.batch) : NULL;
	run->model->labels_key = o.label ? mem_str(o.label) : NULL;
	run->model->origin = mem_str("pipette");
	return 0;
}

/* A model to go on from decides the genes; its batches and labels must be these. */
static int check_same(const struct run *run, struct err *err)
{
	const struct vae *v = run->model;

	if (v->recipe.n_batches != run->data.batches.n)
		return err_set(err, "%s: knows %zu batches, the file has %zu", o.from,
			       v->recipe.n_batches, run->data.batches.n);
	for (size_t i = 0; i < run->data.batches.n; i++)
		if (!str_eq(run->data.batches.s[i], v->batches.s[i]))
			return err_set(err, "%s: its batch %zu is %s, not %s", o.from, i + 1,
				       v->batches.s[i], run->data.batches.s[i]);
	for (size_t i = 0; vae_has_classes(v) && i < v->labels.n; i++)
		if (i >= run->data.labels.n || !str_eq(run->data.labels.s[i], v->labels.s[i]))
			return err_set(err, "%s: its labels are not those of the file (%s)", o.from,
				       v->labels.s[i]);
	return 0;
}

static int start_model(struct run *run, struct err *err)
{
	if (!o.from)
		return data_genes(&run->data, o.genes, err);
	run->model = vae_read(o.from, err);
	if (!run->model)
		return -1;
	manifest_input(o.from);
	run->data.genes = names_of(run->model->genes.s, run->model->genes.n);
	return 0;
}

/* ---- training ---- */

static int hear(void *arg, const struct vae_epoch *e)
{
	struct run *run = arg;
	struct vae_epoch row = *e;

	row.epoch += run->n_before;
	vae_history_add(&run->history, &row);
	progress_note(&run->progress, e->epoch, "elbo %.3f", e->elbo);
	if (o.checkpoint && o.every && e->epoch % o.every == 0 &&
	    vae_file_write(run->model, o.checkpoint, &run->err))
		return 1;
	return 0;
}

static int train(struct run *run, size_t epochs, const char *what, struct err *err)
{
	struct vae_training t = VAE_TRAINING;
	int ret;

	t.model = run->model;
	t.store = run->data.store;
	t.batch = run->data.batch;
	t.label = vae_has_classes(run->model) ? run->data.label : NULL;
	t.epochs = epochs;
	t.mini_batch = o.mini_batch;
	t.train_share = o.train_share;
	t.rate = o.rate;
	t.kl_epochs = o.kl_epochs;
	t.per_label = o.per_label;
	t.watch = o.patience ? WATCH_VALIDATION : WATCH_NOTHING;
	t.patience = o.patience;
	t.validate = o.validate;
	t.seed = o.seed;
	t.hear = hear;
	t.listener = run;
	vae_train_all(run->model);
	run->progress = progress_start(what, epochs);
	ret = vae_train(&t, run->pool, err);
	progress_end(&run->progress);
	if (ret == 0 && err_is_set(&run->err)) {
		*err = run->err;
		return -1;
	}
	run->n_before += t.n_done;
	if (ret == 0 && run->history.n)
		say("%s: %zu epochs%s, elbo %.3f", what, t.n_done,
		    t.stopped_early ? " (no gain since)" : "",
		    run->history.epochs[run->history.n - 1].elbo);
	return ret;
}

static int learn(struct run *run, struct err *err)
{
	size_t epochs = o.epochs ? o.epochs : vae_epochs_for(run->n_cells);
	size_t class_epochs = o.class_epochs ? o.class_epochs : MIN(10, MAX(2, (epochs + 1) / 3));
	struct vae *with;

	if (!vae_has_classes(run->model) && train(run, epochs, "scVI", err))
		return -1;
	if (!o.label)
		return 0;
	if (!vae_has_classes(run->model)) {
		with = vae_with_classes(run->model, &run->data.labels, o.linear, o.seed);
		vae_free(run->model);
		run->model = with;
	}
	return train(run, class_epochs, "scANVI", err) ||
	       prototypes_from_store(run->model, run->data.store, run->data.batch, run->data.label,
				     &run->data.labels, run->data.labels.n - 1, run->pool, err);
}

static void run_release(struct run *run)
{
	struct h5ad *in = run->data.in;

	vae_free(run->model);
	training_data_release(&run->data);
	vae_history_release(&run->history);
	pool_free(run->pool);
	h5ad_close(in);
}

static void check_options(void)
{
	if (!(o.rate > 0) || !(o.train_share > 0 && o.train_share <= 1) || o.mini_batch < 2)
		die_usage(
			"--rate is above 0, --train-share above 0 up to 1, --mini-batch 2 or more");
	if (o.dropout >= 1 || (o.dropout < 0 && o.dropout != -1))
		die_usage("--dropout is from 0 to below 1");
	if (o.patience && o.train_share == 1)
		die_usage("--patience watches the cells that do not train: --train-share below 1");
}

static void tell(const struct run *run)
{
	const struct vae *v = run->model;

	say("%s: %zu cells, %zu genes, %zu batches, %zu labels", h5ad_path(run->data.in),
	    run->n_cells, v->recipe.n_genes, v->recipe.n_batches,
	    run->data.labels.n ? run->data.labels.n - 1 : 0);
	manifest_count("cells", run->n_cells);
	manifest_count("genes", v->recipe.n_genes);
	manifest_count("batches", v->recipe.n_batches);
	if (count_store_n_fractions(run->data.store))
		warn("%s: %s: %zu cells hold values that are not whole: the model is one of counts",
		     h5ad_path(run->data.in), run->data.counts.slot->name,
		     count_store_n_fractions(run->data.store));
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};
	struct inputs in;

	tool_begin("vae-train", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_options();
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	run.data.in = h5ad_open(in.paths[0], &err);
	if (!run.data.in)
		die_err(&err);
	run.pool = run.data.pool = pool_new(tool_threads);
	run.data.slot = o.slot;
	run.data.memory = o.memory;
	run.n_cells = h5ad_n_cells(run.data.in);
	if (start_model(&run, &err) || data_batches(&run.data, o.batch, &err) ||
	    (o.label && data_labels(&run.data, o.label, o.unlabeled, &err)) ||
	    data_counts(&run.data, &err) ||
	    (o.from ? check_same(&run, &err) : make_model(&run, &err)))
		die_err(&err);
	tell(&run);
	if (learn(&run, &err) ||
	    (o.history && tsv_write_file(o.history, vae_put_history, &run.history, &err)) ||
	    vae_file_write(run.model, o.output, &err))
		die_err(&err);
	run_release(&run);
	return tool_end();
}
