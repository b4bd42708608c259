/* report - a page about a run: what was typed, how surely, and how it was done.
 *
 * Reads the final tables of calls, one per query, and whatever else it is given (manifests,
 * h5ads, evaluations, a model), and writes one HTML page that needs nothing beside it. The same
 * inputs give the same page. Memory grows with the labels; with --h5ad by about 200 bytes a cell.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/tool.h"
#include "model/model_file.h"
#include "onto/onto_read.h"
#include "report/agreement.h"
#include "report/multiqc.h"
#include "report/rollup.h"
#include "report/sections.h"

static struct opts {
	const char *run, *title, *batch, *model, *ontology, *multiqc, *output;
	struct opt_list h5ads, evals, label_markers, verdicts, proposals, judged, domains;
	size_t markers;
} o = {.title = "Pipette", .markers = 10, .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("run", 0, run, "FOLDER", "show the steps that FOLDER/manifests tells of"),
	OPT_TEXT("title", 0, title, "NAME", "heading of the page (Pipette)"),
	OPT_LIST("h5ad", 0, h5ads, "FILE", "the query's file: a picture of its cells"),
	OPT_TEXT("batch", 0, batch, "COLUMN", "of the h5ads' obs: labels by batch"),
	OPT_LIST("eval", 0, evals, "FILE", "what evaluate --json wrote of it"),
	OPT_LIST("label-markers", 0, label_markers, "FILE", "what markers wrote of its labels"),
	OPT_LIST("verdicts", 0, verdicts, "FILE", "what marker-check wrote of its labels"),
	OPT_LIST("proposals", 0, proposals, "FILE", "what llm-annotate wrote of its labels"),
	OPT_LIST("judged", 0, judged, "FILE", "what marker-check wrote of those proposals"),
	OPT_LIST("domains", 0, domains, "FILE", "its domains (overcluster), drawn in space"),
	OPT_TEXT("model", 0, model, "FILE", "show the top genes of this model's labels"),
	OPT_SIZE("markers", 0, markers, "N", "how many genes for each label (10)"),
	OPT_TEXT("ontology", 0, ontology, "FILE", "its terms (ontology/cl.tsv)"),
	OPT_TEXT("multiqc", 0, multiqc, "DIR", "write files for MultiQC there, too"),
	OPT_OUTPUT(output),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "a page about a run: what was typed, how surely, and how it was done",
	.synopsis = "[OPTIONS] CALLS.tsv... [-o REPORT.html]",
	.options = options,
	.max_inputs = SIZE_MAX,
	.details = "Options that take a file of a query are given once for every table, in the "
		   "same order.",
};

struct job {
	struct query_summary **queries;
	struct scatter **scatters; /* NULL where there is no h5ad */
	struct space {             /* the same in the tissue, where it has positions */
		struct scatter *labels, *domains;
		struct query_summary *of;
	} * spaces;
	struct query_evidence *evidence;
	struct agreement *pairs; /* of models, by query */
	struct eval **evals;
	size_t n, n_evals;
	struct run_log *run;
	struct model *model;
	struct onto *onto; /* when a table has ids */
};

static int watch_cell(void *arg, size_t row, const char *cell, uint32_t label, struct err *err)
{
	return scatter_cell(arg, row, cell, label, err);
}

static int watch_both(void *arg, size_t row, const char *cell, uint32_t label, struct err *err)
{
	struct scatter *const *both = arg;

	return scatter_cell(both[0], row, cell, label, err) ||
			       scatter_cell(both[1], row, cell, label, err)
		       ? -1
		       : 0;
}

static const char *watch_batch(void *arg, size_t row)
{
	struct scatter *const *both = arg;

	return scatter_batch(both[0], row);
}

/* Where the domains are, of a file with positions. */
static int read_domains(struct space *space, size_t i, struct err *err)
{
	struct query_watch watch = {.cell = watch_cell};

	manifest_input(o.domains.items[i]);
	space->of = query_new(o.domains.items[i]);
	space->domains = scatter_open(o.h5ads.items[i], SCATTER_IN_SPACE, NULL, err);
	watch.arg = space->domains;
	if (!space->domains || query_read_clusters(space->of, &watch, err))
		return -1;
	return scatter_done(space->domains, err);
}

static int read_query(struct job *j, size_t i, struct err *err)
{
	struct query_watch watch = {.cell = watch_both, .batch = o.batch ? watch_batch : NULL};
	struct scatter *both[2];

	if (i >= o.h5ads.n)
		return query_read(j->queries[i], NULL, err);
	manifest_input(o.h5ads.items[i]);
	both[0] = j->scatters[i] = scatter_open(o.h5ads.items[i], SCATTER_EMBEDDED, o.batch, err);
	both[1] = j->spaces[i].labels =
		both[0] ? scatter_open(o.h5ads.items[i], SCATTER_IN_SPACE, NULL, err) : NULL;
	watch.arg = both;
	if (!both[1] || query_read(j->queries[i], &watch, err) || scatter_done(both[0], err) ||
	    scatter_done(both[1], err))
		return -1;
	return i < o.domains.n ? read_domains(&j->spaces[i], i, err) : 0;
}

static const char *file_of(const struct opt_list *list, size_t i)
{
	if (i >= list->n)
		return NULL;
	manifest_input(list->items[i]);
	return list->items[i];
}

static int read_evidence(struct job *j, size_t i, struct err *err)
{
	struct evidence_files files = {file_of(&o.label_markers, i), file_of(&o.verdicts, i),
				       file_of(&o.proposals, i), file_of(&o.judged, i)};

	return query_evidence_read(&j->evidence[i], &files, err);
}

static int read_queries(struct job *j, const struct inputs *in, struct err *err)
{
	j->n = MAX(in->n, 1);
	MEM_ZERO(j->queries, j->n);
	MEM_ZERO(j->scatters, j->n);
	MEM_ZERO(j->spaces, j->n);
	MEM_ZERO(j->evidence, j->n);
	for (size_t i = 0; i < j->n; i++) {
		manifest_input(in->paths[i]);
		j->queries[i] = query_new(in->paths[i]);
		if (!query_is_not_typed(j->queries[i]) &&
		    (read_query(j, i, err) || read_evidence(j, i, err)))
			return -1;
	}
	return 0;
}

static int read_ontology(struct job *j, struct err *err)
{
	bool ids = false;
	char *path;

	for (size_t i = 0; i < j->n; i++)
		ids |= j->queries[i]->has_ids;
	if (!ids)
		return 0;
	path = o.ontology ? mem_str(o.ontology) : datadir_find("ontology/cl.tsv", err);
	j->onto = path ? onto_read(path, NULL, err) : NULL;
	free(path);
	return j->onto ? 0 : -1;
}

static int read_rest(struct job *j, struct err *err)
{
	MEM_ZERO(j->evals, o.evals.n + 1);
	for (; j->n_evals < o.evals.n; j->n_evals++) {
		manifest_input(o.evals.items[j->n_evals]);
		if (j->n_evals < j->n && j->queries[j->n_evals]->not_typed)
			continue;
		j->evals[j->n_evals] = eval_read(o.evals.items[j->n_evals], err);
		if (!j->evals[j->n_evals])
			return -1;
	}
	if (o.model) {
		manifest_input(o.model);
		j->model = model_read(o.model, err);
	}
	if (o.run)
		j->run = run_log_read(o.run, err);
	MEM_ZERO(j->pairs, j->n);
	for (size_t i = 0; !err_is_set(err) && i < j->n; i++)
		if (!j->queries[i]->not_typed &&
		    agreement_read(&j->pairs[i], j->run, j->queries[i], err))
			return -1;
	return err_is_set(err) ? -1 : read_ontology(j, err);
}

/* The cells where they are alike; and where they are, unless that is the same picture. */
static void put_pictures(struct page *p, const struct job *j, size_t i)
{
	const struct scatter *s = j->scatters[i];
	const struct space *space = &j->spaces[i];
	bool twice = s && s->basis && str_eq(s->basis, "spatial");

	if (!twice)
		section_scatter(p, j->queries[i], s, "Cells");
	section_scatter(p, j->queries[i], space->labels, twice ? "Cells" : "Cells in the tissue");
	if (space->of)
		section_scatter(p, space->of, space->domains, "Domains of the tissue");
}

static void put_query(struct page *p, const struct job *j, size_t i)
{
	const struct query_summary *q = j->queries[i];
	char id[32];

	snprintf(id, sizeof(id), "q%zu", i + 1);
	page_section(p, 2, id, q->name);
	if (q->not_typed) {
		page_raw(p, "<p><strong>Not typed</strong>: ");
		page_text(p, q->not_typed);
		page_raw(p, "</p>\n");
		page_section_end(p);
		return;
	}
	put_pictures(p, j, i);
	section_labels(p, q);
	if (o.batch)
		section_batches(p, q, o.batch);
	section_confidence(p, q);
	section_dots(p, &j->evidence[i].dots);
	section_verdicts(p, &j->evidence[i].verdicts);
	section_proposals(p, &j->evidence[i]);
	section_unknown(p, q);
	section_agreement(p, q);
	section_pairs(p, &j->pairs[i]);
	section_vote(p, q);
	if (j->onto)
		section_rollup(p, q, j->onto);
	if (i < j->n_evals)
		section_truth(p, j->evals[i]);
	section_input(p, q, j->run);
	page_section_end(p);
}

static int write_page(const struct job *j, struct err *err)
{
	struct outfile *out = outfile_open(o.output, err);
	struct page p = {.file = out ? outfile_stream(out) : NULL};

	if (!out)
		return -1;
	if (page_begin(&p, o.title, err)) {
		outfile_abort(out);
		return -1;
	}
	section_summary(&p, o.title, j->queries, j->n);
	page_raw(&p, "<main>\n");
	for (size_t i = 0; i < j->n; i++)
		put_query(&p, j, i);
	if (j->model)
		section_markers(&p, j->model, o.markers);
	section_run(&p, j->run);
	page_raw(&p, "</main>\n");
	page_end(&p);
	return outfile_commit(out, err);
}

static void release(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		query_free(j->queries[i]);
		scatter_free(j->scatters[i]);
		scatter_free(j->spaces[i].labels);
		scatter_free(j->spaces[i].domains);
		query_free(j->spaces[i].of);
		query_evidence_release(&j->evidence[i]);
		agreement_release(&j->pairs[i]);
	}
	for (size_t i = 0; i < j->n_evals; i++)
		eval_free(j->evals[i]);
	free(j->queries);
	free(j->scatters);
	free(j->spaces);
	free(j->evidence);
	free(j->pairs);
	free(j->evals);
	run_log_free(j->run);
	model_free(j->model);
	onto_free(j->onto);
}

static void check_usage(size_t n_tables)
{
	const struct {
		const char *name;
		size_t n;
	} lists[] = {{"h5ad", o.h5ads.n},
		     {"eval", o.evals.n},
		     {"label-markers", o.label_markers.n},
		     {"verdicts", o.verdicts.n},
		     {"proposals", o.proposals.n},
		     {"judged", o.judged.n},
		     {"domains", o.domains.n}};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (lists[i].n && lists[i].n != n_tables)
			die_usage("%zu tables, but %zu --%s: give one for each, in the same order",
				  n_tables, lists[i].n, lists[i].name);
	if (o.batch && !o.h5ads.n)
		die_usage("--batch names a column of the queries' files: give them with --h5ad");
	if (o.domains.n && !o.h5ads.n)
		die_usage("--domains are drawn where cells are: give the files with --h5ad");
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct job j = {.n = 0};
	struct inputs in;

	tool_begin("report", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_usage(MAX(in.n, 1));
	manifest_output(o.output);
	if (read_queries(&j, &in, &err) || read_rest(&j, &err) || write_page(&j, &err) ||
	    (o.multiqc && multiqc_write(o.multiqc, j.queries, j.n, &err)))
		die_err(&err);
	manifest_count("queries", j.n);
	release(&j);
	return tool_end();
}
