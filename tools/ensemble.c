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
#include "base/text.h"
#include "base/tool.h"
#include "calls/ensemble_answers.h"
#include "onto/onto_read.h"

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

struct run {
	struct pool *pool;
	size_t rule; /* of rule_names */
	struct ensemble *models;
	struct onto *onto; /* these two NULL unless the rule is ontology */
	struct ensemble_terms *terms;
};

static size_t rule(void)
{
	return opt_choice_of(rule_names, o.rule);
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

/* One scale for all models, and which. */
static int compare(const struct run *e, struct err *err)
{
	enum ensemble_compared by =
		(enum ensemble_compared)opt_choice_of(compared_names, o.compare);
	struct ensemble *p = e->models;
	struct text compared = TEXT_INIT;
	size_t n_without, n_softmax = 0;

	if (ensemble_compare(p, by, &n_without, e->pool, err))
		return -1;
	for (size_t m = 0; m < p->n_models; m++) {
		text_add(&compared, "%s%s: %s", m ? "; " : "", path_file(p->calls[m]->path),
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

static void write_answers(struct run *e)
{
	struct ensemble_answers a = {.models = e->models,
				     .rule = (enum ensemble_rule)e->rule,
				     .terms = e->terms,
				     .onto = e->onto,
				     .unknown = o.unknown,
				     .tells_votes = o.errors >= 0,
				     .pool = e->pool};
	size_t n_cells = ensemble_n_cells(e->models);
	struct err err = ERR_INIT;

	if (ensemble_answers_write(&a, o.output, &err))
		die_err(&err);
	if (e->models->n_models == 1)
		say("one model: its calls of %zu cells stand", n_cells);
	else
		say("%zu models say the same of %zu of %zu cells", e->models->n_models,
		    a.n_unanimous, n_cells);
	if (a.n_none)
		say("%zu cells are %s: no term has enough support", a.n_none, o.unknown);
	manifest_count("cells", n_cells);
	manifest_count("unanimous", a.n_unanimous);
}

static void ensemble_release(struct run *e)
{
	ensemble_terms_free(e->terms);
	onto_free(e->onto);
	ensemble_free(e->models);
	pool_free(e->pool);
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
	e.models = ensemble_gather(paths, n, o.weights, e.pool, &err);
	if (!e.models || (e.rule == ONTOLOGY && read_terms(&e, &err)))
		die_err(&err);
	if (compare(&e, &err))
		die_err(&err);
	weigh(&e, &in);
	write_answers(&e);
	ensemble_release(&e);
	free(paths);
	return tool_end();
}
