/* tree-learn - join a dataset's labels to a tree of labels, by how each calls the other's cells.
 *
 * Reads two predictions TSVs (the tree's cells called with the new labels, the new cells called
 * with the tree's) and what those cells are, writes the tree with the new labels in it as Newick.
 * Whoever made the calls will do. Memory is the tables.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/strtab.h"
#include "base/tool.h"
#include "calls/calls_table.h"
#include "format/tsv.h"
#include "map/tree/tree_update.h"

static struct opts {
	const char *tree, *old_truth, *new_truth, *unknown, *report, *output;
	double match;
	bool attach;
} o = {.unknown = "Unknown", .output = "-", .match = 0.25};

static const struct opt options[] = {
	OPT_TEXT("tree", 0, tree, "NEWICK",
		 "the tree so far (one level, of the old cells' labels)"),
	OPT_TEXT("old-truth", 0, old_truth, "TSV", "cell and label of the tree's cells"),
	OPT_TEXT("new-truth", 0, new_truth, "TSV", "cell and label of the new cells"),
	OPT_FLOAT("match", 0, match, "SHARE",
		  "a share that falls by less from label to label counts too (0.25)"),
	OPT_FLAG("attach-missing", 0, attach, "labels that match nothing go under the root"),
	OPT_TEXT("unknown", 0, unknown, "NAME", "the label of rejected cells (Unknown)"),
	OPT_TEXT("report", 0, report, "TSV", "write what became of every new label"),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "join a dataset's labels to a tree of labels",
	.synopsis =
		"[OPTIONS] --old-truth TSV --new-truth TSV OLD-CALLS.tsv NEW-CALLS.tsv [-o TREE]",
	.options = options,
	.max_inputs = 2,
	.details = "OLD-CALLS are the tree's cells called with the new labels, NEW-CALLS the new\n"
		   "cells called with the tree's.",
};

static bool is_rejection(const char *label)
{
	return str_eq(label, o.unknown) || str_eq(label, "root") || str_eq(label, "root2") ||
	       str_starts(label, "Rejected (") || str_starts(label, "Rejection (") || !*label;
}

/* Distinct names in byte order. */
static struct names sorted_names(const struct strtab *of)
{
	uint32_t *order = strtab_sorted(of);
	struct names out = {0};

	for (size_t i = 0; i < of->n; i++)
		names_add(&out, strtab_str(of, order[i]));
	free(order);
	return out;
}

static size_t place(const struct names *sorted, const char *name)
{
	size_t low = 0, high = sorted->n;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (strcmp(sorted->s[middle], name) <= 0)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* What a label of the tree's cells is called in the tree. */
static const char *name_in(const struct label_tree *tree, const char *label)
{
	size_t node;

	if (!tree)
		return label;
	node = label_tree_find(tree, label);
	return node == TREE_NONE ? label : label_tree_name(tree, node);
}

struct cross {
	struct calls_table *calls;
	struct strtab truths;
	uint32_t *truth; /* per row of the calls */
};

static void read_cross(struct cross *c, const char *calls, const char *truth, struct pool *pool)
{
	struct err err = ERR_INIT;

	manifest_input(calls);
	manifest_input(truth);
	c->calls = calls_table_read(calls, pool, &err);
	if (!c->calls || calls_table_index(c->calls, pool, &err))
		die_err(&err);
	MEM_ARRAY(c->truth, c->calls->n + 1);
	if (calls_table_join(c->calls, truth, &c->truths, c->truth, &err))
		die_err(&err);
}

static void release_cross(struct cross *c)
{
	calls_table_free(c->calls);
	strtab_release(&c->truths);
	free(c->truth);
}

/* 'tree' renames the truths (of its cells), 'called_in' the calls. */
static struct call_table count(const struct cross *c, const struct label_tree *tree,
			       const struct label_tree *called_in)
{
	struct call_table t = {0};
	struct strtab truths = {0}, called = {0};

	for (size_t i = 0; i < c->truths.n; i++)
		strtab_add(&truths, name_in(tree, strtab_str(&c->truths, (uint32_t)i)));
	for (size_t i = 0; i < c->calls->n; i++) {
		const char *label = strtab_str(&c->calls->label_names, c->calls->labels[i]);

		if (!is_rejection(label))
			strtab_add(&called, name_in(called_in, label));
	}
	t.truths = sorted_names(&truths);
	t.called = sorted_names(&called);
	t.counts = mem_zero(mem_product(t.truths.n, t.called.n) + 1, sizeof(*t.counts));
	MEM_ZERO(t.rejected, t.truths.n + 1);
	for (size_t i = 0; i < c->calls->n; i++) {
		const char *label = strtab_str(&c->calls->label_names, c->calls->labels[i]);
		size_t row = place(&t.truths, name_in(tree, strtab_str(&c->truths, c->truth[i])));

		if (is_rejection(label))
			t.rejected[row]++;
		else
			t.counts[row * t.called.n + place(&t.called, name_in(called_in, label))]++;
	}
	strtab_release(&truths);
	strtab_release(&called);
	return t;
}

static struct label_tree *first_tree(const struct cross *old)
{
	struct err err = ERR_INIT;
	struct label_tree *tree;
	struct names labels;

	if (o.tree) {
		manifest_input(o.tree);
		tree = label_tree_read_file(o.tree, &err);
		if (!tree)
			die_err(&err);
		return tree;
	}
	tree = label_tree_new("root");
	labels = sorted_names(&old->truths);
	for (size_t i = 0; i < labels.n; i++)
		label_tree_add(tree, 0, labels.s[i]);
	names_release(&labels);
	return tree;
}

/* Labels of cells and calls that the tree lacks, and labels that are already in it. */
static void check_labels(const struct label_tree *tree, const struct call_table *of_old,
			 const struct call_table *of_new)
{
	for (size_t i = 0; i < of_old->truths.n; i++)
		if (label_tree_find(tree, of_old->truths.s[i]) == TREE_NONE)
			die("%s: label '%s' is not in the tree (--tree)", o.old_truth,
			    of_old->truths.s[i]);
	for (size_t i = 0; i < of_new->called.n; i++)
		if (label_tree_find(tree, of_new->called.s[i]) == TREE_NONE)
			die("new cells are called '%s', which is not in the tree (--tree)",
			    of_new->called.s[i]);
	for (size_t i = 0; i < of_new->truths.n; i++)
		if (label_tree_find(tree, of_new->truths.s[i]) != TREE_NONE)
			die("%s: label '%s' is in the tree already: put the dataset's name before "
			    "its labels",
			    o.new_truth, of_new->truths.s[i]);
}

static int put_report(struct tsv_writer *w, void *arg, struct err *err UNUSED)
{
	const struct tree_update *u = arg;

	tsv_header(w, "label\twhat");
	for (size_t i = 0; i < u->labels.n; i++) {
		tsv_put(w, u->labels.s[i]);
		tsv_put(w, u->what[i]);
		tsv_end_row(w);
	}
	return 0;
}

static void write_tree(const struct label_tree *tree)
{
	struct err err = ERR_INIT;
	struct text text = TEXT_INIT;
	struct outfile *out = outfile_open(o.output, &err);

	if (!out)
		die_err(&err);
	fprintf(outfile_stream(out), "%s\n", label_tree_text(tree, &text));
	if (outfile_commit(out, &err))
		die_err(&err);
	text_release(&text);
}

static void tell(struct label_tree *tree, const struct tree_update *u)
{
	size_t missing = 0;

	for (size_t i = 0; i < u->labels.n; i++) {
		if (!str_eq(u->what[i], "missing"))
			continue;
		missing++;
		if (o.attach)
			label_tree_add(tree, 0, u->labels.s[i]);
	}
	say("%zu of %zu new labels found a place; the tree has %zu nodes", u->labels.n - missing,
	    u->labels.n, tree->n);
	manifest_count("missing", missing);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct cross old = {0}, new = {0};
	struct tree_update u;

	tool_begin("tree-learn", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);
	if (in.n != 2 || !o.old_truth || !o.new_truth)
		die_usage("two tables of calls, --old-truth and --new-truth are needed");
	manifest_output(o.output);
	struct pool *pool = pool_new(tool_threads);
	read_cross(&old, in.paths[0], o.old_truth, pool);
	read_cross(&new, in.paths[1], o.new_truth, pool);
	struct label_tree *tree = first_tree(&old);
	struct call_table of_old = count(&old, tree, NULL), of_new = count(&new, NULL, tree);
	check_labels(tree, &of_old, &of_new);

	tree_update(tree, &of_old, &of_new, o.match, &u);
	tell(tree, &u);
	if (o.report && tsv_write_file(o.report, put_report, &u, &err))
		die_err(&err);
	write_tree(tree);

	tree_update_release(&u);
	call_table_release(&of_old);
	call_table_release(&of_new);
	label_tree_free(tree);
	release_cross(&old);
	release_cross(&new);
	pool_free(pool);
	return tool_end();
}
