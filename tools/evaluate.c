/* evaluate - how right the predictions are.
 *
 * Reads a predictions TSV and the true labels, writes scores as a long TSV (what, class, value),
 * and the confusion matrix and everything as JSON on request. With a map of labels to ontology ids
 * near misses are told from misses. Memory is the table and 50 bytes a cell.
 */
#include "base/util.h"

#include <unistd.h>

#include "base/datadir.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/tool.h"
#include "calls/calls_table.h"
#include "calls/evaluation_figures.h"
#include "calls/evaluation_groups.h"
#include "calls/evaluation_report.h"
#include "calls/onto_scores.h"
#include "calls/placeholders.h"
#include "calls/unseen.h"
#include "calls/vocabulary.h"
#include "format/tsv.h"
#include "map/tree/tree_scores.h"
#include "onto/labelmap.h"
#include "onto/onto_read.h"

static struct opts {
	const char *truth, *label, *confidence, *novelty, *unknown, *by, *map, *ontology, *tree,
		*confusion, *json, *output;
	struct opt_list keep_labels;
} o = {.label = "label", .unknown = "Unknown", .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("truth", 0, truth, "COLUMN|FILE",
		 "the true labels: a column, or a TSV by cell, - too"),
	OPT_TEXT("label", 0, label, "COLUMN", "the predicted labels (label)"),
	OPT_TEXT("confidence", 0, confidence, "COLUMN",
		 "how sure a call is (probability, else confidence)"),
	OPT_TEXT("novelty", 0, novelty, "COLUMN", "how strange a cell is (novelty)"),
	OPT_TEXT("unknown", 0, unknown, "NAME", "the label that is no answer (Unknown)"),
	OPT_LIST("keep-label", 0, keep_labels, "LABEL",
		 "a true label, though it seems to name no type"),
	OPT_TEXT("by", 0, by, "COLUMN|FILE",
		 "and for each donor or batch: a column, or a TSV by cell"),
	OPT_TEXT("map", 0, map, "FILE", "TSV of label and id: score with the ontology, too"),
	OPT_TEXT("ontology", 0, ontology, "FILE", "its terms (ontology/cl.tsv)"),
	OPT_TEXT("tree", 0, tree, "NEWICK",
		 "score down this tree of labels, too: the hierarchical F1"),
	OPT_TEXT("confusion", 0, confusion, "FILE",
		 "write the confusion matrix: truth, predicted, cells"),
	OPT_TEXT("json", 0, json, "FILE", "write everything as JSON"),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "how right the predictions are",
	.synopsis = "--truth COLUMN|FILE [OPTIONS] [CALLS.tsv] [-o EVAL.tsv]",
	.options = options,
	.max_inputs = 1,
};

struct judged {
	struct pool *pool;
	struct calls_table *calls;
	struct strtab names;
	size_t n, n_without;         /* cells with a true label, and without */
	uint32_t *truth, *predicted; /* labels of those with one, as numbers of 'names' */
	double *confidence;          /* of theirs, or NULL */
	double *novelty;             /* the same */
	bool *called;                /* per name: some cell is called so, or nearly */
	struct novelty_scores strange;
	uint32_t *group; /* of --by, as numbers of 'group_names'; NULL without */
	struct strtab group_names;
	struct group_scores groups;
	uint32_t *gated[2]; /* the same before the gate and after; NULL when there was none */
	struct evaluation *scores;
	struct evaluation *gates[2];
	struct evaluation *common; /* in the true labels' words; NULL without a map */
	struct onto *onto;         /* NULL without a map */
	struct lenient lenient;
	struct tree_scores down; /* with --tree */
};

/* ---- reading ---- */

/* What the labels were before a gate, and are after it. */
static const char *const gate_columns[2] = {"label_original", "label"};

static int read_gate(struct judged *j, struct err *err)
{
	if (table_column(j->calls->table, gate_columns[0]) == SIZE_MAX)
		return 0;
	for (int i = 0; i < 2; i++) {
		MEM_ARRAY(j->gated[i], j->calls->n);
		if (calls_table_number(j->calls, gate_columns[i], j->pool, &j->names, j->gated[i],
				       err))
			return -1;
	}
	return 0;
}

/* Per label, is it a true one? Not a missing one, nor a word that names no type. */
static bool *true_names(const struct judged *j, struct err *err)
{
	struct placeholders *none = placeholders_but(o.keep_labels.items, o.keep_labels.n, err);
	bool *is = NULL;

	if (none)
		MEM_ARRAY(is, j->names.n + 1);
	for (size_t i = 0; is && i < j->names.n; i++) {
		const char *name = strtab_str(&j->names, (uint32_t)i);

		is[i] = *name && !placeholders_has(none, name);
	}
	placeholders_free(none);
	return is;
}

/* Cells whose truth is not known can be neither right nor wrong: they are left out. */
static int keep_those_with_truth(struct judged *j, struct err *err)
{
	bool *is_true = true_names(j, err);

	if (!is_true)
		return -1;
	for (size_t cell = 0; cell < j->calls->n; cell++) {
		if (j->truth[cell] == STRTAB_NONE || !is_true[j->truth[cell]])
			continue;
		j->truth[j->n] = j->truth[cell];
		j->predicted[j->n] = j->predicted[cell];
		for (int i = 0; i < 2 && j->gated[0]; i++)
			j->gated[i][j->n] = j->gated[i][cell];
		if (j->confidence)
			j->confidence[j->n] = j->confidence[cell];
		if (j->novelty)
			j->novelty[j->n] = j->novelty[cell];
		if (j->group)
			j->group[j->n] = j->group[cell];
		j->n++;
	}
	j->n_without = j->calls->n - j->n;
	free(is_true);
	if (j->n)
		return 0;
	return err_set(err, "%s: no cell has a true label in %s", j->calls->path, o.truth);
}

/* "-" is standard input. */
static bool is_file(const char *truth)
{
	return str_eq(truth, "-") || access(truth, F_OK) == 0;
}

/* A column of numbers: the one asked for, or the first there is of two; NULL without. */
static int read_numbers(const struct judged *j, const char *asked, const char *first,
			const char *second, double **numbers, struct err *err)
{
	const struct table *t = j->calls->table;
	size_t column = table_column(t, asked ? asked : first);

	if (!asked && column == SIZE_MAX && second)
		column = table_column(t, second);
	if (column == SIZE_MAX && asked)
		return err_no_name(err, j->calls->path, "column", asked,
				   (const char *const *)t->header, t->n_columns);
	if (column == SIZE_MAX)
		return 0;
	MEM_ARRAY(*numbers, j->calls->n);
	return table_numbers(t, column, j->pool, *numbers, err);
}

static int read_groups(struct judged *j, struct err *err)
{
	MEM_ARRAY(j->group, j->calls->n);
	if (!is_file(o.by))
		return calls_table_number(j->calls, o.by, j->pool, &j->group_names, j->group, err);
	manifest_input(o.by);
	return calls_table_join(j->calls, o.by, &j->group_names, j->group, err);
}

static int read_labels(struct judged *j, struct err *err)
{
	if (j->calls->n == 0)
		return err_set(err, "%s: there are no cells in it", j->calls->path);
	MEM_ARRAY(j->truth, j->calls->n);
	MEM_ARRAY(j->predicted, j->calls->n);
	if (calls_table_number(j->calls, o.label, j->pool, &j->names, j->predicted, err) ||
	    read_gate(j, err))
		return -1;
	if (is_file(o.truth)
		    ? calls_table_join(j->calls, o.truth, &j->names, j->truth, err)
		    : calls_table_number(j->calls, o.truth, j->pool, &j->names, j->truth, err))
		return -1;
	if (read_numbers(j, o.confidence, "probability", "confidence", &j->confidence, err) ||
	    read_numbers(j, o.novelty, "novelty", NULL, &j->novelty, err) ||
	    (j->novelty && !(j->called = unseen_known(j->calls, j->pool, &j->names, err))) ||
	    (o.by && read_groups(j, err)))
		return -1;
	return keep_those_with_truth(j, err);
}

static void score_novelty(struct judged *j, const uint32_t *terms)
{
	if (j->novelty)
		j->strange = unseen_scores(&(struct unseen){.known = j->called,
							    .n_names = j->names.n,
							    .truth = j->truth,
							    .novelty = j->novelty,
							    .n_cells = j->n,
							    .onto = j->onto,
							    .terms = terms});
}

static void score_groups(struct judged *j, uint32_t unknown)
{
	group_scores_of(&j->groups,
			&(struct group_cells){.truth = j->truth,
					      .predicted = j->predicted,
					      .confidence = j->confidence,
					      .n = j->n,
					      .names = &j->names,
					      .unknown = unknown},
			j->group, &j->group_names);
}

/* Before the gate as after it, whichever of the labels is scored in full. */
static void score(struct judged *j)
{
	uint32_t unknown = strtab_find(&j->names, o.unknown);

	j->scores = evaluation_new(j->truth, j->predicted, j->confidence, j->n, &j->names, unknown);
	for (int i = 0; i < 2 && j->gated[0]; i++)
		j->gates[i] = evaluation_new(j->truth, j->gated[i], NULL, j->n, &j->names, unknown);
	if (j->group)
		score_groups(j, unknown);
}

static int score_with_ontology(struct judged *j, struct err *err)
{
	char *path = o.ontology ? mem_str(o.ontology) : datadir_find("ontology/cl.tsv", err);
	uint32_t *terms;

	j->onto = path ? onto_read(path, NULL, err) : NULL;
	free(path);
	terms = j->onto ? labelmap_terms(o.map, j->onto, &j->names, err) : NULL;
	if (!terms)
		return -1;
	j->lenient.onto = j->onto;
	for (size_t i = 0; i < j->scores->n_confusion; i++) {
		const struct confusion_cell *c = &j->scores->confusion[i];

		lenient_add(&j->lenient, terms[c->truth], terms[c->predicted], c->n);
	}
	score_novelty(j, terms);
	j->common =
		vocabulary_evaluate(&(struct vocabulary){j->onto, &j->names, terms, j->truth, j->n},
				    j->predicted, j->confidence, strtab_find(&j->names, o.unknown));
	free(terms);
	return 0;
}

/* ---- writing ---- */

#define N_ALL (N_FIGURES + 3)

static size_t list_figures(const struct judged *j, struct figure out[N_ALL])
{
	size_t n =
		evaluation_figures(&(struct judgement){.scores = j->scores,
						       .n_without = j->n_without,
						       .gates = {j->gates[0], j->gates[1]},
						       .novelty = j->novelty ? &j->strange : NULL,
						       .common = j->common,
						       .lenient = j->onto ? &j->lenient : NULL},
				   out);

	if (o.tree) {
		out[n++] = (struct figure){"tree_precision", tree_precision(&j->down)};
		out[n++] = (struct figure){"tree_recall", tree_recall(&j->down)};
		out[n++] = (struct figure){"tree_f1", tree_f1(&j->down)};
	}
	return n;
}

static int put_scores(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct judged *j = arg;
	struct figure figures[N_ALL];
	size_t n = list_figures(j, figures);

	(void)err;
	tsv_header(w, "what\tclass\tvalue");
	for (size_t i = 0; i < n; i++)
		evaluation_put_figure(w, figures[i].name, "", figures[i].value);
	evaluation_put_kept(j->scores, w);
	group_scores_put(&j->groups, w);
	evaluation_put_classes(j->scores, &j->names, w);
	return 0;
}

static int put_confusion(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct judged *j = arg;

	(void)err;
	evaluation_put_confusion(j->scores, &j->names, w);
	return 0;
}

static int write_json(const struct judged *j, struct err *err)
{
	struct outfile *file = outfile_open(o.json, err);
	struct figure figures[N_ALL];
	size_t n = list_figures(j, figures);
	struct json out;

	if (!file)
		return -1;
	out = json_start(outfile_stream(file));
	json_open_object(&out, NULL);
	json_str(&out, "label", o.label);
	for (size_t i = 0; i < n; i++)
		json_double(&out, figures[i].name, figures[i].value);
	evaluation_json(j->scores, &j->names, &out);
	if (j->common) {
		json_open_object(&out, "common");
		evaluation_json(j->common, &j->names, &out);
		json_close(&out);
	}
	if (j->group)
		group_scores_json(&j->groups, &out);
	json_close(&out);
	return outfile_commit(file, err);
}

static void report(const struct judged *j)
{
	struct figure figures[N_ALL];
	size_t n = list_figures(j, figures);

	for (size_t i = 0; i < n; i++)
		manifest_value(figures[i].name, figures[i].value);
	say("%zu cells: accuracy %.4f, macro F1 %.4f, %zu unknown", j->scores->n_cells,
	    j->scores->accuracy, j->scores->macro_f1, j->scores->n_unknown);
	if (j->n_without)
		say("%zu cells have no true label and are left out", j->n_without);
	if (j->gates[0])
		say("before the gate: accuracy %.4f; after it: %zu are %s, accuracy of the others "
		    "%.4f",
		    j->gates[0]->accuracy, j->gates[1]->n_unknown, o.unknown,
		    j->gates[1]->known_accuracy);
	if (j->common)
		say("in the true labels' words, by their ids: accuracy %.4f, macro F1 %.4f",
		    j->common->accuracy, j->common->macro_f1);
	else if (!vocabulary_shared(j->truth, j->predicted, j->n, j->names.n))
		warn("none of the labels is a true one: the words differ (--map compares them by "
		     "their ontology ids; cl-map makes it)");
	if (j->onto)
		say("by their ids, a descendant of the truth being right: accuracy %.4f",
		    lenient_accuracy(&j->lenient));
}

static void judged_release(struct judged *j)
{
	evaluation_free(j->scores);
	evaluation_free(j->common);
	group_scores_release(&j->groups);
	strtab_release(&j->group_names);
	free(j->group);
	for (int i = 0; i < 2; i++) {
		evaluation_free(j->gates[i]);
		free(j->gated[i]);
	}
	onto_free(j->onto);
	calls_table_free(j->calls);
	pool_free(j->pool);
	strtab_release(&j->names);
	free(j->confidence);
	free(j->novelty);
	free(j->called);
	free(j->truth);
	free(j->predicted);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct judged j = {0};
	struct inputs in;

	tool_begin("evaluate", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (!o.truth)
		die_usage("--truth is needed: a column of the predictions, or a TSV");
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	j.pool = pool_new(tool_threads);
	j.calls = calls_table_read(in.paths[0], j.pool, &err);
	if (!j.calls || calls_table_index(j.calls, j.pool, &err) || read_labels(&j, &err))
		die_err(&err);

	score(&j);
	if (!o.map)
		score_novelty(&j, NULL);
	if ((o.map && score_with_ontology(&j, &err)) ||
	    (o.tree && tree_scores_of(&j.down, o.tree, j.scores, &j.names, o.unknown, &err)))
		die_err(&err);
	if (o.tree)
		manifest_input(o.tree);
	if (tsv_write_file(o.output, put_scores, &j, &err) ||
	    (o.confusion && tsv_write_file(o.confusion, put_confusion, &j, &err)) ||
	    (o.json && write_json(&j, &err)))
		die_err(&err);
	report(&j);

	judged_release(&j);
	return tool_end();
}
