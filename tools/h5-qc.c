/* h5-qc - is a cell fit to be typed? Counts, genes, mitochondrial share, doublets.
 *
 * Reads the counts of an h5ad, writes a TSV with a row per cell and, on request, which cells lie
 * far from the others of their batch. Nothing is dropped: h5-obs puts the columns into a file,
 * h5-select takes cells by them. Metrics stream; the doublet score keeps the counts of a batch's
 * variable genes, about 2 KB a cell.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "expression/expression.h"
#include "format/tsv.h"
#include "qc/doublets.h"
#include "qc/unfit.h"

static struct opts {
	const char *batch, *slot, *as, *output;
	double mad, rate, threshold;
	size_t seed;
	bool no_doublets, skip_unfit;
} o = {.slot = "auto", .output = "-", .rate = 0.06, .seed = 42};

static const struct opt options[] = {
	OPT_TEXT("batch", 0, batch, "COLUMN", "judge the cells of each batch among themselves"),
	OPT_FLOAT("mad", 0, mad, "N",
		  "name cells more than N median deviations off (0: only doublets)"),
	OPT_FLAG("no-doublets", 0, no_doublets, "no doublet scores"),
	OPT_FLOAT("doublet-rate", 0, rate, "SHARE", "doublets that are expected (0.06)"),
	OPT_FLOAT("doublet-threshold", 0, threshold, "SCORE",
		  "more is DOUBLET (0: the gap in the scores of simulated ones)"),
	OPT_FLAG("skip-unfit", 0, skip_unfit,
		 "a file without counts gets a table without a byte, and is no failure"),
	OPT_TEXT("slot", 0, slot, "SLOT", "the counts: auto, X, raw or layers/NAME (auto)"),
	OPT_CHOICE("as", 0, as, "WHAT", "what X or SLOT is, whatever it looks like", input_as),
	OPT_OUTPUT(output),
	OPT_SEED(seed),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "counts, genes, mitochondrial share and doublet score of every cell",
	.synopsis = "[OPTIONS] [INPUT] [-o TABLE.tsv]",
	.options = options,
	.max_inputs = 1,
	.details = "Writes cell, n_counts, n_genes, mito_share, ribo_share, complexity, "
		   "doublet_score\n"
		   "and qc: empty, or what is wrong, with \";\" between.",
};

struct run {
	struct h5ad *in;
	struct pool *pool;
	struct input *input;
	size_t n_cells;
	struct qc_metrics *metrics; /* per cell, as the next */
	double *doublet;
	struct unfit unfit;
	struct column_groups batches;
};

/* ---- metrics ---- */

static int measure(struct run *run, struct err *err)
{
	struct frame *var = h5ad_slot_var(run->in, run->input->slot);
	struct stream *s;
	struct qc_genes genes = {0};
	struct progress progress = progress_start("cells", run->n_cells);
	struct cells *block;
	int got = -1;

	if (qc_genes_find(&genes, var, err))
		return -1;
	say("%s: %zu mitochondrial and %zu ribosomal genes%s%s", h5ad_path(run->in), genes.n_mito,
	    genes.n_ribo, genes.column ? ", by var column " : "", genes.column ? genes.column : "");
	if (!genes.n_mito)
		warn("%s: no gene's name begins with MT-: mito_share is 0 for all",
		     h5ad_path(run->in));
	s = h5ad_stream(run->in, run->input->slot, NULL, run->pool, err);
	while (s && (got = stream_next(s, &block, err)) > 0) {
		qc_metrics_of(block, &genes, run->metrics + block->first, run->pool);
		progress_at(&progress, block->first + block->n_cells);
	}
	progress_end(&progress);
	stream_free(s);
	qc_genes_release(&genes);
	return got;
}

/* ---- batches ---- */

/* All cells are one batch, or those of each value of a column; without a value, one of its own. */
static int find_batches(struct run *run, struct err *err)
{
	struct frame *obs = h5ad_obs(run->in);
	const struct column *c = o.batch ? frame_column(obs, o.batch, err) : NULL;

	if (o.batch && !c)
		return -1;
	if (c)
		run->batches = column_group(c);
	return 0;
}

static size_t rows_of(const struct run *run, int32_t batch, size_t *rows)
{
	size_t n = 0;

	for (size_t cell = 0; cell < run->n_cells; cell++)
		if (!o.batch || run->batches.codes[cell] == batch)
			rows[n++] = cell;
	return n;
}

static const char *batch_name(const struct run *run, int32_t batch)
{
	if (!o.batch)
		return "all cells";
	return batch < 0 ? "cells without a batch" : run->batches.names[batch];
}

static int score_doublets(struct run *run, int32_t batch, const size_t *rows, size_t n,
			  struct err *err)
{
	struct doublets d = {.rate = o.rate, .seed = o.seed};
	int ret = doublets_find(&d, run->in, run->input->slot, rows, n, run->pool, err);
	double threshold = o.threshold > 0 ? o.threshold : d.threshold;
	size_t n_doublets = 0;

	for (size_t i = 0; i < n && ret == 0; i++) {
		run->doublet[rows[i]] = d.score[i];
		if (d.score[i] > threshold) {
			unfit_say(&run->unfit, rows[i], UNFIT_DOUBLET);
			n_doublets++;
		}
	}
	if (ret == 0 && n < DOUBLETS_FEWEST)
		warn("%s: %zu cells are too few for doublet scores", batch_name(run, batch), n);
	else if (ret == 0 && isnan(threshold))
		warn("%s: the simulated doublets' scores have no gap: nothing is called DOUBLET "
		     "(--doublet-threshold sets one)",
		     batch_name(run, batch));
	else if (ret == 0)
		say("%s: %zu of %zu cells score above %.3g (%zu variable genes)",
		    batch_name(run, batch), n_doublets, n, threshold, d.n_genes);
	doublets_release(&d);
	return ret;
}

static int judge_batch(struct run *run, int32_t batch, size_t *rows, struct err *err)
{
	size_t n = rows_of(run, batch, rows);

	if (n == 0)
		return 0;
	if (o.mad > 0)
		unfit_outliers(&run->unfit, run->metrics, rows, n, o.mad);
	return o.no_doublets ? 0 : score_doublets(run, batch, rows, n, err);
}

static int judge(struct run *run, struct err *err)
{
	size_t *rows = mem_alloc(run->n_cells, sizeof(*rows));
	int32_t n = o.batch ? (int32_t)run->batches.n : 1;
	int ret = 0;

	for (int32_t batch = o.batch ? -1 : 0; batch < n && ret == 0; batch++)
		ret = judge_batch(run, batch, rows, err);
	free(rows);
	return ret;
}

/* ---- writing ---- */

static int put_cells(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct run *run = arg;
	struct text wrong = TEXT_INIT;
	char **names = frame_keys(h5ad_obs(run->in), err);

	if (!names)
		return -1;
	tsv_header(
		w,
		"cell\tn_counts\tn_genes\tmito_share\tribo_share\tcomplexity\tdoublet_score\tqc");
	for (size_t cell = 0; cell < run->n_cells; cell++) {
		const struct qc_metrics *m = &run->metrics[cell];

		tsv_put(w, names[cell]);
		tsv_put_float(w, m->n_counts);
		tsv_put_size(w, m->n_genes);
		tsv_put_float(w, m->mito);
		tsv_put_float(w, m->ribo);
		tsv_put_float(w, m->complexity);
		tsv_put_float(w, run->doublet[cell]);
		tsv_put(w, unfit_text(&run->unfit, cell, &wrong));
		tsv_end_row(w);
	}
	text_release(&wrong);
	return 0;
}

static void report(const struct run *run)
{
	say("%zu of %zu cells have something wrong", unfit_n_cells(&run->unfit), run->n_cells);
	for (size_t i = 0; i < UNFIT_REASONS; i++)
		manifest_count(unfit_reasons[i], run->unfit.n[i]);
	manifest_count("cells", run->n_cells);
}

/* Who goes on without is told why by a table without a byte, as lr-predict's --skip-below has it. */
static int write_nothing(const struct err *why, struct err *err)
{
	warn("%s: no quality is told", why->text);
	manifest_decision("skipped", "%s", why->text);
	return outfile_empty(o.output, err);
}

/* Only counts tell how many there were, and what two cells together would be. */
static int choose_counts(struct run *run, struct err *err)
{
	struct input_rules rules = {
		.slot = o.slot, .as = o.as, .counts_first = true, .target_sum = 1e4};
	struct norm_verdict *v;

	run->input = input_open(run->in, &rules, run->pool, err);
	if (!run->input)
		return -1;
	v = &run->input->verdict;
	if (o.as || v->kind == NORM_COUNTS || v->kind == NORM_FRACTIONAL_COUNTS)
		return 0;
	return err_refuse(err, "%s: %s is %s (%s): counts are needed (--slot names another matrix)",
			  h5ad_path(run->in), run->input->slot->name, norm_name(v->kind), v->why);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};

	tool_begin("h5-qc", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	if (!(o.rate > 0 && o.rate < 1) || o.mad < 0 || o.threshold < 0)
		die_usage("--doublet-rate is a share, --mad and --doublet-threshold are 0 or more");
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	manifest_seed(o.seed);
	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in)
		die_err(&err);
	run.pool = pool_new(tool_threads);
	run.n_cells = h5ad_n_cells(run.in);
	MEM_ZERO(run.metrics, run.n_cells);
	MEM_ARRAY(run.doublet, run.n_cells);
	unfit_start(&run.unfit, run.n_cells);
	for (size_t cell = 0; cell < run.n_cells; cell++)
		run.doublet[cell] = NAN;
	if (choose_counts(&run, &err)) {
		struct err failed = ERR_INIT;

		if (!err.refused || !o.skip_unfit)
			die_err(&err);
		if (write_nothing(&err, &failed))
			die_err(&failed);
	} else if (find_batches(&run, &err) || measure(&run, &err) || judge(&run, &err) ||
		   tsv_write_file(o.output, put_cells, &run, &err)) {
		die_err(&err);
	} else {
		report(&run);
	}

	input_close(run.input);
	column_groups_release(&run.batches);
	free(run.metrics);
	free(run.doublet);
	unfit_release(&run.unfit);
	pool_free(run.pool);
	h5ad_close(run.in);
	return tool_end();
}
