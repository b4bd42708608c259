/* report - a page about a run: what was typed, how surely, and how it was done.
 *
 * Reads the final tables of calls, one per query, and whatever else it is given (manifests,
 * h5ads, evaluations, a model), and writes one HTML page that needs nothing beside it. The same
 * inputs give the same page. Memory grows with the labels; with --h5ad by about 100 bytes a cell.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/tool.h"
#include "map/reference.h"
#include "model/model_file.h"
#include "onto/onto_read.h"
#include "report/agreement.h"
#include "report/figures/figures.h"
#include "report/multiqc.h"
#include "report/pictures.h"
#include "report/quality.h"
#include "report/rollup.h"
#include "report/sections.h"

static struct opts {
	const char *run, *title, *batch, *model, *ontology, *multiqc, *png, *atlas, *output;
	struct opt_list h5ads, evals, qcs, mapped;
	struct opt_list label_markers, verdicts, proposals, judged, domains;
	size_t markers;
} o = {.title = "Pipette", .markers = 10, .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("run", 0, run, "FOLDER", "show the steps that FOLDER/manifests tells of"),
	OPT_TEXT("title", 0, title, "NAME", "heading of the page (Pipette)"),
	OPT_LIST("h5ad", 0, h5ads, "FILE", "the query's file: a picture of its cells"),
	OPT_LIST("mapped", 0, mapped, "FILE", "what ref-map or vae-map made of it: its places"),
	OPT_TEXT("atlas", 0, atlas, "REF", "the atlas it was mapped onto"),
	OPT_TEXT("batch", 0, batch, "COLUMN", "of the h5ads' obs: labels by batch"),
	OPT_LIST("eval", 0, evals, "FILE", "what evaluate --json wrote of it"),
	OPT_LIST("label-markers", 0, label_markers, "FILE", "what markers wrote of its labels"),
	OPT_LIST("verdicts", 0, verdicts, "FILE", "what marker-check wrote of its labels"),
	OPT_LIST("proposals", 0, proposals, "FILE", "what llm-annotate wrote of its labels"),
	OPT_LIST("judged", 0, judged, "FILE", "what marker-check wrote of those proposals"),
	OPT_LIST("domains", 0, domains, "FILE", "its domains (overcluster), drawn in space"),
	OPT_LIST("qc", 0, qcs, "FILE", "what h5-qc wrote of it"),
	OPT_TEXT("model", 0, model, "FILE", "show the top genes of this model's labels"),
	OPT_SIZE("markers", 0, markers, "N", "how many genes for each label (10)"),
	OPT_TEXT("ontology", 0, ontology, "FILE", "its terms (ontology/cl.tsv)"),
	OPT_TEXT("multiqc", 0, multiqc, "DIR", "write files for MultiQC there, too"),
	OPT_TEXT("png", 0, png, "DIR", "write its pictures there too, large, for slides"),
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
	struct picture_files *files;
	struct pictures *pictures;
	struct query_evidence *evidence;
	struct reference *atlas;
	struct scatter_ground ground;
	struct agreement *pairs; /* of models, by query */
	struct eval **evals;
	struct quality *qualities; /* of the first tables */
	size_t n, n_evals, n_qualities;
	struct run_log *run;
	struct model *model;
	struct onto *onto; /* when a table has ids */
};

/* Where the atlas's cells lie, for pictures over them. */
static int read_atlas(struct job *j, struct err *err)
{
	if (!o.atlas)
		return 0; /* a neural reference: no ground */
	manifest_input(o.atlas);
	j->atlas = reference_read(o.atlas, err);
	if (!j->atlas)
		return -1;
	j->ground = (struct scatter_ground){"X_pca_mapped", j->atlas->corrected,
					    j->atlas->corrected ? j->atlas->n_cells : 0,
					    j->atlas->n_dims};
	return 0;
}

static const char *file_of(const struct opt_list *list, size_t i)
{
	if (i >= list->n)
		return NULL;
	manifest_input(list->items[i]);
	return list->items[i];
}

static int read_query(struct job *j, size_t i, struct err *err)
{
	struct evidence_files evidence = {file_of(&o.label_markers, i), file_of(&o.verdicts, i),
					  file_of(&o.proposals, i), file_of(&o.judged, i)};

	j->files[i] = (struct picture_files){.h5ad = file_of(&o.h5ads, i),
					     .mapped = file_of(&o.mapped, i),
					     .domains = file_of(&o.domains, i),
					     .batch = o.batch,
					     .ground = &j->ground};
	return pictures_read(&j->pictures[i], j->queries[i], &j->files[i], err) ||
			       query_evidence_read(&j->evidence[i], &evidence, err)
		       ? -1
		       : 0;
}

static int read_queries(struct job *j, const struct inputs *in, struct err *err)
{
	j->n = MAX(in->n, 1);
	MEM_ZERO(j->queries, j->n);
	MEM_ZERO(j->files, j->n);
	MEM_ZERO(j->pictures, j->n);
	MEM_ZERO(j->evidence, j->n);
	if (read_atlas(j, err))
		return -1;
	for (size_t i = 0; i < j->n; i++) {
		manifest_input(in->paths[i]);
		j->queries[i] = query_new(in->paths[i]);
		if (!query_is_not_typed(j->queries[i]) && read_query(j, i, err))
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

static int read_qualities(struct job *j, struct err *err)
{
	MEM_ZERO(j->qualities, o.qcs.n + 1);
	for (; j->n_qualities < o.qcs.n; j->n_qualities++) {
		manifest_input(o.qcs.items[j->n_qualities]);
		if (quality_read(&j->qualities[j->n_qualities], o.qcs.items[j->n_qualities], err))
			return -1;
	}
	return 0;
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
	if (read_qualities(j, err))
		return -1;
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
	section_pictures(p, q, &j->pictures[i]);
	section_labels(p, q);
	if (i < j->n_qualities)
		section_quality(p, &j->qualities[i]);
	if (o.batch)
		section_batches(p, q, o.batch);
	section_composition(p, q, o.batch);
	section_confidence(p, q);
	section_dots(p, &j->evidence[i].dots);
	section_verdicts(p, &j->evidence[i].verdicts);
	section_proposals(p, &j->evidence[i]);
	section_unknown(p, q);
	section_novelty(p, q);
	section_agreement(p, q);
	section_pairs(p, &j->pairs[i]);
	section_vote(p, q);
	if (j->onto)
		section_rollup(p, q, j->onto);
	if (i < j->n_evals)
		section_truth(p, j->evals[i], q->n_climbed);
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

static int write_figures(const struct job *j, struct err *err)
{
	struct figure_source *sources;
	int ret;

	MEM_ZERO(sources, j->n);
	for (size_t i = 0; i < j->n; i++)
		sources[i] = (struct figure_source){.calls = j->queries[i]->path,
						    .files = j->files[i],
						    .dots = &j->evidence[i].dots,
						    .eval = i < j->n_evals ? j->evals[i] : NULL};
	ret = figures_write(o.png, sources, j->n, err);
	free(sources);
	return ret;
}

static void release(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		query_free(j->queries[i]);
		pictures_release(&j->pictures[i]);
		query_evidence_release(&j->evidence[i]);
		agreement_release(&j->pairs[i]);
	}
	for (size_t i = 0; i < j->n_evals; i++)
		eval_free(j->evals[i]);
	for (size_t i = 0; i < j->n_qualities; i++)
		quality_release(&j->qualities[i]);
	free(j->qualities);
	free(j->queries);
	free(j->pictures);
	free(j->files);
	free(j->evidence);
	reference_free(j->atlas);
	free(j->pairs);
	free(j->evals);
	run_log_free(j->run);
	model_free(j->model);
	onto_free(j->onto);
}

static void check_usage(const struct inputs *in)
{
	const size_t n_tables = MAX(in->n, 1);
	const struct {
		const char *name;
		size_t n;
	} lists[] = {{"h5ad", o.h5ads.n},
		     {"eval", o.evals.n},
		     {"qc", o.qcs.n},
		     {"mapped", o.mapped.n},
		     {"label-markers", o.label_markers.n},
		     {"verdicts", o.verdicts.n},
		     {"proposals", o.proposals.n},
		     {"judged", o.judged.n},
		     {"domains", o.domains.n}};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (lists[i].n && lists[i].n != n_tables)
			die_usage("%zu tables, but %zu --%s: give one for each, in the same order",
				  n_tables, lists[i].n, lists[i].name);
	if (o.atlas && !o.mapped.n)
		die_usage("--atlas is drawn under the queries that were mapped: give --mapped");
	if (o.batch && !o.h5ads.n)
		die_usage("--batch names a column of the queries' files: give them with --h5ad");
	for (size_t i = 0; o.png && i < n_tables; i++)
		if (str_eq(in->paths[i], "-"))
			die_usage("--png reads the tables twice: give files");
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
	check_usage(&in);
	manifest_output(o.output);
	if (read_queries(&j, &in, &err) || read_rest(&j, &err) || write_page(&j, &err) ||
	    (o.png && write_figures(&j, &err)) ||
	    (o.multiqc && multiqc_write(o.multiqc, j.queries, j.n, &err)))
		die_err(&err);
	manifest_count("queries", j.n);
	release(&j);
	return tool_end();
}
