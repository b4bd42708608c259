/* lr-predict - call the cell type of every cell with logistic models.
 *
 * Reads an h5ad and one or more models (lr-train's .h5 or CellTypist's .pkl), writes a predictions
 * TSV per model in one pass over the cells; labels, decisions and probabilities are CellTypist's.
 * The matrix is judged as it is read: counts are normalised, what is unfit is refused, and nothing
 * is written unless the verdict held to the last cell. Memory does not grow with the cells, nor do
 * the bytes with the threads.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/folder.h"
#include "base/manifest.h"
#include "base/names.h"
#include "base/opt.h"
#include "base/tool.h"
#include "model/describe.h"
#include "model/model_set.h"
#include "model/predict/advice.h"
#include "model/predict/predictors.h"
#include "onto/onto_read.h"
#include "onto/slim.h"
#include "trust/lineage.h"

static struct opts {
	struct opt_list models;
	const char *mode, *missing, *slot, *accept, *as, *decision, *probability, *evidence;
	const char *levels, *slim, *ontology, *output;
	double threshold, min_coverage;
	size_t top;
	bool skip_below, climb;
} o = {.mode = "best",
       .missing = "expected",
       .slot = "auto",
       .output = "-",
       .threshold = 0.5,
       .min_coverage = 0.25};

static const char *const modes[] = {"best", "prob", NULL};
static const char *const missings[] = {"expected", "mean", NULL};
static const struct opt options[] = {
	OPT_LIST("model", 'm', models, "MODEL", "lr-train's .h5 or CellTypist's .pkl"),
	OPT_CHOICE("mode", 0, mode, "HOW",
		   "best class, or every class above the threshold: best, prob (best)", modes),
	OPT_FLOAT("threshold", 0, threshold, "P", "probability that --mode prob asks for (0.5)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "matrix to read: auto, X, raw, layers/NAME (auto)"),
	OPT_CHOICE("accept", 0, accept, "VERDICT", "take a matrix with this verdict as it is",
		   norm_names),
	OPT_CHOICE("as", 0, as, "WHAT",
		   "what X or SLOT is, whatever it looks like: counts, log1p, log2, cpm", input_as),
	OPT_FLOAT("min-coverage", 0, min_coverage, "SHARE",
		  "of the scores that its genes must explain, or of genes (0.25)"),
	OPT_CHOICE("missing", 0, missing, "HOW",
		   "genes the file lacks: expected from the others, or mean (expected)", missings),
	OPT_FLAG("skip-below", 0, skip_below,
		 "a model below that gets a table without a byte, and is no failure"),
	OPT_SIZE("top", 0, top, "K", "add columns for the classes ranked 2 to K"),
	OPT_FLAG("climb", 0, climb, "write what is above the label and how likely it is: for gate"),
	OPT_TEXT("levels", 0, levels, "A,B",
		 "answers at these levels of the model too, coarse to fine"),
	OPT_TEXT("slim", 0, slim, "FILE|SUBSET", "and as the nearest of these Cell Ontology terms"),
	OPT_TEXT("ontology", 0, ontology, "FILE", "its terms (ontology/cl.tsv)"),
	OPT_TEXT("decision", 0, decision, "FILE", "write all scores: .tsv, .tsv.gz or .h5"),
	OPT_TEXT("probability", 0, probability, "FILE",
		 "write all probabilities: .tsv, .tsv.gz or .h5"),
	OPT_TEXT("evidence", 0, evidence, "FILE",
		 "write which genes made each call, against the second label, as TSV"),
	OPT_TEXT("output", 'o', output, "FILE",
		 "calls (standard output); a folder with several models"),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "call the cell type of every cell with logistic models",
	.synopsis = "-m MODEL [OPTIONS] [FILE]",
	.options = options,
	.max_inputs = 1,
	.details = "Writes cell, label, confidence, margin, second, entropy, model, n_counts, "
		   "n_genes,\n"
		   "confidence_needed. Several models give one file each in the folder -o, named "
		   "after\n"
		   "the model.",
};

struct run {
	struct model_set set;
	struct predictors predictors; /* NULL for a model that was left out */
	struct input *input;
	struct pool *pool;
	struct names levels;
	struct onto *onto; /* NULL unless it has a part */
	bool *slim;        /* the same */
};

static void check_options(void)
{
	if (!o.models.n)
		die_usage("which model? (-m MODEL)");
	if (o.threshold < 0 || o.threshold > 1)
		die_usage("--threshold %g: a probability is 0 to 1", o.threshold);
	if (o.min_coverage < 0 || o.min_coverage > 1)
		die_usage("--min-coverage %g: a share is 0 to 1", o.min_coverage);
	if (o.models.n > 1 && (o.decision || o.probability || o.evidence))
		die_usage("--decision, --probability and --evidence go with one model");
	if (o.models.n > 1 && str_eq(o.output, "-"))
		die_usage("several models need a folder for their calls (-o FOLDER)");
}

/* Standard input is one file. */
static void check_stdin(const char *query)
{
	size_t n = str_eq(query, "-");

	for (size_t i = 0; i < o.models.n; i++)
		n += str_eq(o.models.items[i], "-");
	if (n > 1)
		die_usage("models and cells: only one of them can be standard input");
}

static void read_models(struct run *run)
{
	const char *const *paths = o.models.items;
	struct err err = ERR_INIT;

	if (model_set_name(&run->set, paths, o.models.n, &err))
		die_usage("%s", err.text);
	for (size_t i = 0; i < o.models.n; i++)
		manifest_input(paths[i]);
	if (model_set_read(&run->set, paths, &err))
		die_err(&err);
}

/* Where ids have a part: the ontology that they are of. */
static void read_ontology(struct run *run)
{
	struct err err = ERR_INIT;
	bool has_ids = o.slim;
	char *path;

	run->levels = names_of_list(o.levels);
	for (size_t i = 0; i < run->set.n && o.climb; i++)
		has_ids |= run->set.models[i]->cl_ids && !run->set.models[i]->levels;
	if (!has_ids)
		return;
	path = o.ontology ? mem_str(o.ontology) : datadir_find("ontology/cl.tsv", &err);
	run->onto = path ? onto_read(path, NULL, &err) : NULL;
	if (!run->onto || (o.slim && !(run->slim = slim_read(run->onto, o.slim, &err))))
		die_err(&err);
	free(path);
}

/* What a model is left out for. With --skip-below that is no failure, though it be the only one. */
static void leave_out(const struct run *run, size_t i)
{
	const char *said = run->predictors.said[i];
	const char *how = run->predictors.coverage[i].n_present ? "below" : "no overlap, below";
	struct text advice = TEXT_INIT;

	advice_on_genes(run->set.models[i], run->input, &advice);
	if (run->set.n == 1 && !o.skip_below)
		refuse("%s: %s --min-coverage %g (%s)", said, how, o.min_coverage, advice.s);
	if (run->set.n == 1)
		warn("%s: %s --min-coverage %g: skipped %s (%s)", said, how, o.min_coverage,
		     o.output, advice.s);
	else
		warn("%s: below --min-coverage %g: left out", said, o.min_coverage);
	if (o.skip_below)
		manifest_decision("skipped", "%s: gene coverage", run->set.names[i]);
	text_release(&advice);
}

/* A model with too few genes is refused, or left out when there are others. */
static void match_models(struct run *run, const char *path)
{
	const struct predictor_rules rules = {.expect = str_eq(o.missing, "expected"),
					      .climb = o.climb,
					      .levels = (const char *const *)run->levels.s,
					      .n_levels = run->levels.n,
					      .slim = run->slim,
					      .onto = run->onto};
	struct predictors *p = &run->predictors;
	struct err err = ERR_INIT;

	if (predictors_match(p, &run->set, run->input, &rules, o.min_coverage, &err))
		die_err(&err);
	for (size_t i = 0; i < p->n; i++) {
		manifest_decision("coverage", "%s", p->said[i]);
		if (p->list[i])
			say("%s", p->said[i]);
		else
			leave_out(run, i);
	}
	if (!p->n_matched && !o.skip_below)
		refuse("%s: no model has the genes: every one is below --min-coverage %g", path,
		       o.min_coverage);
}

static bool is_hdf5(const char *path)
{
	return path && str_ends(path, ".h5");
}

static void open_outputs(struct run *run, struct h5ad *file)
{
	struct err err = ERR_INIT;
	struct predict_options what = {.decision = o.decision,
				       .probability = o.probability,
				       .evidence = o.evidence,
				       .by_probability = str_eq(o.mode, "prob"),
				       .threshold = o.threshold,
				       .n_cells = h5ad_n_cells(file),
				       .top = o.top};

	if ((is_hdf5(o.decision) || is_hdf5(o.probability)) &&
	    input_cell_width(run->input, &what.cell_width, &err))
		die_err(&err);
	if (run->set.n > 1 && folder_make(o.output, &err))
		die_err(&err);
	for (size_t i = 0; i < run->set.n; i++) {
		char *path = run->set.n > 1 ? mem_printf("%s/%s.tsv", o.output, run->set.names[i])
					    : mem_str(o.output);

		what.calls = path;
		if (run->predictors.list[i] || o.skip_below)
			manifest_output(path);
		if (run->predictors.list[i] ? predictor_open(run->predictors.list[i], &what, &err)
					    : o.skip_below && outfile_empty(path, &err))
			die_err(&err);
		free(path);
	}
	if (o.evidence)
		manifest_output(o.evidence);
	if (o.decision)
		manifest_output(o.decision);
	if (o.probability)
		manifest_output(o.probability);
}

/* Types that cells of may be called something else, for want of cells in training. */
static void tell_left_out(const struct run *run)
{
	for (size_t i = 0; i < run->set.n; i++) {
		struct text types = TEXT_INIT;
		char *key = mem_printf("not known to %s", run->set.names[i]);

		left_out_text(run->set.models[i]->left_out, &types);
		if (run->predictors.list[i] && types.len) {
			warn("%s does not know %s: left out of its training", run->set.names[i],
			     types.s);
			manifest_decision(key, "%s", types.s);
		}
		free(key);
		text_release(&types);
	}
}

/* What models do not have, and what that is needed for. */
static void tell_lacks(const struct run *run)
{
	struct text lacks = TEXT_INIT;

	for (size_t i = 0; i < run->set.n; i++) {
		if (!run->predictors.list[i])
			continue;
		describe_lacks(run->set.models[i], &lacks);
		if (lacks.len)
			say("%s lacks %s (lr-model learn-factors, calibrate; lr-train)",
			    run->set.names[i], lacks.s);
		if (o.climb && !lineage_known(run->set.models[i]))
			say("%s has neither ontology ids nor levels: nothing is above its labels "
			    "(lr-train --map, --ids or --levels)",
			    run->set.names[i]);
	}
	text_release(&lacks);
}

static void report(const struct run *run, size_t n_cells)
{
	struct text text = TEXT_INIT;

	say("%s", input_decision(run->input, &text));
	manifest_decision("matrix", "%s", text.s);
	manifest_count("cells", n_cells);
	if (run->input->passed_over)
		warn("%s: %s is used instead", run->input->passed_over, run->input->slot->name);
	if (run->input->verdict.kind == NORM_SUBSET)
		warn("the matrix was log-normalised before genes were dropped: fine for panels and "
		     "filtered files");
	text_release(&text);
}

static void release(struct run *run)
{
	predictors_release(&run->predictors);
	model_set_release(&run->set);
	names_release(&run->levels);
	free(run->slim);
	onto_free(run->onto);
	input_close(run->input);
	pool_free(run->pool);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};

	tool_begin("lr-predict", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	check_options();
	check_stdin(in.paths[0]);
	manifest_input(in.paths[0]);
	read_models(&run);

	struct h5ad *file = h5ad_open(in.paths[0], &err);
	if (!file)
		die_err(&err);
	struct input_rules rules = {
		.slot = o.slot, .accept = o.accept, .as = o.as, .target_sum = run.set.target_sum};
	run.pool = pool_new(tool_threads);
	run.input = input_open(file, &rules, run.pool, &err);
	if (!run.input)
		die_err(&err);
	read_ontology(&run);
	match_models(&run, h5ad_path(file));
	open_outputs(&run, file);
	if (predictors_run(&run.predictors, run.input, run.pool, &err))
		die_err(&err);
	report(&run, h5ad_n_cells(file));
	tell_left_out(&run);
	tell_lacks(&run);

	release(&run);
	h5ad_close(file);
	return tool_end();
}
