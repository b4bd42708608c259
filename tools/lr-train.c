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
#include "model/assemble.h"
#include "model/class_ids.h"
#include "model/training.h"

static const char *const solvers[] = {"lbfgs", "sgd", NULL};
static const char *const losses[] = {"ovr-log", "softmax", NULL};
static const char *const weights[] = {"none", "balanced", NULL};

static struct opts {
	const char *label, *solver, *loss, *class_weight, *genes, *holdout, *by, *oof, *report;
	const char *slot, *accept, *output, *C, *map;
	double alpha, tolerance, min_score;
	size_t max_passes, top_genes, batch_size, batch_number, epochs, min_cells, folds, seed,
		memory;
	bool select, mini_batch, balance, no_mean;
	struct model_card card;
} o = {.solver = "lbfgs",
       .loss = "ovr-log",
       .class_weight = "none",
       .slot = "auto",
       .output = "-",
       .C = "1",
       .alpha = 1e-4,
       .tolerance = 3e-6,
       .min_score = 0.7,
       .top_genes = 300,
       .batch_size = 1000,
       .batch_number = 200,
       .epochs = 10,
       .min_cells = 50,
       .seed = 42,
       .memory = (size_t)2 << 30};

/* clang-format off */
static const struct opt options[] = {
	OPT_TEXT("label", 'l', label, "COLUMN", "obs column of labels (required)"),
	OPT_CHOICE("solver", 0, solver, "HOW", "lbfgs: the optimum; sgd: descent as CellTypist's (lbfgs)", solvers),
	OPT_CHOICE("loss", 0, loss, "LOSS", "ovr-log: each class against the rest; softmax (ovr-log)", losses),
	OPT_TEXT("C", 'C', C, "X", "inverse strength of the penalty, or auto: chosen in folds (1)"),
	OPT_FLOAT("tol", 0, tolerance, "X", "largest gradient entry of the mean loss at the end (3e-6)"),
	OPT_SIZE("max-passes", 0, max_passes, "N", "passes at most (60; softmax: 300; sgd: 1000)"),
	OPT_CHOICE("class-weight", 0, class_weight, "HOW", "none, or balanced: rare classes weigh as much (none)", weights),
	OPT_FLAG("no-mean", 0, no_mean, "scale genes without centring them"),
	OPT_FLAG("feature-selection", 0, select, "choose genes by a short first fit"),
	OPT_SIZE("top-genes", 0, top_genes, "N", "genes chosen per class (300)"),
	OPT_TEXT("genes", 0, genes, "PANEL", "use only the genes listed in this file"),
	OPT_SIZE("min-cells", 0, min_cells, "N", "leave out classes with fewer training cells (50)"),
	OPT_FLOAT("alpha", 0, alpha, "X", "sgd: strength of the penalty (1e-4)"),
	OPT_FLAG("mini-batch", 0, mini_batch, "sgd: draw batches of cells"),
	OPT_SIZE("batch-size", 0, batch_size, "N", "cells of a batch (1000)"),
	OPT_SIZE("batch-number", 0, batch_number, "N", "batches of an epoch (200)"),
	OPT_SIZE("epochs", 0, epochs, "N", "epochs of mini-batches (10)"),
	OPT_FLAG("balance", 0, balance, "mini-batches draw all classes equally often"),
	OPT_TEXT("holdout", 0, holdout, "WHAT", "judge on a COLUMN's groups, COLUMN=VALUE or a fraction"),
	OPT_SIZE("folds", 0, folds, "K", "cross-validate in K folds (none)"),
	OPT_TEXT("by", 0, by, "COLUMN", "keep the groups of this obs column in one fold"),
	OPT_TEXT("oof", 0, oof, "FILE", "write the out-of-fold decisions as TSV (.gz too)"),
	OPT_TEXT("report", 0, report, "FILE", "write what every class reached as TSV"),
	OPT_TEXT("map", 0, map, "FILE", "cl-map's map: store the ontology id of each class"),
	OPT_FLOAT("min-score", 0, min_score, "P", "ids of the map with less are not used (0.7)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "matrix to read: auto, X, raw, layers/NAME (auto)"),
	OPT_TEXT("accept", 0, accept, "VERDICT", "take a matrix that norm-check judges so as it is"),
	OPT_BYTES("memory", 0, memory, "SIZE", "keep no more cells than this in memory (2G)"),
	OPT_TEXT("name", 0, card.name, "TEXT", "for the card: the model's name"),
	OPT_TEXT("source", 0, card.source, "TEXT", "for the card: where the cells come from"),
	OPT_TEXT("url", 0, card.url, "TEXT", "for the card: where the model is found"),
	OPT_TEXT("model-version", 0, card.version, "TEXT", "for the card: its version"),
	OPT_TEXT("details", 0, card.details, "TEXT", "for the card: a description"),
	OPT_TEXT("date", 0, card.date, "TEXT", "for the card: a date"),
	OPT_OUTPUT(output),
	OPT_SEED(seed), OPT_THREADS, OPT_MANIFEST, OPT_END
};
/* clang-format on */

static const struct opt_usage usage = {
	.summary = "learn a model of cell types from labelled cells",
	.synopsis = "[OPTIONS] -l COLUMN [INPUT] [-o MODEL]",
	.options = options,
	.max_inputs = 1,
	.details = "A MODEL whose name ends in .pkl is written as a pickle for CellTypist.",
};

/* 'training' comes first: it is what is told of in news. */
struct run {
	struct training training;
	struct labelmap *map; /* of labels to ontology ids, or NULL */
	struct progress progress;
};

static bool penalty_is_auto(void)
{
	return str_eq(o.C, "auto");
}

static void check_options(void)
{
	double C = 1;

	if (!o.label)
		die_usage("which labels? (--label COLUMN)");
	if (!penalty_is_auto() && !(parse_double(o.C, &C) && isfinite(C)))
		die_usage("--C %s: a number or auto", o.C);
	if (!(C > 0) || !(o.alpha > 0) || !(o.tolerance > 0))
		die_usage("--C, --alpha and --tol are above 0");
	if (!o.batch_size || !o.batch_number || !o.epochs || !o.top_genes)
		die_usage("--batch-size, --batch-number, --epochs and --top-genes are at least 1");
	if (str_eq(o.solver, "lbfgs") && (o.mini_batch || o.balance))
		die_usage("--mini-batch and --balance are for --solver sgd (for the optimum with "
			  "classes of equal weight: --class-weight balanced)");
	if (o.balance && !o.mini_batch)
		die_usage("--balance is for --mini-batch");
	if (str_eq(o.solver, "sgd") && str_eq(o.loss, "softmax"))
		die_usage("--solver sgd has no softmax loss");
	if (penalty_is_auto() && !str_eq(o.solver, "lbfgs"))
		die_usage("--C auto is for --solver lbfgs");
	if (penalty_is_auto() && !o.folds)
		o.folds = 3;
	if ((o.by || o.oof) && !o.folds)
		die_usage("--by and --oof are for --folds");
}

/* ---- what is told ---- */

static void tell_cohort(const struct cohort *c)
{
	if (c->n_unlabelled)
		say("%zu cells without a label are left out", c->n_unlabelled);
	for (size_t i = 0; i < c->n_dropped; i++)
		say("class \"%s\" is left out: %zu training cells (--min-cells %zu)",
		    c->dropped[i].name, c->dropped[i].n_cells, o.min_cells);
	if (c->n_held)
		say("held out: %s (%zu cells)", c->held_what, c->n_held);
}

static void tell_genes(const struct training *t)
{
	if (o.genes)
		say("%s: %zu of the panel's %zu genes are in %s", o.genes, t->gathered.n_genes,
		    t->gathered.n_listed, h5ad_path(t->file));
}

static void tell_input(const struct training *t)
{
	struct text decision = TEXT_INIT;

	say("%s: %s", h5ad_path(t->file), input_decision(t->input, &decision));
	text_release(&decision);
}

static void tell_choice(const struct penalty_choice *choice)
{
	say("C = %g is chosen", choice->C);
	manifest_decision("C", "%g: macro-F1 %.6g out of fold", choice->C, choice->tally.macro_f1);
}

static void tell_tally(const struct training *t, const char *what, const struct tally *s)
{
	say("%s: %zu cells, accuracy %.4f, macro-F1 %.4f", what, s->n_cells, s->accuracy,
	    s->macro_f1);
	manifest_value(what, s->macro_f1);
	for (size_t c = 0; c < s->n_classes; c++)
		say("  %s: precision %.4f, recall %.4f, %zu cells", t->cohort.classes[c],
		    s->precision[c], s->recall[c], s->truth[c]);
}

static void tell(const struct training *t, enum training_news news)
{
	struct run *r = (struct run *)t;

	switch (news) {
	case TRAINING_COHORT:
		tell_cohort(&t->cohort);
		break;
	case TRAINING_GENES:
		tell_genes(t);
		r->progress = progress_start("cells read", t->cohort.n);
		break;
	case TRAINING_READ:
		progress_end(&r->progress);
		tell_input(t);
		break;
	case TRAINING_PENALTY:
		tell_choice(&t->penalty);
		break;
	case TRAINING_FOLDS:
		tell_tally(t, "cross-validation", &t->folds);
		break;
	case TRAINING_FITTED:
		progress_end(&r->progress);
		break;
	case TRAINING_HELD:
		tell_tally(t, "held out", &t->held);
		break;
	}
}

static void tell_cells(void *whom, size_t cells)
{
	progress_at(&((struct run *)whom)->progress, cells);
}

static void tell_penalty(double C, const struct tally *t, size_t n_folds)
{
	say("C = %g: accuracy %.4f, macro-F1 %.4f out of fold (%zu of %zu folds)", C, t->accuracy,
	    t->macro_f1, n_folds, o.folds);
}

static void tell_step(void *whom, const char *what, size_t n_cells, size_t n_genes)
{
	struct run *r = whom;

	if (r->progress.what)
		progress_end(&r->progress);
	say("%s: %zu cells, %zu genes, %zu classes", what, n_cells, n_genes,
	    r->training.cohort.n_classes);
	r->progress = progress_start("passes", 0);
}

static void tell_pass(void *whom, size_t pass, size_t left, double loss, double gradient)
{
	struct run *r = whom;

	progress_note(&r->progress, pass, "%zu classes left, loss %.6g, largest gradient %.3g",
		      left, loss, gradient);
}

static void tell_epoch(void *whom, size_t epoch, size_t left, double loss)
{
	struct run *r = whom;

	progress_note(&r->progress, epoch, "%zu classes left, loss %.6g", left, loss);
}

static void tell_fit(const struct fit *fit)
{
	double objective = 0, gradient = 0;

	for (size_t l = 0; l < fit->lanes.n_used; l++) {
		objective += fit->objective[l];
		gradient = fmax(gradient, fit->gradient[l]);
	}
	say("%zu passes: objective %.9g summed over classes, largest gradient %.3g", fit->passes,
	    objective, gradient);
	if (fit->n_short && str_eq(o.solver, "lbfgs"))
		warn("%zu of %zu classes are above the tolerance %g (raise --max-passes)",
		     fit->n_short, fit->lanes.n_used, o.tolerance);
	manifest_value("objective", objective);
	manifest_value("largest_gradient", gradient);
	manifest_count("passes", fit->passes);
}

/* ---- what is asked for ---- */

static struct train_options train_options(struct run *r)
{
	bool balanced = str_eq(o.class_weight, "balanced"), sgd = str_eq(o.solver, "sgd");
	bool softmax = str_eq(o.loss, "softmax");
	double C = 1;

	if (!penalty_is_auto() && !parse_double(o.C, &C))
		BUG("--C %s", o.C);

	return (struct train_options){
		.fit = {.loss = softmax ? LOSS_SOFTMAX : LOSS_OVR_LOG,
			.C = C,
			.tolerance = o.tolerance,
			.max_passes = o.max_passes ? o.max_passes
				      : softmax    ? 300
						   : 60,
			.balanced = balanced,
			.tell = tell_pass,
			.whom = r},
		.use_sgd = sgd,
		.sgd = {.alpha = o.alpha,
			.tolerance = 1e-3,
			.max_epochs = o.max_passes ? o.max_passes : 1000,
			.mini_batch = o.mini_batch,
			.batch_size = o.batch_size,
			.batch_number = o.batch_number,
			.epochs = o.epochs,
			.balance = o.balance,
			.balanced_weights = balanced,
			.seed = o.seed,
			.tell = tell_epoch,
			.whom = r},
		.with_mean = !o.no_mean,
		.clip = 10,
		.select = o.select,
		.top_genes = o.top_genes,
		.step = tell_step,
		.whom = r,
	};
}

static struct training_rules training_rules(void)
{
	return (struct training_rules){
		.cohort = {o.label, o.min_cells, o.holdout, o.folds, o.by, o.seed},
		.input = {.slot = o.slot, .accept = o.accept, .target_sum = 1e4},
		.genes = o.genes,
		.memory = o.memory,
		.choose_penalty = penalty_is_auto(),
		.oof = o.oof,
	};
}

/* ---- writing ---- */

/* Before training: a map that cannot be read should not cost an hour. */
static int read_map(struct run *r, struct err *err)
{
	if (!o.map)
		return 0;
	manifest_input(o.map);
	r->map = labelmap_read(o.map, err);
	return r->map ? 0 : -1;
}

static void add_ids(const struct run *r, struct model *m)
{
	if (r->map)
		say("%s: %zu of %zu classes have an ontology id", o.map,
		    class_ids_from_map(m, r->map, o.min_score), m->n_classes);
}

static int write_model(const struct run *r, const struct train_options *how, const char *path,
		       int argc, char **argv, struct err *err)
{
	const struct training *t = &r->training;
	const struct cohort *c = &t->cohort;
	struct text decision = TEXT_INIT;
	struct account account = {.argc = argc,
				  .argv = argv,
				  .path = path,
				  .input = input_decision(t->input, &decision),
				  .seed = o.seed,
				  .cohort = c,
				  .trained = &t->trained,
				  .held = c->n_held ? &t->held : NULL,
				  .folds = o.folds ? &t->folds : NULL};
	struct model *m = assemble_model(&t->trained, t->gathered.genes, c->classes, c->n_classes,
					 how, &o.card, &account);
	int ret;

	add_ids(r, m);
	ret = model_check(m, o.output, err);
	if (!ret)
		ret = model_write(m, o.output, err);
	model_free(m);
	text_release(&decision);
	return ret;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run r = {0};

	tool_begin("lr-train", argc, argv);

	struct inputs in = opt_parse(&usage, argc, argv);
	const char *path = in.paths[0];

	check_options();
	manifest_input(path);
	if (o.genes)
		manifest_input(o.genes);
	manifest_output(o.output);
	manifest_seed(o.seed);

	struct training *t = &r.training;
	struct training_rules rules = training_rules();
	struct train_options how = train_options(&r);

	*t = (struct training){.pool = pool_new(tool_threads),
			       .file = h5ad_open(path, &err),
			       .rules = &rules,
			       .tell = tell,
			       .tell_cells = tell_cells,
			       .tell_penalty = tell_penalty};
	if (!t->file || read_map(&r, &err) || training_read(t, &how, &err) ||
	    training_run(t, &how, &err))
		die_err(&err);
	tell_fit(&t->trained.fit);
	if (o.report && assemble_report(o.report, &t->trained, &t->cohort, o.tolerance, &err))
		die_err(&err);
	if (write_model(&r, &how, path, argc, argv, &err))
		die_err(&err);
	training_release(t);
	labelmap_free(r.map);
	h5ad_close(t->file);
	pool_free(t->pool);
	return tool_end();
}
