/* lr-model - look into a logistic model and make others from it.
 *
 * Reads a model (lr-train's .h5 or CellTypist's .pkl). info, classes, genes, markers and diff write
 * text; import, export, subset and convert write a model in the format that the output's name asks
 * for. The same model gives the same bytes.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/text.h"
#include "base/tool.h"
#include "model/approve.h"
#include "model/describe.h"
#include "model/edit.h"
#include "model/model_file.h"
#include "train/relearn.h"

static struct opts {
	struct opt_list classes, keep, drop;
	const char *map, *from, *how, *genes, *report, *label, *slot, *output;
	size_t top, n_factors;
	bool by_size;
} o = {.map = "human-mouse",
       .how = "one",
       .slot = "auto",
       .output = "-",
       .top = 10,
       .n_factors = 100};

static const char *const hows[] = {[CONVERT_ONE_TO_ONE] = "one",
				   [CONVERT_AVERAGE] = "average",
				   [CONVERT_FIRST] = "first",
				   NULL};
static const char *const gene_ways[] = {"approved", NULL};
static const char *const sides[] = {"1", "2", NULL};

static const struct opt options[] = {
	OPT_LIST("class", 'c', classes, "LABEL", "markers: of this class only"),
	OPT_SIZE("top", 'n', top, "N", "markers: how many per class (10)"),
	OPT_FLAG("by-size", 0, by_size, "markers: by the coefficient's size, negative ones too"),
	OPT_LIST("keep", 'k', keep, "LABEL", "subset: keep this class"),
	OPT_LIST("drop", 'd', drop, "LABEL", "subset: leave this class out"),
	OPT_TEXT("map", 'm', map, "FILE", "convert: two columns of names (human-mouse, built in)"),
	OPT_CHOICE("from", 0, from, "COLUMN", "convert: the column with the model's names: 1, 2",
		   sides),
	OPT_CHOICE("how", 0, how, "HOW", "convert: pairs 1:1 only, or: one, average, first (one)",
		   hows),
	OPT_CHOICE("genes", 0, genes, "HOW",
		   "import: to approved symbols, as gene-normalize does: approved", gene_ways),
	OPT_TEXT("report", 0, report, "FILE", "import: with --genes, write what each became"),
	OPT_TEXT("label", 'l', label, "COLUMN", "calibrate: obs column of labels"),
	OPT_SIZE("factors", 0, n_factors, "N", "learn-factors: at most so many (100)"),
	OPT_TEXT("slot", 0, slot, "SLOT", "learn-factors, calibrate: matrix to read (auto)"),
	OPT_THREADS,
	OPT_TEXT("output", 'o', output, "FILE",
		 "text or model: .h5, .pkl (CellTypist), .tsv (standard output)"),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "look into a logistic model and make others from it",
	.synopsis = "VERB [OPTIONS] MODEL [MODEL]",
	.options = options,
	.max_inputs = SIZE_MAX,
	.details =
		"Verbs: info, classes, genes, markers, diff (of two models); learn-factors (from\n"
		"h5ads), calibrate (on a labelled h5ad); subset, convert (to another species or\n"
		"other names), import, export (from one format to another).",
};

/* ---- writing ---- */

static void write_model(const struct model *m)
{
	bool text = str_ends(o.output, ".tsv") || str_ends(o.output, ".tsv.gz");
	struct err err = ERR_INIT;

	manifest_output(o.output);
	manifest_count("classes", m->n_classes);
	manifest_count("genes", m->n_genes);
	if (str_ends(o.output, ".pkl") && m->loss == LOSS_SOFTMAX)
		warn("a softmax model: CellTypist will give the same labels, but takes the sigmoid "
		     "of every score as its probability");
	if (text ? describe_coefficients(m, o.output, &err) : model_write(m, o.output, &err))
		die_err(&err);
}

/* ---- verbs ---- */

/* Per class: is it one of those to keep, or of all, and not of those to drop? */
static bool *choose(const struct model *m, const struct opt_list *keep, const struct opt_list *drop)
{
	struct err err = ERR_INIT;
	bool *chosen = mem_alloc(m->n_classes, sizeof(*chosen));

	memset(chosen, !keep->n, m->n_classes);
	if (model_choose(m, keep->items, keep->n, true, chosen, &err) ||
	    (drop && model_choose(m, drop->items, drop->n, false, chosen, &err)))
		die("%s (lr-model classes lists them)", err.text);
	return chosen;
}

static void do_markers(const struct model *m)
{
	bool *wanted = choose(m, &o.classes, NULL);
	struct outfile *out = tool_open(o.output);

	fputs("label\trank\tgene\tcoef\n", outfile_stream(out));
	for (size_t c = 0; c < m->n_classes; c++) {
		if (wanted[c])
			describe_markers(m, c, o.top, o.by_size, outfile_stream(out));
	}
	free(wanted);
	tool_commit(out);
}

static void do_subset(const struct model *m)
{
	struct err err = ERR_INIT;
	struct model *to;
	bool *keep;

	if (!o.keep.n && !o.drop.n)
		die_usage("which classes? (--keep LABEL or --drop LABEL)");
	keep = choose(m, &o.keep, &o.drop);
	to = model_subset(m, keep, &err);
	if (!to)
		die_err(&err);
	say("%zu of %zu classes", to->n_classes, m->n_classes);
	if (m->landmarks)
		warn("landmarks are of all classes and stay behind: there is no novelty (lr-train "
		     "on the cells that are wanted)");
	write_model(to);
	model_free(to);
	free(keep);
}

static void do_convert(const struct model *m)
{
	struct err err = ERR_INIT;
	bool built_in = str_eq(o.map, "human-mouse");
	char *path =
		built_in ? datadir_find("refs/genes/human_mouse.tsv.gz", &err) : mem_str(o.map);
	struct orthologs *table = path ? orthologs_read(path, &err) : NULL;
	enum convert_how how = (enum convert_how)opt_choice_of(hows, o.how);
	struct model *to =
		table ? model_convert(m, table, o.from ? o.from[0] - '1' : -1, how, &err) : NULL;

	if (!to)
		die_err(&err);
	say("%zu genes from %zu", to->n_genes, m->n_genes);
	write_model(to);
	model_free(to);
	orthologs_free(table);
	free(path);
}

static void import_approved(const struct model *m)
{
	struct gene_tables tables = {.alias = NULL};
	struct approval approval = {.rules = NULL};
	struct gene_renames renames;
	struct err err = ERR_INIT;
	struct model *to = NULL;

	if (gene_tables_read(&tables, NULL, NULL, &err) == 0)
		to = model_approve(m, &tables, &approval, &err);
	if (err_is_set(&err))
		die_err(&err);
	renames = (struct gene_renames){.before = m->genes,
					.after = approval.names.s,
					.rules = approval.rules,
					.n = m->n_genes};
	if (o.report && gene_renames_write(&renames, o.report, &err))
		die_err(&err);
	if (o.report)
		manifest_output(o.report);
	say("%zu of %zu genes have another name now", approval.n_changed, m->n_genes);
	write_model(to ? to : m);
	model_free(to);
	approval_release(&approval);
	gene_tables_release(&tables);
}

static void do_import(const struct model *m)
{
	if (o.genes)
		import_approved(m);
	else
		write_model(m);
}

static void do_diff(const struct model *a, const struct model *b)
{
	struct outfile *out = tool_open(o.output);

	describe_difference(a, b, outfile_stream(out));
	tool_commit(out);
}

/* ---- annexes ---- */

static void report_relearned(const struct relearning *r, const char *what)
{
	say("%s from %zu cells", what, r->n_cells);
	manifest_count("cells", r->n_cells);
	write_model(r->model);
}

static void learn_factors(struct model *m, const struct inputs *in)
{
	struct relearning r = {.model = m, .slot = o.slot, .pool = pool_new(tool_threads)};
	struct err err = ERR_INIT;

	for (size_t i = 2; i < in->n; i++)
		manifest_input(in->paths[i]);
	if (relearn_factors(&r, in->paths + 2, in->n - 2, o.n_factors, &err))
		die_err(&err);
	say("%zu of %zu genes of the model are there", r.n_genes, m->n_genes);
	report_relearned(&r, "factors");
	pool_free(r.pool);
}

static void calibrate(struct model *m, const struct inputs *in)
{
	struct relearning r = {.model = m, .slot = o.slot, .pool = pool_new(tool_threads)};
	struct err err = ERR_INIT;

	manifest_input(in->paths[2]);
	if (relearn_calibration(&r, in->paths[2], o.label, &err))
		die_err(&err);
	report_relearned(&r, "calibration");
	pool_free(r.pool);
}

/* ---- main ---- */

/* What writes text of a model, what acts on one, and diff, which takes two. */
static const struct verb {
	const char *name;
	void (*describe)(const struct model *m, FILE *out);
	void (*act)(const struct model *m);
	void (*learn)(struct model *m, const struct inputs *in); /* from files after the model's */
} verbs[] = {
	{"info", describe_model, NULL, NULL},
	{"classes", describe_classes, NULL, NULL},
	{"genes", describe_genes, NULL, NULL},
	{"markers", NULL, do_markers, NULL},
	{"subset", NULL, do_subset, NULL},
	{"convert", NULL, do_convert, NULL},
	{"import", NULL, do_import, NULL},
	{"export", NULL, write_model, NULL},
	{"diff", NULL, NULL, NULL},
	{"learn-factors", NULL, NULL, learn_factors},
	{"calibrate", NULL, NULL, calibrate},
};

static bool takes_two(const struct verb *v)
{
	return !v->describe && !v->act && !v->learn;
}

static struct model *read_model(const char *path)
{
	struct err err = ERR_INIT;
	struct model *m = model_read(path, &err);

	if (!m)
		die_err(&err);
	manifest_input(path);
	return m;
}

static void check_verb(const struct verb *v, const struct inputs *in)
{
	bool any = str_eq(v->name, "learn-factors");

	if (v->learn && (in->n < 3 || (in->n > 3 && !any)))
		die_usage("%s needs a model and %s", v->name,
			  any ? "h5ads to learn from" : "one labelled h5ad");
	if (str_eq(v->name, "calibrate") && !o.label)
		die_usage("which labels? (--label COLUMN)");
	if (v->learn && str_ends(o.output, ".pkl"))
		die_usage("a pickle has no place for what is learnt (-o FILE.h5)");
	if (!o.n_factors)
		die_usage("--factors 0: at least one");
	if (!v->learn && in->n != (takes_two(v) ? 3 : 2))
		die_usage("%s needs %s", v->name, takes_two(v) ? "two models" : "one model");
	if ((o.genes && !str_eq(v->name, "import")) || (o.report && !o.genes))
		die_usage("--genes is for import, and --report for --genes");
	if (str_eq(v->name, "export") && str_eq(o.output, "-"))
		die_usage("export needs a name that says the format (-o FILE.pkl or FILE.tsv)");
}

static void do_verb(const struct verb *v, const struct inputs *in)
{
	struct model *m = read_model(in->paths[1]), *other = NULL;
	struct outfile *out;

	if (v->describe) {
		out = tool_open(o.output);
		v->describe(m, outfile_stream(out));
		tool_commit(out);
	} else if (v->act) {
		v->act(m);
	} else if (v->learn) {
		v->learn(m, in);
	} else {
		other = read_model(in->paths[2]);
		do_diff(m, other);
	}
	model_free(other);
	model_free(m);
}

int main(int argc, char **argv)
{
	const struct verb *verb;
	struct inputs in;

	tool_begin("lr-model", argc, argv);
	in = opt_parse(&usage, argc, argv);
	verb = &verbs[opt_verb(&in, verbs, ARRAY_LEN(verbs), sizeof(*verbs))];
	check_verb(verb, &in);
	do_verb(verb, &in);
	return tool_end();
}
