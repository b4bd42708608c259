/* norm-check - judge how each matrix of an h5ad was normalised.
 *
 * Reads an h5ad, writes a TSV with one row per matrix slot. One pass over all cells of a slot,
 * in memory that does not grow with them. The verdict is the one that lognorm, lr-train and
 * lr-predict act on.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "format/tsv.h"
#include "h5ad/h5ad.h"
#include "matrix/stream_steps.h"

static struct opts {
	const char *slot, *expect, *output;
} o = {.output = "-"};

static const struct opt options[] = {
	OPT_TEXT("slot", 0, slot, "SLOT", "X, raw, layers/NAME or all (all; with --expect: X)"),
	OPT_CHOICE("expect", 0, expect, "VERDICT", "exit with 3 when a verdict is another",
		   norm_names),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "judge how each matrix of an h5ad was normalised",
	.synopsis = "[OPTIONS] [FILE]",
	.options = options,
	.max_inputs = 1,
	.details =
		"Verdicts: counts, fractional_counts (corrected for what is not the cell's own, "
		"or\n"
		"shared out), binary, log1p_10k, log1p_other, log2_other, normalized_not_logged,\n"
		"scaled, subset (log-normalised, then genes were dropped), unknown.",
};

static int keep_verdict(void *verdict, const struct norm_verdict *v, struct err *err UNUSED)
{
	*(struct norm_verdict *)verdict = *v;
	return 0;
}

static struct norm_verdict judge_slot(struct h5ad *in, const struct slot *slot, struct pool *pool)
{
	struct err err = ERR_INIT;
	struct progress progress = progress_start("cells", slot->n_cells);
	struct stream *s = h5ad_stream(in, slot, NULL, pool, &err);
	struct norm_verdict verdict;
	struct cells *block;
	int got;

	if (!s)
		die_err(&err);
	s = stream_judge(s, keep_verdict, &verdict, pool);
	while ((got = stream_next(s, &block, &err)) > 0)
		progress_at(&progress, block->first + block->n_cells);
	if (got < 0)
		die_err(&err);
	progress_end(&progress);
	stream_free(s);
	return verdict;
}

static void put_verdict(struct tsv_writer *out, const char *slot, const struct norm_verdict *v)
{
	tsv_put(out, slot);
	tsv_put_size(out, v->n_cells);
	tsv_put_size(out, v->n_genes);
	tsv_put_size(out, v->n_stored);
	tsv_put_float(out, v->min);
	tsv_put_float(out, v->max);
	tsv_put_float(out, v->integer_fraction);
	tsv_put_float(out, v->sum_p01);
	tsv_put_float(out, v->sum_p50);
	tsv_put_float(out, v->sum_p99);
	tsv_put_float(out, v->target_sum);
	tsv_put_float(out, v->log_base);
	tsv_put(out, norm_name(v->kind));
	tsv_put(out, v->why);
	tsv_end_row(out);
}

/* Judge one slot, write its row; false when it is not what was expected. */
static bool check_slot(struct h5ad *in, const struct slot *slot, struct pool *pool,
		       struct tsv_writer *out)
{
	struct norm_verdict v = judge_slot(in, slot, pool);

	put_verdict(out, slot->name, &v);
	manifest_decision(slot->name, "%s: %s", norm_name(v.kind), v.why);
	if (!o.expect || str_eq(norm_name(v.kind), o.expect))
		return true;
	warn("%s: %s is %s, not %s: %s", h5ad_path(in), slot->name, norm_name(v.kind), o.expect,
	     v.why);
	return false;
}

static bool check_slots(struct h5ad *in, struct pool *pool, struct tsv_writer *out)
{
	const char *wanted = o.slot ? o.slot : o.expect ? "X" : "all";
	struct err err = ERR_INIT;
	const struct slot *slot;
	bool as_expected = true;

	if (!str_eq(wanted, "all")) {
		slot = h5ad_slot(in, wanted, &err);
		if (!slot)
			die_err(&err);
		return check_slot(in, slot, pool, out);
	}
	if (h5ad_n_slots(in) == 0)
		die("%s: there is no matrix in it", h5ad_path(in));
	for (size_t i = 0; i < h5ad_n_slots(in); i++)
		as_expected &= check_slot(in, h5ad_slot_at(in, i), pool, out);
	return as_expected;
}

struct check {
	struct h5ad *file;
	struct pool *pool;
	bool as_expected;
};

static int put_table(struct tsv_writer *table, void *arg, struct err *err UNUSED)
{
	struct check *c = arg;

	tsv_header(table, "slot\tcells\tgenes\tstored\tmin\tmax\tinteger_fraction\tsum_p01\t"
			  "sum_p50\tsum_p99\ttarget_sum\tlog_base\tverdict\twhy");
	c->as_expected = check_slots(c->file, c->pool, table);
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct check check = {.file = NULL};
	struct inputs in;

	tool_begin("norm-check", argc, argv);
	in = opt_parse(&usage, argc, argv);
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	check.file = h5ad_open(in.paths[0], &err);
	if (!check.file)
		die_err(&err);
	check.pool = pool_new(tool_threads);
	if (tsv_write_file(o.output, put_table, &check, &err))
		die_err(&err);

	pool_free(check.pool);
	h5ad_close(check.file);
	tool_end();
	return check.as_expected ? 0 : EXIT_REFUSED;
}
