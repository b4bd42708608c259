/* lognorm - turn counts into log1p of counts per 10,000.
 *
 * Reads an h5ad, writes an h5ad whose X is log-normalised; everything else is carried over.
 * One pass, a block of cells at a time: counts are judged over all cells while they stream,
 * and the output appears only if every one of them was fit.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/progress.h"
#include "base/tool.h"
#include "h5ad/writer.h"
#include "matrix/lognorm.h"
#include "matrix/norm.h"

static struct opts {
	double target_sum;
	const char *slot, *accept, *keep_counts, *compress, *output;
} o = {.target_sum = 1e4, .slot = "auto", .compress = "none", .output = "-"};

static const struct opt options[] = {
	OPT_FLOAT("target-sum", 0, target_sum, "N", "scale every cell to this sum (10000)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "the counts: auto, X, raw or layers/NAME (auto)"),
	OPT_TEXT("accept", 0, accept, "VERDICT",
		 "pass on an X judged so (see norm-check) as it is, with a warning"),
	OPT_TEXT("keep-counts", 0, keep_counts, "LAYER", "keep the counts as this layer"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "turn counts into log1p of counts per 10,000",
	.synopsis = "[OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
	.details =
		"With --slot auto the first of X, raw and the layers that holds counts is taken.\n"
		"An X that is log1p of counts per 10,000 already is passed on as it is.",
};

/* What became of a slot. */
enum outcome { DONE, UNFIT };

struct run {
	struct h5ad *in;
	struct pool *pool;
	struct text evidence; /* of slots that were unfit */
	enum norm_kind last;
};

/* Copy a slot to an open matrix, normalised or not; -1, or the outcome. */
static int copy_cells(struct run *run, const struct slot *slot, struct writer *out,
		      struct norm_look *look, struct err *err)
{
	struct stream *s = h5ad_stream(run->in, slot, NULL, run->pool, err);
	struct progress progress = progress_start("cells", slot->n_cells);
	struct cells *block;
	int got = -1, ret = DONE;

	while (s && ret == DONE && (got = stream_next(s, &block, err)) > 0) {
		if (look) {
			norm_look_at(look, block, run->pool);
			if (!norm_maybe_counts(look)) {
				ret = UNFIT;
				break;
			}
			lognorm_cells(block, o.target_sum, run->pool);
		}
		if (writer_cells(out, block, err))
			got = ret = -1;
		progress_at(&progress, block->first + block->n_cells);
	}
	progress_end(&progress);
	stream_free(s);
	return got < 0 ? -1 : ret;
}

static int write_counts(struct run *run, const struct slot *slot, struct writer *out,
			struct err *err)
{
	char *layer = mem_printf("layers/%s", o.keep_counts);
	int ret = writer_matrix(out, layer, slot->n_genes, WRITE_COUNTS, err);

	if (ret == 0)
		ret = copy_cells(run, slot, out, NULL, err);
	if (ret == 0)
		ret = writer_matrix_end(out, err);
	free(layer);
	return ret;
}

/* Everything but X. Where X now has raw's genes, the parts that follow X's old genes stay out. */
static int carry(struct run *run, const struct slot *slot, struct writer *out, struct err *err)
{
	static const char *const by_cell[] = {"obs", "obsm", "obsp", "uns", "raw"};
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

static void note_unfit(struct run *run, const struct slot *slot, const struct norm_look *look)
{
	struct norm_verdict v = norm_judge(look);

	text_add(&run->evidence, "%s%s is %s (%s)", run->evidence.len ? "; " : "", slot->name,
		 norm_name(v.kind), v.why);
	run->last = v.kind;
}

/* Normalise one slot into the output, if it holds counts to its last cell. */
static int try_slot(struct run *run, const struct slot *slot, struct err *err)
{
	struct norm_look *look = norm_look_new();
	struct writer *out = writer_open(o.output, o.compress, run->pool, err);
	struct norm_verdict v;
	int ret = -1;

	if (!out || writer_matrix(out, "X", slot->n_genes, WRITE_FLOAT, err))
		goto done;
	ret = copy_cells(run, slot, out, look, err);
	v = norm_judge(look);
	if (ret == DONE && v.kind != NORM_COUNTS)
		ret = UNFIT;
	if (ret == UNFIT)
		note_unfit(run, slot, look);
	if (ret != DONE)
		goto done;
	ret = -1;
	if (writer_matrix_end(out, err) || (o.keep_counts && write_counts(run, slot, out, err)) ||
	    carry(run, slot, out, err))
		goto done;
	ret = writer_finish(out, err);
	out = NULL;
	if (ret == 0) {
		say("%s: %s holds counts (%s): X is now log1p of counts per %.10g",
		    h5ad_path(run->in), slot->name, v.why, o.target_sum);
		manifest_decision("slot", "%s: %s", slot->name, v.why);
		manifest_count("cells", v.n_cells);
	}
done:
	writer_abort(out);
	norm_look_free(look);
	return ret;
}

/* May X be passed on as it is? */
static bool passes(const struct norm_verdict *v)
{
	if (o.accept && str_eq(norm_name(v->kind), o.accept))
		return true;
	return v->kind == NORM_LOG1P_10K && fabs(o.target_sum / 1e4 - 1) < 1e-9;
}

/* X was log-normalised on arrival: is it so to its last cell, and to this target? */
static int pass_through(struct run *run, const struct slot *slot, struct err *err)
{
	struct stream *s = h5ad_stream(run->in, slot, NULL, run->pool, err);
	struct norm_look *look = norm_look_new();
	struct norm_verdict v;
	struct cells *block;
	int got = -1;

	while (s && (got = stream_next(s, &block, err)) > 0)
		norm_look_at(look, block, run->pool);
	v = norm_judge(look);
	norm_look_free(look);
	stream_free(s);
	if (got < 0)
		return -1;
	if (!passes(&v))
		return UNFIT;
	if (v.kind == NORM_LOG1P_10K)
		say("%s: X is log1p of counts per 10,000 already (%s): passed on unchanged",
		    h5ad_path(run->in), v.why);
	else
		warn("%s: X is %s (%s): passed on unchanged, as asked", h5ad_path(run->in),
		     norm_name(v.kind), v.why);
	manifest_decision("slot", "X: passed on unchanged: %s: %s", norm_name(v.kind), v.why);
	return h5ad_copy_file(run->in, o.output, err) ? -1 : DONE;
}

static int run_auto(struct run *run, struct err *err)
{
	int ret = UNFIT;

	for (size_t i = 0; i < h5ad_n_slots(run->in) && ret == UNFIT; i++) {
		const struct slot *slot = h5ad_slot_at(run->in, i);

		ret = try_slot(run, slot, err);
		if (ret == UNFIT && str_eq(slot->name, "X") &&
		    (run->last != NORM_UNKNOWN || o.accept))
			ret = pass_through(run, slot, err);
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {.evidence = TEXT_INIT};
	const struct slot *slot;
	struct inputs in;
	int ret;

	tool_begin("lognorm", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (!(o.target_sum > 0))
		die_usage("--target-sum: %g is not above 0", o.target_sum);
	if (o.accept && !norm_from_name(o.accept, &run.last))
		die_usage("--accept: %s is no verdict (norm-check --help lists them)", o.accept);
	if (o.keep_counts && (!*o.keep_counts || strchr(o.keep_counts, '/')))
		die_usage("--keep-counts: '%s' is no name of a layer", o.keep_counts);
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in)
		die_err(&err);
	run.pool = pool_new(tool_threads);

	if (str_eq(o.slot, "auto")) {
		ret = run_auto(&run, &err);
	} else {
		slot = h5ad_slot(run.in, o.slot, &err);
		ret = slot ? try_slot(&run, slot, &err) : -1;
	}
	if (ret < 0)
		die_err(&err);
	if (ret == UNFIT)
		refuse("%s: no counts to normalise: %s (--slot names another matrix)",
		       h5ad_path(run.in), run.evidence.s);

	text_release(&run.evidence);
	pool_free(run.pool);
	h5ad_close(run.in);
	return tool_end();
}
