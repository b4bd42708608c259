/* markers - the genes that mark each group of cells.
 *
 * Reads an h5ad and the groups of its cells (a column of obs, or a TSV of clusters), writes a TSV
 * of every gene of every group: score, p, fold change, AUC, shares and means. One pass over the
 * cells; memory is O(groups x genes) and what --memory allows for sorting, not O(cells).
 */
#include "base/util.h"

#include <fnmatch.h>
#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/progress.h"
#include "base/tool.h"
#include "evidence/donors.h"
#include "evidence/log_base.h"
#include "evidence/markers_uns.h"
#include "expression/expression.h"
#include "format/tsv.h"
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

/* ---- what to test ---- */

/* Groups that cannot be tested: with one cell there is no variance. */
static int check_sizes(struct run *run, bool *kept, struct err *err)
{
	const struct cell_groups *g = &run->groups;

	for (size_t i = 0; i < g->n; i++) {
		if (!kept[i] || g->sizes[i] > 1)
			continue;
		if (!o.skip_small)
			return err_refuse(err,
					  "%s: group '%s' has one cell: no test can be made of it "
					  "(--skip-small leaves it in the rest)",
					  h5ad_path(run->in), g->names[i]);
		say("group '%s' has one cell: it stays in the rest", g->names[i]);
		kept[i] = false;
	}
	return 0;
}

/* Read the groups; keep those asked for and the reference. */
static int choose_groups(struct run *run, struct err *err)
{
	struct cell_groups *g = &run->groups;
	struct names wanted = {0};
	bool *kept, rest = str_eq(o.reference, "rest");
	size_t at, n = 0;
	int ret = -1;

	if (cell_groups_read(g, run->in, o.column, o.clusters, err))
		return -1;
	if (o.groups)
		names_add_list(&wanted, o.groups);
	MEM_ZERO(kept, g->n);
	for (size_t i = 0; i < g->n; i++)
		kept[i] = !o.groups;
	for (size_t i = 0; i < wanted.n; i++) {
		if (cell_groups_find(g, wanted.s[i], &at, err))
			goto free_kept;
		kept[at] = true;
	}
	if (!rest && cell_groups_find(g, o.reference, &at, err))
		goto free_kept;
	if (!rest)
		kept[at] = true;
	if (check_sizes(run, kept, err))
		goto free_kept;
	cell_groups_keep(g, kept);
	n = g->n - !rest;
	run->too_few = n == 0 || (rest && n == 1 && g->n_without < 2);
	if (run->too_few && str_eq(o.few, "pass")) {
		ret = 0;
		goto free_kept;
	}
	if (run->too_few) {
		err_refuse(err, "%s: there are %zu groups: nothing to compare", h5ad_path(run->in),
			   g->n);
		goto free_kept;
	}
	run->rules.reference = MARKERS_REST;
	ret = rest ? 0 : cell_groups_find(g, o.reference, &run->rules.reference, err);
free_kept:
	free(kept);
	names_release(&wanted);
	return ret;
}

static bool dropped(const struct names *patterns, const char *gene)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (fnmatch(patterns->s[i], gene, 0) == 0)
			return true;
	return false;
}

/* Is the gene expressed in enough of some group? */
static bool reaches_floor(const struct run *run, size_t gene)
{
	for (size_t g = 0; g < run->groups.n; g++) {
		struct moment m = group_moment(&run->moments, g, gene);
		if (m.n_expressing >= o.floor * m.n)
			return true;
	}
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
				   (o.floor > 0 && !reaches_floor(run, i));
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

/* ---- out ---- */

struct listing {
	const struct run *run;
	const struct markers *m;
	size_t group;
	const uint32_t *order;
	const double *padj;
};

static void put_row(struct tsv_writer *w, void *arg, size_t row)
{
	const struct listing *l = arg;
	uint32_t gene = l->order[row];
	const struct marker *m = markers_at(l->m, l->group, gene);
	struct moment own = group_moment(&l->run->moments, l->group, gene);
	size_t agree, counted;
	char text[48];

	tsv_put(w, l->run->groups.names[l->group]);
	tsv_put(w, l->run->input->genes[gene]);
	tsv_put_float(w, m->score);
	tsv_put_float(w, (double)m->log2fc);
	tsv_put_float(w, m->p);
	tsv_put_float(w, l->padj[gene]);
	tsv_put_float(w, (double)m->auc);
	tsv_put_float(w, own.n_expressing / own.n);
	tsv_put_float(w, m->pct_rest);
	tsv_put_float(w, own.mean);
	tsv_put_float(w, m->mean_rest);
	if (o.donor) {
		donors_agree(&l->run->donors, l->group, gene, own.mean > m->mean_rest, &agree,
			     &counted);
		snprintf(text, sizeof(text), "%zu/%zu", agree, counted);
		tsv_put(w, text);
	}
}

struct writing {
	const struct run *run;
	const struct markers *m;
};

static int put_table(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct writing *writing = arg;
	const struct markers *m = writing->m;
	uint32_t *order;
	double *padj;

	(void)err;
	MEM_ARRAY(order, m->rules.n_genes);
	MEM_ARRAY(padj, m->rules.n_genes);
	tsv_header(w, o.donor ? "cluster\tgene\tscore\tlog2fc\tp\tpadj\tauc\tpct\tpct_rest\tmean\t"
				"mean_rest\tdonors"
			      : "cluster\tgene\tscore\tlog2fc\tp\tpadj\tauc\tpct\tpct_rest\tmean\t"
				"mean_rest");
	for (size_t g = 0; m->of && g < m->rules.n_groups; g++) {
		struct listing l = {writing->run, m, g, order, padj};
		if (g == m->rules.reference)
			continue;
		size_t n = markers_order(m, g, order);
		markers_adjust(m, g, padj);
		tsv_put_rows(w, writing->run->pool, o.top ? MIN(o.top, n) : n, put_row, &l);
	}
	free(order);
	free(padj);
	return 0;
}

/* obs as it is; with --clusters a column 'cluster', for the plots to find. */
static int put_obs(const struct run *run, struct writer *w, struct err *err)
{
	const struct cell_groups *g = &run->groups;
	struct frame *obs = h5ad_obs(run->in, err);
	char **values;

	if (!obs)
		return -1;
	MEM_ARRAY(values, g->n_cells);
	for (size_t cell = 0; cell < g->n_cells; cell++)
		values[cell] = g->of[cell] == GROUP_NONE ? NULL : g->names[g->of[cell]];
	struct column c = column_categories("cluster", values, g->n_cells);
	frame_add(obs, &c);
	free(values);
	return writer_frame(w, "obs", obs, err);
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
	if ((o.clusters && put_obs(run, w, err)) || markers_uns_write(w, m, &words, err) ||
	    writer_carry_rest(w, run->in, err)) {
		writer_abort(w);
		return -1;
	}
	return writer_finish(w, err);
}

static int write_out(struct run *run, struct err *err)
{
	struct markers m;
	struct writing writing = {run, &m};
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
	ret = tsv_write_file(o.output, put_table, &writing, err);
	if (!ret && o.uns)
		ret = write_uns(run, &m, err);
	markers_release(&m);
	return ret;
}

/* Too few groups to compare, and that is to be no failure. */
static int write_nothing(struct run *run)
{
	struct markers none = {0};
	struct writing writing = {run, &none};
	struct err err = ERR_INIT;

	say("%s: there are %zu groups: nothing to compare", h5ad_path(run->in), run->groups.n);
	if (tsv_write_file(o.output, put_table, &writing, &err))
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
