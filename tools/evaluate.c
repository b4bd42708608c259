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
#include "calls/evaluation_report.h"
#include "calls/onto_scores.h"
#include "format/tsv.h"
#include "onto/labelmap.h"
#include "onto/onto_read.h"

static struct opts {
	const char *truth, *label, *unknown, *map, *ontology, *confusion, *json, *output;
} o = {.label = "label", .unknown = "Unknown", .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("truth", 0, truth, "COLUMN|FILE", "the true labels: a column, or a TSV by cell"),
	OPT_TEXT("label", 0, label, "COLUMN", "the predicted labels (label)"),
	OPT_TEXT("unknown", 0, unknown, "NAME", "the label that is no answer (Unknown)"),
	OPT_TEXT("map", 0, map, "FILE", "TSV of label and id: score with the ontology, too"),
	OPT_TEXT("ontology", 0, ontology, "FILE", "its terms (ontology/cl.tsv)"),
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
	uint32_t *truth, *predicted; /* labels of cells, as numbers of 'names' */
	struct evaluation *scores;
	struct onto *onto; /* NULL without a map */
	struct lenient lenient;
};

/* ---- reading ---- */

static int read_labels(struct judged *j, struct err *err)
{
	if (j->calls->n == 0)
		return err_set(err, "%s: there are no cells in it", j->calls->path);
	MEM_ARRAY(j->truth, j->calls->n);
	MEM_ARRAY(j->predicted, j->calls->n);
	if (calls_table_number(j->calls, o.label, j->pool, &j->names, j->predicted, err))
		return -1;
	return access(o.truth, F_OK) == 0
		       ? calls_table_join(j->calls, o.truth, &j->names, j->truth, err)
		       : calls_table_number(j->calls, o.truth, j->pool, &j->names, j->truth, err);
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
	free(terms);
	return 0;
}

/* ---- writing ---- */

struct figure {
	const char *name;
	double value;
};

#define N_FIGURES 12

static size_t list_figures(const struct judged *j, struct figure out[N_FIGURES])
{
	const struct evaluation *e = j->scores;
	const struct figure plain[] = {
		{"cells", (double)e->n_cells},
		{"unknown", (double)e->n_unknown},
		{"accuracy", e->accuracy},
		{"known_accuracy", e->known_accuracy},
		{"balanced_accuracy", e->balanced_accuracy},
		{"macro_f1", e->macro_f1},
		{"weighted_f1", e->weighted_f1},
		{"calibration_error", e->calibration_error},
	};
	const struct figure with_ontology[] = {
		{"lenient_accuracy", lenient_accuracy(&j->lenient)},
		{"hierarchical_precision", lenient_precision(&j->lenient)},
		{"hierarchical_recall", lenient_recall(&j->lenient)},
		{"hierarchical_f", lenient_f(&j->lenient)},
	};
	size_t n = ARRAY_LEN(plain);

	memcpy(out, plain, sizeof(plain));
	if (j->onto) {
		memcpy(out + n, with_ontology, sizeof(with_ontology));
		n += ARRAY_LEN(with_ontology);
	}
	return n;
}

static int put_scores(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct judged *j = arg;
	struct figure figures[N_FIGURES];
	size_t n = list_figures(j, figures);

	(void)err;
	tsv_header(w, "what\tclass\tvalue");
	for (size_t i = 0; i < n; i++)
		evaluation_put_figure(w, figures[i].name, "", figures[i].value);
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
	struct figure figures[N_FIGURES];
	size_t n = list_figures(j, figures);
	struct json out;

	if (!file)
		return -1;
	out = json_start(outfile_stream(file));
	json_object(&out, NULL);
	json_str(&out, "label", o.label);
	for (size_t i = 0; i < n; i++)
		json_double(&out, figures[i].name, figures[i].value);
	evaluation_json(j->scores, &j->names, &out);
	json_close(&out);
	return outfile_commit(file, err);
}

static void report(const struct judged *j)
{
	struct figure figures[N_FIGURES];
	size_t n = list_figures(j, figures);

	for (size_t i = 0; i < n; i++)
		manifest_value(figures[i].name, figures[i].value);
	say("%zu cells: accuracy %.4f, macro F1 %.4f, %zu unknown", j->scores->n_cells,
	    j->scores->accuracy, j->scores->macro_f1, j->scores->n_unknown);
	if (j->onto)
		say("by their ids, a descendant of the truth being right: accuracy %.4f",
		    lenient_accuracy(&j->lenient));
}

static void judged_release(struct judged *j)
{
	evaluation_free(j->scores);
	onto_free(j->onto);
	calls_table_free(j->calls);
	pool_free(j->pool);
	strtab_release(&j->names);
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

	j.scores = evaluation_new(j.truth, j.predicted,
				  j.calls->has_confidence ? j.calls->confidence : NULL, j.calls->n,
				  &j.names, strtab_find(&j.names, o.unknown));
	if (o.map && score_with_ontology(&j, &err))
		die_err(&err);
	if (tsv_write_file(o.output, put_scores, &j, &err) ||
	    (o.confusion && tsv_write_file(o.confusion, put_confusion, &j, &err)) ||
	    (o.json && write_json(&j, &err)))
		die_err(&err);
	report(&j);

	judged_release(&j);
	return tool_end();
}
