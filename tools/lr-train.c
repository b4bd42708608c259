/* lr-train - learn a model of cell types from a labelled h5ad.
 *
 * Reads log-normalised cells (or counts, normalised on the way) and a column of labels, writes a
 * model for lr-predict: one logistic regression per class over standardised genes, as CellTypist's,
 * at its optimum. Cells are packed once at five bytes per stored value, in memory or beyond
 * --memory on disk; scores take 8 bytes per cell and class. Same input, same model, for any
 * number of threads.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "h5ad/derive/panel.h"
#include "h5ad/frame/label_column.h"
#include "model/model_file.h"
#include "train/assemble.h"
#include "train/class_notes.h"
#include "train/recipe.h"
#include "train/training_words.h"

static const char *const solvers[] = {"lbfgs", "sgd", NULL};
static const char *const losses[] = {"ovr-log", "softmax", "hce", NULL};
static const char *const weights[] = {"none", "balanced", NULL};
static const char *const scalings[] = {"soft", "deviation", NULL};

static struct opts {
	struct training_rules rules;
	struct train_options how;
	struct model_card card;
	struct recipe_words words;
	const char *depths, *report, *genes, *output;
	struct class_notes_rules notes;
	struct opt_list keep_labels;
} o = {.rules = {.input = {.slot = "auto", .target_sum = 1e4}, .memory = (size_t)2 << 30},
       .how = {.fit = {.C = 1, .tolerance = 3e-6},
	       .sgd = {.alpha = 1e-4,
		       .tolerance = 1e-3,
		       .batch_size = 1000,
		       .batch_number = 200,
		       .epochs = 10},
	       .scaling = {.clip = 10},
	       .top_genes = 300},
       .words = {.solver = "lbfgs", .min_cells = RECIPE_SAYS, .n_factors = RECIPE_SAYS, .seed = 42},
       .output = "-",
       .notes = {.min_score = 0.7}};

/* clang-format off */
static const struct opt options[] = {
	OPT_TEXT("label", 'l', rules.cohort.label, "COLUMN", "obs column of labels; auto: found by name (required)"),
	OPT_CHOICE("recipe", 0, words.recipe, "NAME", "defaults: robust, or celltypist (robust; celltypist for sgd)", recipe_names),
	OPT_CHOICE("solver", 0, words.solver, "HOW", "lbfgs: the optimum; sgd: descent as CellTypist's (lbfgs)", solvers),
	OPT_CHOICE("loss", 0, words.loss, "LOSS", "ovr-log, softmax, or hce: that of nested labels (by the recipe)", losses),
	OPT_TEXT("C", 'C', words.C, "X", "inverse strength of the penalty, or auto: by folds (the recipe)"),
	OPT_FLOAT("tol", 0, how.fit.tolerance, "X", "largest gradient entry of the mean loss at the end (3e-6)"),
	OPT_SIZE("max-passes", 0, words.max_passes, "N", "passes at most (60; softmax: 300; sgd: 1000)"),
	OPT_CHOICE("class-weight", 0, words.class_weight, "HOW", "none, or balanced: rare classes weigh as much (by the recipe)", weights),
	OPT_CHOICE("scaling", 0, words.scaling, "HOW", "soft, or genes divided by their deviation (by the recipe)", scalings),
	OPT_FLAG("no-mean", 0, words.no_mean, "scale genes without centring them"),
	OPT_FLAG("feature-selection", 0, how.select, "choose genes by a short first fit"),
	OPT_SIZE("top-genes", 0, how.top_genes, "N", "genes chosen per class (300)"),
	OPT_TEXT("genes", 0, genes, "PANEL", "use only the genes of this list, panel or h5ad"),
	OPT_TEXT("depths", 0, depths, "1,P,..", "train on each cell with these shares of its counts, too"),
	OPT_SIZE("min-cells", 0, words.min_cells, "N", "leave out classes with fewer training cells (by the recipe)"),
	OPT_SIZE("factors", 0, words.n_factors, "N", "for genes that files lack; 0: weights alone (by the recipe)"),
	OPT_FLAG("allow-loss", 0, rules.cohort.allow_loss, "train though many cells or types are left out so"),
	OPT_LIST("keep-label", 0, keep_labels, "LABEL", "learn this label, though it seems to name no type"),
	OPT_FLOAT("alpha", 0, how.sgd.alpha, "X", "sgd: strength of the penalty (1e-4)"),
	OPT_FLAG("mini-batch", 0, how.sgd.mini_batch, "sgd: draw batches of cells"),
	OPT_SIZE("batch-size", 0, how.sgd.batch_size, "N", "cells of a batch (1000)"),
	OPT_SIZE("batch-number", 0, how.sgd.batch_number, "N", "batches of an epoch (200)"),
	OPT_SIZE("epochs", 0, how.sgd.epochs, "N", "epochs of mini-batches (10)"),
	OPT_FLAG("balance", 0, how.sgd.balance, "mini-batches draw all classes equally often"),
	OPT_TEXT("holdout", 0, rules.cohort.holdout, "WHAT", "judge on a COLUMN's groups, COLUMN=VALUE or a fraction"),
	OPT_SIZE("folds", 0, rules.cohort.folds, "K", "cross-validate in K folds (none)"),
	OPT_TEXT("by", 0, rules.cohort.by, "COLUMN", "keep the groups of this obs column in one fold"),
	OPT_TEXT("oof", 0, rules.oof, "FILE", "write the out-of-fold decisions as TSV (.gz too)"),
	OPT_TEXT("report", 0, report, "FILE", "write what every class reached as TSV"),
	OPT_TEXT("ids", 0, notes.ids, "COLUMN", "of ontology ids: store for each class that of most of its cells"),
	OPT_TEXT("levels", 0, notes.levels, "A,B", "obs columns of coarser labels, coarse to fine: kept with each class"),
	OPT_TEXT("map", 0, notes.map, "FILE", "cl-map's map: store the ontology id of each class"),
	OPT_FLOAT("min-score", 0, notes.min_score, "P", "ids of the map with less are not used (0.7)"),
	OPT_TEXT("slot", 0, rules.input.slot, "SLOT", "matrix to read: auto, X, raw, layers/NAME (auto)"),
	OPT_TEXT("accept", 0, rules.input.accept, "VERDICT", "take a matrix that norm-check judges so as it is"),
	OPT_CHOICE("as", 0, rules.input.as, "WHAT", "what X or SLOT is, whatever it looks like: counts, log1p, log2, cpm", input_as),
	OPT_BYTES("memory", 0, rules.memory, "SIZE", "keep no more cells than this in memory (2G)"),
	OPT_TEXT("name", 0, card.name, "TEXT", "for the card: the model's name"),
	OPT_TEXT("source", 0, card.source, "TEXT", "for the card: where the cells come from"),
	OPT_TEXT("url", 0, card.url, "TEXT", "for the card: where the model is found"),
	OPT_TEXT("model-version", 0, card.version, "TEXT", "for the card: its version"),
	OPT_TEXT("details", 0, card.details, "TEXT", "for the card: a description"),
	OPT_TEXT("date", 0, card.date, "TEXT", "for the card: a date"),
	OPT_OUTPUT(output),
	OPT_SEED(words.seed), OPT_THREADS, OPT_MANIFEST, OPT_END
};
/* clang-format on */

static const struct opt_usage usage = {
	.summary = "learn a model of cell types from labelled cells",
	.synopsis = "[OPTIONS] -l COLUMN [INPUT] [-o MODEL]",
	.options = options,
	.max_inputs = 1,
	.details = "A MODEL whose name ends in .pkl is written as a pickle for CellTypist.",
};

struct run {
	struct training_rules rules;
	struct training training;
	struct placeholders *placeholders;
	struct class_notes notes;
	struct depths depths;
	struct gene_panel panel;
	struct progress progress;
};

/* ---- what is asked for ---- */

static void check_options(void)
{
	struct err err = ERR_INIT;

	if (o.notes.ids && o.notes.map)
		die_usage("--ids or --map: one of them says what the ids are");
	if (!o.rules.cohort.label)
		die_usage("which labels? (--label COLUMN)");
	if (o.rules.oof && o.depths)
		die_usage("--oof is for --folds, and a row per cell: not with --depths");
	if (recipe_check(&o.words, &o.rules, &o.how, &err))
		die_usage("%s", err.text);
}

/* What is asked for; a cell that is there several times counts once, all its copies together. */
static struct training_rules rules(struct depths *depths)
{
	struct training_rules rules = recipe_rules(&o.words, &o.rules);
	struct err err = ERR_INIT;

	*depths = (struct depths){.seed = o.words.seed, .target_sum = o.rules.input.target_sum};
	if (o.depths && depths_parse(depths, o.depths, &err))
		die_usage("--depths %s", err.text);
	rules.depths = depths;
	return rules;
}

static struct train_options how(size_t n_copies)
{
	struct train_options how = recipe_options(&o.words, &o.how);

	how.fit.C /= (double)n_copies;
	return how;
}

/* ---- what is told ---- */

static void hear_pass(struct run *r, const struct training_news *news)
{
	struct text words = TEXT_INIT;

	training_words(&r->training, news, &words);
	progress_note(&r->progress, news->pass, "%s", words.s);
	text_release(&words);
}

/* In words, and in numbers for the manifest. */
static void hear_result(struct run *r, const struct training_news *news)
{
	const struct training *t = &r->training;
	enum training_event event = news->event;
	struct text words = TEXT_INIT;

	if ((event == TRAINING_READ || event == TRAINING_STEP || event == TRAINING_FITTED) &&
	    r->progress.what)
		progress_end(&r->progress);
	training_words(t, news, &words);
	say_lines(words.s);
	if (event == TRAINING_GENES && t->input->passed_over)
		warn("%s: %s is used instead", t->input->passed_over, t->input->slot->name);
	if (event == TRAINING_GENES)
		r->progress = progress_start("cells read", t->cohort.n / t->cohort.n_copies);
	if (event == TRAINING_STEP)
		r->progress = progress_start("passes", 0);
	if (event == TRAINING_PENALTY)
		manifest_decision("C", "%g: macro-F1 %.6g out of fold", t->penalty.C,
				  t->penalty.tally.macro_f1);
	if (event == TRAINING_FOLDS)
		manifest_value("cross-validation", t->folds.macro_f1);
	if (event == TRAINING_HELD)
		manifest_value("held out", t->held.macro_f1);
	text_release(&words);
}

static void hear(void *whom, const struct training_news *news)
{
	struct run *r = whom;

	if (news->event == TRAINING_CELLS)
		progress_at(&r->progress, news->n_cells);
	else if (news->event == TRAINING_PASS || news->event == TRAINING_EPOCH)
		hear_pass(r, news);
	else
		hear_result(r, news);
}

static void tell_fit(const struct fit *fit)
{
	struct text line = TEXT_INIT;
	struct fit_reached reached = training_reached(fit, &line);

	say("%s", line.s);
	if (fit->n_short && !recipe_uses_sgd(&o.words))
		warn("%zu of %zu classes are above the tolerance %g (raise --max-passes)",
		     fit->n_short, fit->lanes.n_used, o.how.fit.tolerance);
	manifest_value("objective", reached.objective);
	manifest_value("largest_gradient", reached.gradient);
	manifest_count("passes", fit->passes);
	text_release(&line);
}

/* ---- writing ---- */

/* Before training: what cannot be read should not cost an hour. */
static int open_notes(struct run *r, struct err *err)
{
	if (o.notes.map)
		manifest_input(o.notes.map);
	return class_notes_open(&r->notes, &o.notes, r->training.file, err);
}

static int read_notes(struct run *r, struct err *err)
{
	if (class_notes_read(&r->notes, &r->training.cohort, str_eq(o.words.loss, "hce"), err))
		return -1;
	r->training.how.fit.within = r->notes.within;
	return 0;
}

/* Labels that are no types, but those that are to be kept. */
static int read_placeholders(struct run *r, struct err *err)
{
	r->placeholders = placeholders_but(o.keep_labels.items, o.keep_labels.n, err);
	r->rules.cohort.placeholders = r->placeholders;
	return r->placeholders ? 0 : -1;
}

static int read_panel(struct run *r, struct err *err)
{
	if (!o.genes)
		return 0;
	manifest_input(o.genes);
	r->rules.panel = &r->panel;
	return panel_open(&r->panel, o.genes, err);
}

/* "auto": the column of cell types, found by its name. */
static int find_label(struct run *r, struct err *err)
{
	struct frame *obs = h5ad_obs(r->training.file);
	const char *label = label_column(obs, o.rules.cohort.label, err);

	if (!label)
		return err_prefix(err, "%s", h5ad_path(r->training.file));
	if (!str_eq(label, o.rules.cohort.label))
		say("%s: labels are in %s", h5ad_path(r->training.file), label);
	r->rules.cohort.label = label;
	return 0;
}

static int write_model(struct run *r, const struct training_source *source, struct err *err)
{
	struct model *m = training_model(&r->training, &o.card, source, err);
	struct text said = TEXT_INIT, warned = TEXT_INIT;
	int ret;

	if (!m)
		return -1;
	class_notes_give(&r->notes, &r->training.cohort, m, &said, &warned);
	if (said.len)
		say("%s", said.s);
	if (warned.len)
		warn("%s", warned.s);
	ret = model_check(m, o.output, err) || model_write(m, o.output, err) ? -1 : 0;
	model_free(m);
	text_release(&said);
	text_release(&warned);
	return ret;
}

static void run_release(struct run *r)
{
	struct training *t = &r->training;

	training_release(t);
	class_notes_release(&r->notes);
	depths_release(&r->depths);
	placeholders_free(r->placeholders);
	panel_release(&r->panel);
	h5ad_close(t->file);
	pool_free(t->pool);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run r = {0};
	struct training *t = &r.training;

	tool_begin("lr-train", argc, argv);

	struct inputs in = opt_parse(&usage, argc, argv);
	const char *path = in.paths[0];

	recipe_follow(&o.words);
	check_options();
	r.rules = rules(&r.depths);
	manifest_input(path);
	manifest_output(o.output);
	manifest_seed(o.words.seed);

	*t = (struct training){.pool = pool_new(tool_threads),
			       .file = h5ad_open(path, &err),
			       .rules = &r.rules,
			       .how = how(MAX(r.depths.n, 1)),
			       .listener = {.hear = hear, .whom = &r}};
	if (!t->file || find_label(&r, &err) || open_notes(&r, &err) || read_panel(&r, &err) ||
	    read_placeholders(&r, &err) || training_read(t, &err) || read_notes(&r, &err) ||
	    training_run(t, &err))
		die_err(&err);
	tell_fit(&t->trained.fit);
	if (o.report &&
	    assemble_report(o.report, &t->trained, &t->cohort, o.how.fit.tolerance, &err))
		die_err(&err);
	if (write_model(&r, &(struct training_source){path, argc, argv}, &err))
		die_err(&err);
	run_release(&r);
	return tool_end();
}
