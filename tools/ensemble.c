/* ensemble - one answer per cell from several models, and how much they disagree.
 *
 * Reads predictions TSVs of the same cells, writes one in the order of the first; tables without a
 * byte are of models that were passed over, and are too. Ontology ids that the calls bring go
 * along with the labels. Memory is the tables and about 50 bytes per cell and model.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/fd.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "calls/calls.h"
#include "calls/ensemble_terms.h"
#include "onto/onto_read.h"

#define HEADER CALLS_HEADER "\tagree\tmodels\tdisagreement"
#define ONTOLOGY (ENSEMBLE_VOTE + 1) /* the rule that is not one of the ensemble's own */

static struct opts {
	const char *rule, *compare, *weights, *map, *ontology, *unknown, *output;
	double quorum;
	int64_t errors;
	struct opt_list weighed;
} o = {.rule = "max",
       .compare = "auto",
       .unknown = "Unknown",
       .output = "-",
       .quorum = 0.5,
       .errors = -1};

static const char *const rule_names[] = {[ENSEMBLE_MAX] = "max",
					 [ENSEMBLE_MEAN] = "mean",
					 [ENSEMBLE_VOTE] = "vote",
					 [ONTOLOGY] = "ontology",
					 NULL};

static const char *const compared_names[] = {[COMPARE_AUTO] = "auto",
					     [COMPARE_CONFIDENCE] = "confidence",
					     [COMPARE_PROBABILITY] = "probability",
					     NULL};

static const struct opt options[] = {
	OPT_CHOICE("rule", 0, rule, "RULE", "max, mean, vote or ontology (max)", rule_names),
	OPT_CHOICE("compare", 0, compare, "WHAT",
		   "how sure models are by: auto, probability or confidence (auto)",
		   compared_names),
	OPT_TEXT("weights", 0, weights, "FILE", "TSV of model and weight (all 1)"),
	OPT_LIST("weight", 0, weighed, "MODEL=W", "the same for one model, or one table"),
	OPT_TEXT("map", 0, map, "FILE",
		 "ontology: cl-map's TSV of label and id, for calls without a cl_id"),
	OPT_FLOAT("quorum", 0, quorum, "SHARE",
		  "ontology: of the weight, a term must have more than this (0.5)"),
	OPT_INT("errors", 0, errors, "N",
		"ontology: the deepest term that all models but N support, as popV"),
	OPT_TEXT("ontology", 0, ontology, "FILE", "ontology: its terms (ontology/cl.tsv)"),
	OPT_TEXT("unknown", 0, unknown, "NAME",
		 "ontology: the label of cells nothing is agreed on for (Unknown)"),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "one answer per cell from several models",
	.synopsis = "[OPTIONS] CALLS.tsv... [-o OUTPUT.tsv]",
	.options = options,
	.max_inputs = SIZE_MAX,
	.details = "max       the surest call, the first table's on ties\n"
		   "mean      the label that is surest on the average over all models\n"
		   "vote      the label most models give, then as mean\n"
		   "ontology  the most specific Cell Ontology term that most models support",
};

/* Columns of the chosen call that go along; the last ones only when a table has them. */
#define N_ALONG 33
#define N_ALWAYS 4
/* clang-format off */
static const char *const along[N_ALONG] = {
	"margin", "second", "entropy", "model", "n_counts", "n_genes", "confidence_needed",
	"probability", "probability_raw", "p_score", "p_distance", "novelty", "explained", "above",
	"link", "label_2", "confidence_2", "label_3", "confidence_3", "label_4", "confidence_4",
	"label_5", "confidence_5", "label_6", "confidence_6", "label_7", "confidence_7", "label_8",
	"confidence_8", "label_9", "confidence_9", "label_10", "confidence_10",
};
/* clang-format on */

struct run {
	struct pool *pool, *single, *writers; /* all threads, one, and those that may write */
	int rule;
	struct ensemble *models;
	size_t (*along)[N_ALONG]; /* per model: its columns */
	bool goes_along[N_ALONG];
	struct onto *onto; /* these two NULL unless the rule is ontology */
	struct ensemble_terms *terms;
	size_t *ids; /* per model: its column cl_id; NULL when no table has one */
	_Atomic size_t n_unanimous, n_none;
};

static int number_of(const char *const *names, const char *name)
{
	int i = 0;

	while (!str_eq(names[i], name))
		i++;
	return i;
}

static int rule(void)
{
	return number_of(rule_names, o.rule);
}

static int read_terms(struct run *e, struct err *err)
{
	char *path = o.ontology ? mem_str(o.ontology) : datadir_find("ontology/cl.tsv", err);
	size_t without;

	e->onto = path ? onto_read(path, NULL, err) : NULL;
	free(path);
	e->terms = e->onto ? ensemble_terms_read(e->models, e->onto, o.map, o.quorum, err) : NULL;
	if (!e->terms)
		return -1;
	if (o.errors >= 0)
		ensemble_terms_allow(e->terms, (size_t)o.errors);
	without = ensemble_terms_n_without(e->terms);
	if (without)
		say("%zu %s have no ontology id and support nothing", without,
		    o.map ? "labels" : "calls");
	manifest_count("without_id", without);
	return 0;
}

/* ---- writing ---- */

static void find_ids(struct run *e)
{
	bool any = false;

	MEM_ARRAY(e->ids, e->models->n_models);
	for (size_t m = 0; m < e->models->n_models; m++) {
		e->ids[m] = table_column(e->models->calls[m]->table, "cl_id");
		any |= e->ids[m] != SIZE_MAX;
	}
	if (!any) {
		free(e->ids);
		e->ids = NULL;
	}
}

static void find_along(struct run *e)
{
	MEM_ARRAY(e->along, e->models->n_models);
	for (size_t m = 0; m < e->models->n_models; m++) {
		for (size_t i = 0; i < ARRAY_LEN(along); i++) {
			e->along[m][i] = table_column(e->models->calls[m]->table, along[i]);
			e->goes_along[i] |= i < N_ALWAYS || e->along[m][i] != SIZE_MAX;
		}
	}
}

/* One scale for all models, and which. */
static int compare(const struct run *e, struct err *err)
{
	enum ensemble_compared by = (enum ensemble_compared)number_of(compared_names, o.compare);
	struct ensemble *p = e->models;
	struct text compared = TEXT_INIT;
	size_t n_without, n_softmax = 0;

	if (ensemble_compare(p, by, &n_without, e->pool, err))
		return -1;
	for (size_t m = 0; m < p->n_models; m++) {
		const char *path = p->calls[m]->path, *slash = strrchr(path, '/');

		text_add(&compared, "%s%s: %s", m ? "; " : "", slash ? slash + 1 : path,
			 p->sure_by[m]);
		n_softmax += table_column(p->calls[m]->table, "link") != SIZE_MAX;
	}
	manifest_decision("compared", "%s", compared.s);
	text_release(&compared);
	if (n_without && n_without < p->n_models)
		warn("%zu of %zu tables have no probability: their confidence is taken for one "
		     "(lr-predict writes it)",
		     n_without, p->n_models);
	if (by == COMPARE_CONFIDENCE && n_softmax && n_softmax < p->n_models)
		warn("%zu of %zu models are softmax, the others one-versus-rest: their confidences "
		     "are not one scale, and one kind wins most cells (--compare probability)",
		     n_softmax, p->n_models);
	return 0;
}

/* The id of a call that was chosen: its own, or that of another model's same label. */
static const char *id_of_call(const struct run *e, size_t cell, const struct ensemble_call *v)
{
	const char *id = "";

	for (size_t i = 0; i <= e->models->n_models && !*id; i++) {
		size_t m = i ? i - 1 : v->model, row = ensemble_row(e->models, m, cell);
		const struct calls_table *calls = e->models->calls[m];

		if (e->ids[m] != SIZE_MAX && e->models->labels[m][calls->labels[row]] == v->label)
			id = table_field(calls->table, row, e->ids[m]);
	}
	return id;
}

static void put_along(struct tsv_writer *w, const struct run *e, const struct ensemble_call *v,
		      size_t from, size_t to)
{
	const struct table *t = e->models->calls[v->model]->table;
	double number;

	for (size_t i = from; i < to; i++) {
		size_t column = e->along[v->model][i];
		const char *value = "";

		if (!e->goes_along[i])
			continue;
		if (column != SIZE_MAX)
			value = table_field(t, v->row, column);
		else if (str_eq(along[i], "model"))
			value = t->path;
		if (e->models->is_mixed && str_starts(along[i], "confidence_") &&
		    parse_double(value, &number))
			tsv_put_float(w, ensemble_rescaled(e->models, v, number));
		else
			tsv_put(w, value);
	}
}

static void put_call(struct tsv_writer *w, const struct run *e, size_t cell,
		     const struct ensemble_call *v, const char *label)
{
	tsv_put(w, calls_table_cell(e->models->calls[0], cell));
	tsv_put(w, label);
	tsv_put_float(w, v->confidence);
	put_along(w, e, v, 0, N_ALWAYS);
	tsv_put_size(w, v->agree);
	tsv_put_size(w, e->models->n_models);
	tsv_put_float(w, v->disagreement);
	put_along(w, e, v, N_ALWAYS, N_ALONG);
}

static void put_cell(struct tsv_writer *w, void *arg, size_t cell)
{
	struct run *e = arg;
	struct ensemble_call v;
	uint32_t term = ONTO_NONE;

	if (e->terms) {
		v = ensemble_agree(e->models, e->terms, cell, &term);
		put_call(w, e, cell, &v,
			 term == ONTO_NONE ? o.unknown : e->onto->terms[term].label);
		tsv_put(w, term == ONTO_NONE ? "" : e->onto->terms[term].id);
		if (o.errors >= 0) {
			tsv_put_size(w, v.agree);
			tsv_put_size(w, ensemble_terms_voters(e->terms));
		}
	} else {
		v = ensemble_decide(e->models, (enum ensemble_rule)e->rule, cell);
		put_call(w, e, cell, &v, strtab_str(&e->models->label_names, v.label));
		if (e->ids)
			tsv_put(w, id_of_call(e, cell, &v));
	}
	e->n_unanimous += v.agree == e->models->n_models;
	e->n_none += v.agree == 0;
}

static int put_cells(struct tsv_writer *w, void *arg, struct err *err)
{
	struct run *e = arg;
	size_t n_cells = ensemble_n_cells(e->models);

	(void)err;
	tsv_put_columns(w, HEADER);
	for (size_t i = N_ALWAYS; i < N_ALONG; i++)
		if (e->goes_along[i])
			tsv_put(w, along[i]);
	if (e->terms || e->ids)
		tsv_put(w, "cl_id");
	if (e->terms && o.errors >= 0)
		tsv_put_columns(w, "votes\tvoters");
	tsv_end_row(w);
	tsv_put_rows(w, e->writers, n_cells, put_cell, e);
	say("%zu models say the same of %zu of %zu cells", e->models->n_models, e->n_unanimous,
	    n_cells);
	if (e->n_none)
		say("%zu cells are %s: no term has enough support", e->n_none, o.unknown);
	manifest_count("cells", n_cells);
	manifest_count("unanimous", e->n_unanimous);
	return 0;
}

static void ensemble_release(struct run *e)
{
	ensemble_terms_free(e->terms);
	onto_free(e->onto);
	ensemble_free(e->models);
	pool_free(e->pool);
	pool_free(e->single);
	free(e->along);
	free(e->ids);
}

/* The tables that have calls: *n of them. The caller frees. */
static const char **tables_with_calls(const struct inputs *in, size_t *n)
{
	const char **paths = mem_alloc(MAX(in->n, 1), sizeof(*paths));

	*n = 0;
	for (size_t i = 0; i < MAX(in->n, 1); i++) {
		manifest_input(in->paths[i]);
		if (!file_is_empty(in->paths[i]))
			paths[(*n)++] = in->paths[i];
	}
	if (!*n)
		refuse("every model was skipped: none knows enough of the genes (train one on the "
		       "genes of the query: references: and panel: in the config)");
	return paths;
}

static void check_usage(void)
{
	if (!(o.quorum >= 0 && o.quorum < 1))
		die_usage("--quorum %g: a share from 0 to below 1", o.quorum);
	if (o.errors >= 0 && rule() != ONTOLOGY)
		die_usage("--errors is for --rule ontology");
	if (o.errors >= 0 && (o.weights || o.weighed.n))
		die_usage("--errors counts models: --weights has no say");
	if (o.map && rule() != ONTOLOGY)
		die_usage("--map is for --rule ontology");
}

/* A table that was passed over has no say, whatever its weight. */
static void weigh(struct run *e, const struct inputs *in)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < o.weighed.n; i++) {
		const char *weight = o.weighed.items[i];
		int unknown = ensemble_weigh(e->models, weight, &err);

		if (unknown < 0)
			die_err(&err);
		for (size_t k = 0; k < in->n && unknown; k++)
			unknown = strncmp(weight, in->paths[k], strlen(in->paths[k])) != 0;
		if (unknown)
			die("--weight %s: no table is of that model", weight);
	}
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run e = {0};
	struct inputs in;
	const char **paths;
	size_t n;

	tool_begin("ensemble", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_usage();
	paths = tables_with_calls(&in, &n);
	manifest_output(o.output);
	manifest_decision("rule", "%s", o.rule);
	e.rule = rule();
	e.pool = pool_new(tool_threads);
	e.single = pool_new(1);
	e.writers = e.rule == ONTOLOGY ? e.single : e.pool; /* ensemble_agree is not for threads */
	e.models = ensemble_gather(paths, n, o.weights, e.pool, &err);
	if (!e.models || (e.rule == ONTOLOGY && read_terms(&e, &err)))
		die_err(&err);
	if (compare(&e, &err))
		die_err(&err);
	weigh(&e, &in);
	find_along(&e);
	find_ids(&e);
	if (tsv_write_file(o.output, put_cells, &e, &err))
		die_err(&err);

	ensemble_release(&e);
	free(paths);
	return tool_end();
}
