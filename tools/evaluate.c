/* evaluate - how right the predictions are.
 *
 * Reads a predictions TSV and the true labels, writes scores as a long TSV (what, class, value),
 * and the confusion matrix and everything as JSON on request. With a map of labels to ontology ids
 * near misses are told from misses. Memory is the table and 55 bytes a cell.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/tool.h"
#include "calls/evaluation_figures.h"
#include "calls/evaluation_groups.h"
#include "calls/evaluation_report.h"
#include "calls/judged_cells.h"
#include "calls/onto_scores.h"
#include "calls/unseen.h"
#include "calls/vocabulary.h"
#include "format/tsv.h"
#include "map/tree/tree_scores.h"
#include "onto/labelmap.h"
#include "onto/onto_read.h"

static struct opts {
	const char *truth, *label, *confidence, *novelty, *unknown, *by, *map, *ontology, *tree,
		*probabilities, *confusion, *json, *output;
	struct opt_list keep_labels;
} o = {.label = "label", .unknown = "Unknown", .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("truth", 0, truth, "COLUMN|FILE",
		 "the true labels: a column, or a TSV by cell, - too"),
	OPT_TEXT("label", 0, label, "COLUMN", "the predicted labels (label)"),
	OPT_TEXT("confidence", 0, confidence, "COLUMN",
		 "how sure a call is (probability, else confidence)"),
	OPT_TEXT("probabilities", 0, probabilities, "FILE",
		 "of every class, a column each: score all of them, too"),
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
	struct judged_cells cells;
	struct novelty_scores strange;
	struct class_scores classes; /* with --probabilities */
	struct group_scores groups;
	struct evaluation *scores;
	struct evaluation *gates[2];
	struct evaluation *common; /* in the true labels' words; NULL without a map */
	struct onto *onto;         /* NULL without a map */
	struct lenient lenient;
	struct tree_scores down; /* with --tree */
};

/* ---- scoring ---- */

static void score_novelty(struct judged *j, const uint32_t *terms)
{
	if (j->cells.novelty)
		j->strange = unseen_scores(&(struct unseen){.known = j->cells.called,
							    .n_names = j->cells.names.n,
							    .truth = j->cells.truth,
							    .novelty = j->cells.novelty,
							    .n_cells = j->cells.n,
							    .onto = j->onto,
							    .terms = terms});
}

static void score_groups(struct judged *j, uint32_t unknown)
{
	group_scores_of(&j->groups,
			&(struct group_cells){.truth = j->cells.truth,
					      .predicted = j->cells.predicted,
					      .confidence = j->cells.confidence,
					      .n = j->cells.n,
					      .names = &j->cells.names,
					      .unknown = unknown},
			j->cells.group, &j->cells.group_names);
}

/* Before the gate as after it, whichever of the labels is scored in full. */
static void score(struct judged *j)
{
	uint32_t unknown = strtab_find(&j->cells.names, o.unknown);

	j->scores = evaluation_new(j->cells.truth, j->cells.predicted, j->cells.confidence,
				   j->cells.n, &j->cells.names, unknown);
	for (int i = 0; i < 2 && j->cells.gated[0]; i++)
		j->gates[i] = evaluation_new(j->cells.truth, j->cells.gated[i], NULL, j->cells.n,
					     &j->cells.names, unknown);
	if (j->cells.group)
		score_groups(j, unknown);
}

static int score_with_ontology(struct judged *j, struct err *err)
{
	char *path = o.ontology ? mem_str(o.ontology) : datadir_find("ontology/cl.tsv", err);
	uint32_t *terms;

	j->onto = path ? onto_read(path, NULL, err) : NULL;
	free(path);
	terms = j->onto ? labelmap_terms(o.map, j->onto, &j->cells.names, err) : NULL;
	if (!terms)
		return -1;
	j->lenient.onto = j->onto;
	for (size_t i = 0; i < j->scores->n_confusion; i++) {
		const struct confusion_cell *c = &j->scores->confusion[i];

		lenient_add(&j->lenient, terms[c->truth], terms[c->predicted], c->n);
	}
	score_novelty(j, terms);
	j->common = vocabulary_evaluate(
		&(struct vocabulary){j->onto, &j->cells.names, terms, j->cells.truth, j->cells.n},
		j->cells.predicted, j->cells.confidence, strtab_find(&j->cells.names, o.unknown));
	free(terms);
	return 0;
}

/* ---- writing ---- */

#define N_ALL (N_FIGURES + 3)

static size_t list_figures(const struct judged *j, struct figure out[N_ALL])
{
	size_t n = evaluation_figures(
		&(struct judgement){.scores = j->scores,
				    .n_without = j->cells.n_without,
				    .gates = {j->gates[0], j->gates[1]},
				    .novelty = j->cells.novelty ? &j->strange : NULL,
				    .classes = o.probabilities ? &j->classes : NULL,
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
	evaluation_put_classes(j->scores, &j->cells.names, w);
	return 0;
}

static int put_confusion(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct judged *j = arg;

	(void)err;
	evaluation_put_confusion(j->scores, &j->cells.names, w);
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
	evaluation_json(j->scores, &j->cells.names, &out);
	if (j->common) {
		json_open_object(&out, "common");
		evaluation_json(j->common, &j->cells.names, &out);
		json_close(&out);
	}
	if (j->cells.group)
		group_scores_json(&j->groups, &out);
	json_close(&out);
	return outfile_commit(file, err);
}

/* By the ids first, where there are any: what text says may be about words alone. */
static void say_accuracy(const struct judged *j)
{
	const struct evaluation *e = j->common ? j->common : j->scores;
	bool shared =
		vocabulary_shared(j->cells.truth, j->cells.predicted, j->cells.n, j->cells.names.n);

	say("%zu cells: accuracy %.4f, macro F1 %.4f, %zu unknown%s", e->n_cells, e->accuracy,
	    e->macro_f1, e->n_unknown,
	    j->common ? " (in the true labels' words, by their ids)" : "");
	if (j->common && shared)
		say("as the words are: accuracy %.4f, macro F1 %.4f", j->scores->accuracy,
		    j->scores->macro_f1);
	else if (j->common)
		say("as the words are none of the labels is a true one");
	else if (!shared)
		warn("none of the labels is a true one: the words differ (--map compares them by "
		     "their ontology ids; cl-map makes it)");
}

static void report(const struct judged *j)
{
	struct figure figures[N_ALL];
	size_t n = list_figures(j, figures);

	for (size_t i = 0; i < n; i++)
		manifest_value(figures[i].name, figures[i].value);
	say_accuracy(j);
	if (j->cells.n_without)
		say("%zu cells have no true label and are left out", j->cells.n_without);
	if (j->gates[0])
		say("before the gate: accuracy %.4f; after it: %zu are %s, accuracy of the others "
		    "%.4f",
		    j->gates[0]->accuracy, j->gates[1]->n_unknown, o.unknown,
		    j->gates[1]->known_accuracy);
	if (j->onto)
		say("by their ids, a descendant of the truth being right: accuracy %.4f",
		    lenient_accuracy(&j->lenient));
}

static void judged_release(struct judged *j)
{
	evaluation_free(j->scores);
	evaluation_free(j->common);
	for (int i = 0; i < 2; i++)
		evaluation_free(j->gates[i]);
	group_scores_release(&j->groups);
	onto_free(j->onto);
	judged_cells_release(&j->cells);
	pool_free(j->pool);
}

/* What the options say of the cells. */
static struct judged_words words(void)
{
	return (struct judged_words){.label = o.label,
				     .truth = o.truth,
				     .confidence = o.confidence,
				     .novelty = o.novelty,
				     .by = o.by,
				     .keep_labels = o.keep_labels.items,
				     .n_keep_labels = o.keep_labels.n};
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct judged j = {0};
	struct judged_words asked;
	struct inputs in;

	tool_begin("evaluate", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (!o.truth)
		die_usage("--truth is needed: a column of the predictions, or a TSV");
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	j.pool = pool_new(tool_threads);
	asked = words();
	if (o.by && judged_is_file(o.by))
		manifest_input(o.by);
	if (judged_cells_read(&j.cells, in.paths[0], &asked, j.pool, &err))
		die_err(&err);

	score(&j);
	if (!o.map)
		score_novelty(&j, NULL);
	if ((o.map && score_with_ontology(&j, &err)) ||
	    (o.tree && tree_scores_of(&j.down, o.tree, j.scores, &j.cells.names, o.unknown, &err)))
		die_err(&err);
	if (o.tree)
		manifest_input(o.tree);
	if (o.probabilities)
		manifest_input(o.probabilities);
	if (o.probabilities && class_scores_read(&j.classes, o.probabilities, &j.cells, &err))
		die_err(&err);
	if (tsv_write_file(o.output, put_scores, &j, &err) ||
	    (o.confusion && tsv_write_file(o.confusion, put_confusion, &j, &err)) ||
	    (o.json && write_json(&j, &err)))
		die_err(&err);
	report(&j);

	judged_release(&j);
	return tool_end();
}
