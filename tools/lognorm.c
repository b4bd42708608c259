/* lognorm - turn counts into log1p of counts per 10,000.
 *
 * Reads an h5ad, writes an h5ad whose X is log-normalised; everything else is carried over. What
 * was normalised in another way that can be undone is. One pass, a block of cells at a time: cells
 * are judged while they stream, and the output appears only if every one of them was fit.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/progress.h"
#include "base/tool.h"
#include "expression/expression.h"
#include "h5ad/writer.h"

static struct opts {
	double target_sum;
	const char *slot, *accept, *as, *keep_counts, *compress, *output;
} o = {.target_sum = 1e4, .slot = "auto", .compress = "none", .output = "-"};

static const struct opt options[] = {
	OPT_FLOAT("target-sum", 0, target_sum, "N", "scale every cell to this sum (10000)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "the counts: auto, X, raw or layers/NAME (auto)"),
	OPT_CHOICE("accept", 0, accept, "VERDICT",
		   "pass on an X judged so (see norm-check) as it is, with a warning", norm_names),
	OPT_CHOICE("as", 0, as, "WHAT",
		   "what X or SLOT is, whatever it looks like: counts, log1p, log2, cpm", input_as),
	OPT_TEXT("keep-counts", 0, keep_counts, "LAYER", "keep the counts as this layer"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "turn counts into log1p of counts per 10,000",
	.synopsis = "[OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
	.details =
		"With --slot auto the first of X, raw and the layers that holds counts is taken; "
		"if\n"
		"none does, one whose logarithm or scaling can be undone. An X that is log1p of\n"
		"counts per 10,000 already is passed on as it is.",
};

struct run {
	struct h5ad *in;
	struct pool *pool;
	struct input *input;
};

/* All cells of a stream into an open matrix, or only looked at. */
static int copy_cells(struct stream *s, struct writer *out, struct err *err)
{
	struct progress progress = progress_start("cells", s ? s->n_cells : 0);
	struct cells *block;
	int got = -1;

	while (s && (got = stream_next(s, &block, err)) > 0) {
		if (out && writer_cells(out, block, err)) {
			got = -1;
			break;
		}
		progress_at(&progress, block->first + block->n_cells);
	}
	progress_end(&progress);
	stream_free(s);
	return got;
}

/* The counts once more, as they are in the file. */
static int keep_counts(struct run *run, struct writer *out, struct err *err)
{
	const struct input *input = run->input;
	bool whole = input->verdict.kind == NORM_COUNTS;
	char *layer;
	int ret = -1;

	if (!whole && input->verdict.kind != NORM_FRACTIONAL_COUNTS)
		return err_refuse(err, "%s: --keep-counts: %s holds no counts, but %s (%s)",
				  h5ad_path(run->in), input->slot->name,
				  norm_name(input->verdict.kind), input->verdict.why);
	layer = mem_printf("layers/%s", o.keep_counts);
	if (!writer_matrix(out, layer, input->n_genes, whole ? WRITE_COUNTS : WRITE_FLOAT, err) &&
	    !copy_cells(h5ad_stream(run->in, input->slot, NULL, run->pool, err), out, err))
		ret = writer_matrix_end(out, err);
	free(layer);
	return ret;
}

/* Everything but X. Where X now has raw's genes, the parts that follow X's old genes stay out. */
static int carry(struct run *run, struct writer *out, struct err *err)
{
	static const char *const by_cell[] = {"obs", "obsm", "obsp", "uns", "raw"};
	const struct slot *slot = run->input->slot;
	struct frame *var;

	if (!str_eq(slot->name, "raw"))
		return writer_carry_rest(out, run->in, err);
	var = h5ad_raw_var(run->in, err);
	if (!var || writer_frame(out, "var", var, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(by_cell); i++)
		if (writer_carry(out, run->in, by_cell[i], err))
			return -1;
	if (slot->n_genes != h5ad_n_genes(run->in))
		say("%s: X takes the %zu genes of raw; layers, varm and varp had %zu and are left "
		    "out",
		    h5ad_path(run->in), slot->n_genes, h5ad_n_genes(run->in));
	return 0;
}

static void tell(const struct run *run)
{
	const struct input *input = run->input;
	const struct norm_verdict *v = &input->verdict;
	bool is_counts = v->kind == NORM_COUNTS && !o.as;

	if (is_counts)
		say("%s: %s holds counts (%s): X is now log1p of counts per %.10g",
		    h5ad_path(run->in), input->slot->name, v->why, o.target_sum);
	else
		say("%s: %s is %s (%s): %s%s%sX is now log1p of counts per %.10g",
		    h5ad_path(run->in), input->slot->name, norm_name(v->kind), v->why,
		    o.as ? "taken as " : "", o.as ? o.as : "", o.as ? ", as asked: " : "",
		    o.target_sum);
}

/* X log-normalised, and all the rest. */
static int normalise(struct run *run, struct err *err)
{
	struct input *input = run->input;
	struct writer *out = writer_open(o.output, o.compress, run->pool, err);
	struct text decision = TEXT_INIT;

	if (!out || writer_matrix(out, "X", input->n_genes, WRITE_FLOAT, err) ||
	    copy_cells(input_stream(input, NULL, 0, err), out, err) ||
	    writer_matrix_end(out, err) || (o.keep_counts && keep_counts(run, out, err)) ||
	    writer_dict(out, "uns/log1p", err) || carry(run, out, err)) {
		writer_abort(out);
		return -1;
	}
	if (writer_finish(out, err))
		return -1;
	tell(run);
	manifest_decision("slot", "%s", input_decision(input, &decision));
	manifest_count("cells", input->verdict.n_cells);
	text_release(&decision);
	return 0;
}

/* X was log-normalised on arrival: is it so to its last cell? */
static int pass_through(struct run *run, struct err *err)
{
	const struct norm_verdict *v = &run->input->verdict;

	if (copy_cells(input_stream(run->input, NULL, 0, err), NULL, err))
		return -1;
	if (v->kind == NORM_LOG1P_10K)
		say("%s: X is log1p of counts per 10,000 already (%s): passed on unchanged",
		    h5ad_path(run->in), v->why);
	else
		warn("%s: X is %s (%s): passed on unchanged, as asked", h5ad_path(run->in),
		     norm_name(v->kind), v->why);
	manifest_decision("slot", "X: passed on unchanged: %s: %s", norm_name(v->kind), v->why);
	return h5ad_copy_file(run->in, o.output, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};
	struct inputs in;

	tool_begin("lognorm", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (!(o.target_sum > 0))
		die_usage("--target-sum: %g is not above 0", o.target_sum);
	if (o.keep_counts && (!*o.keep_counts || strchr(o.keep_counts, '/')))
		die_usage("--keep-counts: '%s' is no name of a layer", o.keep_counts);
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in)
		die_err(&err);
	run.pool = pool_new(tool_threads);

	struct input_rules rules = {.slot = o.slot,
				    .accept = o.accept,
				    .as = o.as,
				    .counts_first = true,
				    .target_sum = o.target_sum};
	run.input = input_open(run.in, &rules, run.pool, &err);
	if (!run.input)
		die_err(&err);
	if (run.input->passed_over)
		warn("%s: %s is used instead", run.input->passed_over, run.input->slot->name);
	if (run.input->normalises ? normalise(&run, &err) : pass_through(&run, &err))
		die_err(&err);

	input_close(run.input);
	pool_free(run.pool);
	h5ad_close(run.in);
	return tool_end();
}
