/* markers - the genes that mark each group of cells.
 *
 * Reads an h5ad and the groups of its cells (a column of obs, or a TSV of clusters), writes a TSV
 * of every gene of every group: score, p, fold change, AUC, shares and means. One pass over the
 * cells; memory is O(groups x genes) and what --memory allows for sorting, not O(cells).
 */
#include "base/util.h"

#include <fnmatch.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "evidence/log_base.h"
#include "evidence/markers_table.h"
#include "evidence/markers_uns.h"
#include "expression/expression.h"
#include "h5ad/writer.h"
#include "matrix/gene_panel.h"

static struct opts {
	const char *column, *clusters, *groups, *reference, *method, *correct, *fc, *drop, *genes;
	const char *donor, *slot, *accept, *uns, *key, *few, *compress, *output;
	size_t top, memory;
	double floor;
	bool tie_correct, rank_absolute, skip_small, auc;
} o = {.reference = "rest",
       .method = "wilcoxon",
       .correct = "bh",
       .fc = "scanpy",
       .few = "refuse",
       .slot = "auto",
       .key = "rank_genes_groups",
       .compress = "none",
       .memory = (size_t)32 << 20,
       .output = "-"};

static const char *const methods[] = {"t-test", "t-test-overestim", "wilcoxon", NULL};
static const char *const corrections[] = {"bh", "bonferroni", NULL};
static const char *const few_words[] = {"refuse", "pass", NULL};
static const char *const changes[] = {"scanpy", "linear", NULL};

static const struct opt options[] = {
	OPT_TEXT("group", 'g', column, "COLUMN",
		 "groups are the values of this column of obs, or of -c"),
	OPT_TEXT("clusters", 'c', clusters, "TSV", "groups are the clusters in this table"),
	OPT_CHOICE("few", 0, few, "WHAT", "of groups: refuse, or pass with an empty table (refuse)",
		   few_words),
	OPT_TEXT("groups", 0, groups, "A,B,...", "test these; the others stay in the rest (all)"),
	OPT_TEXT("reference", 0, reference, "GROUP", "compare with this group, or the rest (rest)"),
	OPT_CHOICE("method", 0, method, "TEST", "t-test, t-test-overestim or wilcoxon (wilcoxon)",
		   methods),
	OPT_FLAG("tie-correct", 0, tie_correct, "correct Wilcoxon's variance for ties"),
	OPT_FLAG("auc", 0, auc, "with a t-test: the AUC as well, which costs a sort"),
	OPT_CHOICE("correct", 0, correct, "HOW", "p for many tests: bh or bonferroni (bh)",
		   corrections),
	OPT_CHOICE("fc", 0, fc, "HOW", "log2fc of means of logs, or linear ones (scanpy)", changes),
	OPT_FLAG("rank-abs", 0, rank_absolute, "list genes by the size of their score"),
	OPT_SIZE("top", 0, top, "N", "list so many genes a group (all)"),
	OPT_FLOAT("floor", 0, floor, "SHARE",
		  "test genes that this share of some group expresses (0)"),
	OPT_TEXT("drop", 0, drop, "PATTERN,...", "leave out genes such as 'RPL*,RPS*,MT-*'"),
	OPT_TEXT("genes", 0, genes, "FILE", "test the genes of this list only"),
	OPT_FLAG("skip-small", 0, skip_small, "leave groups of one cell in the rest"),
	OPT_TEXT("donor", 0, donor, "COLUMN", "say in how many donors the sign is the same"),
	OPT_TEXT("slot", 0, slot, "SLOT", "the matrix: auto, X, raw or layers/NAME (auto)"),
	OPT_TEXT("accept", 0, accept, "VERDICT", "take a matrix judged so as it is"),
	OPT_BYTES("memory", 0, memory, "BYTES", "for values that wait to be sorted (32M)"),
	OPT_TEXT("uns", 0, uns, "OUT.h5ad", "write the file as well, with scanpy's layout in uns"),
	OPT_TEXT("key", 0, key, "NAME", "where in uns (rank_genes_groups)"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "the genes that mark each group of cells",
	.synopsis = "-g COLUMN|-c TSV [OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct h5ad *in;
	struct pool *pool;
	struct input *input;
	struct cell_groups groups;
	struct group_moments moments;
	struct rank_sums *ranks;
	struct donors donors;
	struct marker_rules rules;
	bool *left_out, too_few;
	struct progress progress;
};

static int choose_groups(struct run *run, struct err *err)
{
	struct cell_groups *g = &run->groups;
	bool rest = str_eq(o.reference, "rest");
	struct group_choice choice = {o.groups, rest ? NULL : o.reference, o.skip_small};
	size_t small;

	if (cell_groups_read(g, run->in, o.column, o.clusters, err))
		return -1;
	if (cell_groups_choose(g, &choice, &small, err))
		return err_prefix(err, "%s", h5ad_path(run->in));
	if (small)
		say("%zu groups have one cell: they stay in the rest", small);
	run->rules.reference = MARKERS_REST;
	run->too_few = g->n == 0 || (g->n == 1 && (!rest || g->n_without < 2));
	if (run->too_few && str_eq(o.few, "refuse"))
		return err_refuse(err, "%s: there are %zu groups: nothing to compare",
				  h5ad_path(run->in), g->n);
	return rest ? 0 : cell_groups_find(g, o.reference, &run->rules.reference, err);
}

static bool dropped(const struct names *patterns, const char *gene)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (fnmatch(patterns->s[i], gene, 0) == 0)
			return true;
	return false;
}

static int choose_genes(struct run *run, struct err *err)
{
	struct gene_panel panel = {0};
	struct names patterns = {0};
	size_t n = 0;

	if (o.genes && gene_panel_read(o.genes, &panel, err))
		return -1;
	if (o.drop)
		names_add_list(&patterns, o.drop);
	MEM_ZERO(run->left_out, run->input->n_genes);
	for (size_t i = 0; i < run->input->n_genes; i++) {
		const char *gene = run->input->genes[i];
		run->left_out[i] = (o.genes && gene_panel_find(&panel, gene) == STRTAB_NONE) ||
				   dropped(&patterns, gene) ||
				   (o.floor > 0 && !group_moments_reach(&run->moments, i, o.floor));
		n += !run->left_out[i];
	}
	if (o.genes)
		gene_panel_release(&panel);
	names_release(&patterns);
	manifest_count("genes", n);
	if (n == 0)
		return err_refuse(err, "%s: no gene is left to test", h5ad_path(run->in));
	say("%s: %zu genes tested in %zu groups, %zu cells without a group stay in the rest",
	    h5ad_path(run->in), n, run->groups.n, run->groups.n_without);
	return 0;
}

/* ---- the pass ---- */

static int read_cells(struct run *run, struct err *err)
{
	struct stream *s = input_stream(run->input, NULL, 0, err);
	struct cells *block;
	int got = -1;

	run->progress = progress_start("cells", run->groups.n_cells);
	while (s && (got = stream_next(s, &block, err)) > 0) {
		group_moments_add(&run->moments, block, run->groups.of, run->pool);
		if (o.donor)
			donors_add(&run->donors, block, run->pool);
		if (run->ranks && rank_sums_add(run->ranks, block, run->groups.of, err)) {
			got = -1;
			break;
		}
		progress_at(&run->progress, block->first + block->n_cells);
	}
	progress_end(&run->progress);
	stream_free(s);
	return got;
}

static void genes_ranked(void *arg, size_t genes)
{
	progress_at(arg, genes);
}

static int start_sums(struct run *run, struct err *err)
{
	size_t n_genes = run->input->n_genes;
	struct cell_groups donors;

	group_moments_init(&run->moments, run->groups.n, n_genes, str_eq(o.fc, "linear"));
	if (o.donor) {
		if (cell_groups_read(&donors, run->in, o.donor, NULL, err))
			return -1;
		donors_init(&run->donors, &run->groups, &donors, n_genes);
		cell_groups_release(&donors);
	}
	if (!o.auc && run->rules.method != MARKERS_WILCOXON)
		return 0;
	run->ranks = rank_sums_new(run->groups.n, n_genes, run->groups.n_cells, o.memory, err);
	return run->ranks ? 0 : -1;
}

static int add_up(struct run *run, struct err *err)
{
	struct text scratch = TEXT_INIT;

	if (start_sums(run, err) || read_cells(run, err))
		return -1;
	say("%s: %s", h5ad_path(run->in), input_decision(run->input, &scratch));
	manifest_decision("matrix", "%s", input_decision(run->input, &scratch));
	text_release(&scratch);
	if (run->input->verdict.min < 0)
		warn("%s: %s holds negative values: log2fc, pct and the means mean little",
		     h5ad_path(run->in), run->input->slot->name);
	if (o.donor)
		donors_finish(&run->donors);
	if (!run->ranks)
		return 0;
	run->progress = progress_start("genes", run->input->n_genes);
	int ret = rank_sums_finish(run->ranks, run->rules.reference, run->pool, genes_ranked,
				   &run->progress, err);
	progress_end(&run->progress);
	return ret;
}

static struct markers_table table_of(const struct run *run, const struct markers *m)
{
	return (struct markers_table){.markers = m,
				      .donors = o.donor ? &run->donors : NULL,
				      .groups = run->groups.names,
				      .genes = run->input ? run->input->genes : NULL,
				      .top = o.top,
				      .pool = run->pool};
}

static int write_uns(const struct run *run, const struct markers *m, struct err *err)
{
	struct uns_words words = {.key = o.key,
				  .group_by = o.column ? o.column : "cluster",
				  .groups = run->groups.names,
				  .genes = run->input->genes,
				  .slot = run->input->slot->name,
				  .top = o.top};
	struct writer *w = writer_open(o.uns, o.compress, run->pool, err);

	if (!w)
		return -1;
	if ((o.clusters && cell_groups_write(&run->groups, "cluster", h5ad_obs(run->in), w, err)) ||
	    markers_uns_write(w, m, &words, err) || writer_carry_rest(w, run->in, err)) {
		writer_abort(w);
		return -1;
	}
	return writer_finish(w, err);
}

static int write_out(struct run *run, struct err *err)
{
	struct markers m = {0};
	struct markers_table table = table_of(run, &m);
	int ret;

	run->rules.tie_correct = o.tie_correct;
	run->rules.bonferroni = str_eq(o.correct, "bonferroni");
	run->rules.rank_absolute = o.rank_absolute;
	run->rules.linear_fc = str_eq(o.fc, "linear");
	run->rules.left_out = run->left_out;
	run->rules.n_groups = run->groups.n;
	run->rules.n_genes = run->input->n_genes;
	if (log_base_of(run->in, run->input, &run->rules.log_base, err))
		return -1;
	markers_compute(&m, &run->rules, &run->moments, run->ranks, run->pool);
	ret = o.uns ? write_uns(run, &m, err) : 0;
	if (!ret)
		ret = tsv_write_file(o.output, markers_table_put, &table, err);
	markers_release(&m);
	return ret;
}

/* Too few groups to compare, and that is to be no failure. */
static int write_nothing(struct run *run)
{
	struct markers none = {0};
	struct markers_table table = table_of(run, &none);
	struct err err = ERR_INIT;

	say("%s: there are %zu groups: nothing to compare", h5ad_path(run->in), run->groups.n);
	if (tsv_write_file(o.output, markers_table_put, &table, &err))
		die_err(&err);
	cell_groups_release(&run->groups);
	h5ad_close(run->in);
	return tool_end();
}

static void check_usage(struct run *run)
{
	if (!o.column && !o.clusters)
		die_usage("say what the groups are: -g COLUMN or -c TSV");
	if (o.floor < 0 || o.floor > 1)
		die_usage("--floor is a share: 0 to 1");
	if (o.uns && o.floor + (o.drop != NULL) + (o.genes != NULL) > 0 && !o.top)
		say("%s lists the genes tested only", o.uns);
	for (size_t i = 0; methods[i]; i++)
		if (str_eq(methods[i], o.method))
			run->rules.method = (enum marker_method)i;
}

int main(int argc, char **argv)
{
	struct input_rules input_rules = {.target_sum = 1e4};
	struct err err = ERR_INIT;
	struct run run = {0};
	struct inputs in;

	tool_begin("markers", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_usage(&run);
	manifest_input(in.paths[0]);
	if (o.clusters)
		manifest_input(o.clusters);
	manifest_output(o.output);
	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in || choose_groups(&run, &err))
		die_err(&err);
	if (run.too_few)
		return write_nothing(&run);
	run.pool = pool_new(tool_threads);
	input_rules.slot = o.slot;
	input_rules.accept = o.accept;
	run.input = input_open(run.in, &input_rules, run.pool, &err);
	if (!run.input || add_up(&run, &err) || choose_genes(&run, &err) || write_out(&run, &err))
		die_err(&err);

	free(run.left_out);
	donors_release(&run.donors);
	rank_sums_free(run.ranks);
	group_moments_release(&run.moments);
	cell_groups_release(&run.groups);
	input_close(run.input);
	pool_free(run.pool);
	h5ad_close(run.in);
	return tool_end();
}
