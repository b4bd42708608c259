/* marker-check - what the marker genes of clusters say their types are, and of labels given.
 *
 * Reads a markers TSV and tables of which genes mark which types, writes a verdict per cluster: the
 * type, how well it is supported, what speaks against it, and what else it might be; or Unresolved
 * with a reason. Labels from votes, people or models are judged by the same rule. No random
 * numbers; memory is clusters x genes.
 */
#include "base/util.h"

#include <math.h>

#include "base/datadir.h"
#include "base/json.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/tool.h"
#include "evidence/candidates.h"
#include "evidence/gene_evidence.h"
#include "evidence/given_labels.h"
#include "evidence/verdict_json.h"
#include "format/tsv.h"
#include "onto/slim.h"

static struct opts {
	struct opt_list tables;
	const char *organ, *uberon, *species, *labels, *lineages, *json, *output;
	bool by_name, candidates, force;
	double least_z, least_margin, least_coverage;
	size_t least_support;
} o = {.species = "9606",
       .least_margin = 0.3,
       .least_coverage = 0.1,
       .least_support = 2,
       .output = "-"};

static const struct opt options[] = {
	OPT_LIST("db", 0, tables, "FILE", "a table of marker genes (those shipped)"),
	OPT_TEXT("organ", 0, organ, "WORD", "facts of organs with this word, and of none"),
	OPT_TEXT("uberon", 0, uberon, "ID", "facts of this Uberon term, and of none"),
	OPT_TEXT("species", 0, species, "TAXON", "facts of this species (9606)"),
	OPT_TEXT("labels", 'l', labels, "TSV", "judge these: cluster, label, perhaps id"),
	OPT_FLAG("by-name", 0, by_name, "judge the clusters' names as labels"),
	OPT_FLAG("force-unresolved", 0, force, "labels that are not supported become Unresolved"),
	OPT_FLAG("candidates", 0, candidates, "list the types of each cluster by z instead"),
	OPT_TEXT("json", 0, json, "FILE", "write the verdicts and a summary as JSON as well"),
	OPT_FLOAT("min-z", 0, least_z, "Z", "support below this is weak (4; of labels given 3)"),
	OPT_FLOAT("min-margin", 0, least_margin, "SHARE",
		  "the rival is near when less than this below (0.3)"),
	OPT_FLOAT("min-coverage", 0, least_coverage, "SHARE",
		  "of the strongest genes, listed for any type (0.1)"),
	OPT_SIZE("min-support", 0, least_support, "N", "genes that mark the type (2)"),
	OPT_TEXT("lineages", 0, lineages, "FILE", "terms that no answer climbs above (shipped)"),
	OPT_OUTPUT(output),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "name clusters by their marker genes, or judge labels",
	.synopsis = "[OPTIONS] [MARKERS.tsv] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct gene_tables names;
	struct matcher *matcher;
	struct marker_table table;
	struct gene_evidence evidence;
	struct label_space space;
	struct check_rules rules;
	struct given_labels labels;
	bool *lineages;
	struct verdict *verdicts; /* per cluster */
};

/* ---- reading ---- */

static int read_shipped(struct run *run, const char *name, const struct marker_filter *filter,
			struct err *err)
{
	char *path = datadir_find(name, err);
	int ret =
		path ? marker_table_read(&run->table, path, filter, &run->names, run->matcher, err)
		     : -1;

	free(path);
	return ret;
}

static int read_tables(struct run *run, struct err *err)
{
	struct marker_filter filter = {o.organ, o.uberon, o.species};
	struct marker_table *t = &run->table;

	for (size_t i = 0; i < o.tables.n; i++) {
		manifest_input(o.tables.items[i]);
		if (marker_table_read(t, o.tables.items[i], &filter, &run->names, run->matcher,
				      err))
			return -1;
	}
	if (o.tables.n == 0 && (read_shipped(run, "refs/markers/core.tsv", &filter, err) ||
				read_shipped(run, "refs/markers/asctb.tsv.gz", &filter, err)))
		return -1;
	marker_table_finish(t);
	say("markers: %zu facts of %zu types and %zu genes; of %zu rows %zu filtered out, %zu "
	    "symbols not understood%s%s, %zu types without an id",
	    t->n_facts, t->keys.n, t->genes.n, t->n_rows, t->n_filtered, t->n_unresolved,
	    t->unresolved ? " such as " : "", t->unresolved ? t->unresolved : "", t->n_without_id);
	if (t->n_facts == 0 && t->n_filtered)
		die_usage("no fact is left of %zu rows: --organ, --uberon or --species fit none",
			  t->n_rows);
	return 0;
}

static int read_names(struct run *run, struct err *err)
{
	char *aliases = datadir_find("refs/genes/aliases.tsv.gz", err);
	int ret = aliases ? gene_tables_aliases(&run->names, aliases, err) : -1;

	free(aliases);
	if (ret)
		return -1;
	run->matcher = matcher_open(&(struct matcher_files){0}, err);
	return run->matcher ? 0 : -1;
}

static int read_lineages(struct run *run, struct err *err)
{
	char *path =
		o.lineages ? mem_str(o.lineages) : datadir_find("refs/markers/lineages.tsv", err);

	if (path)
		run->lineages = slim_read(matcher_onto(run->matcher), path, err);
	free(path);
	return run->lineages ? 0 : -1;
}

/* Clusters without a label are named instead. */
static int read_labels(struct run *run, struct err *err)
{
	if (o.labels)
		return given_labels_read(&run->labels, o.labels, &run->evidence.clusters,
					 run->matcher, err);
	given_labels_by_name(&run->labels, &run->evidence.clusters, !o.by_name, run->matcher);
	return 0;
}

static int read_all(struct run *run, const char *path, struct err *err)
{
	if (read_names(run, err) || read_tables(run, err) || read_lineages(run, err) ||
	    gene_evidence_read(&run->evidence, path, &run->names, err) || read_labels(run, err))
		return -1;
	label_space_make(&run->space, &run->table, matcher_onto(run->matcher), run->lineages,
			 &run->evidence.genes);
	if (run->evidence.cut)
		warn("%s lists different genes for each cluster (--top?): z is judged among the "
		     "%zu "
		     "listed only",
		     path, run->evidence.genes.n);
	say("%s: %zu clusters, %zu genes, evidence by %s; %zu types have %d genes among them", path,
	    run->evidence.clusters.n, run->evidence.genes.n,
	    run->evidence.auc ? "AUC" : "shares of cells", run->space.n_listed, SPACE_FEWEST_GENES);
	if (run->evidence.n_rows == 0)
		return 0;
	if (run->space.n_listed == 0)
		return err_refuse(
			err,
			"%s: no type of the tables has %d genes among its %zu, such as %s "
			"(another species? names that are no symbols?)",
			path, SPACE_FEWEST_GENES, run->evidence.genes.n,
			strtab_str(&run->evidence.genes, 0));
	return 0;
}

/* ---- judging ---- */

static void check_clusters(struct run *run)
{
	size_t n = run->evidence.clusters.n, counts[CHECK_UNLISTED + 1] = {0};
	struct text said = TEXT_INIT;

	MEM_ZERO(run->verdicts, n);
	for (size_t c = 0; c < n; c++) {
		const struct given_label *given = &run->labels.items[c];
		label_check(&run->verdicts[c], &run->space, &run->evidence.genes, &run->rules,
			    run->evidence.values + c * run->evidence.genes.n,
			    given->name ? given : NULL);
		counts[run->verdicts[c].status]++;
	}
	for (size_t i = 0; i <= CHECK_UNLISTED; i++) {
		const char *name = check_status_name((enum check_status)i);
		if (counts[i])
			text_add(&said, "%s%zu %s", said.len ? ", " : "", counts[i], name);
		manifest_count(name, counts[i]);
	}
	say("clusters: %s", said.s);
	text_release(&said);
}

/* ---- writing ---- */

static const char *type_name(const struct run *run, size_t type)
{
	return type == SIZE_MAX ? "" : run->space.types[type].name;
}

/* Is the label to be shown as Unresolved? */
static bool forced(const struct verdict *v)
{
	return o.force && (v->status == CHECK_WEAK || v->status == CHECK_CONFLICT ||
			   v->status == CHECK_UNRESOLVED);
}

static void put_verdict(struct tsv_writer *w, const struct run *run, size_t cluster)
{
	const struct verdict *v = &run->verdicts[cluster];
	const char *given = run->labels.items[cluster].name;
	bool resolved = !forced(v);

	tsv_put(w, strtab_str(&run->evidence.clusters, (uint32_t)cluster));
	tsv_put(w, resolved ? v->label : "Unresolved");
	tsv_put(w, resolved ? v->id : "");
	tsv_put(w, given ? "given" : "markers");
	tsv_put(w, given ? given : "");
	tsv_put(w, check_status_name(v->status));
	tsv_put_float(w, v->support);
	if (v->rank)
		tsv_put_size(w, v->rank);
	else
		tsv_put(w, "");
	tsv_put(w, v->genes.s);
	tsv_put(w, v->conflicts.s);
	tsv_put_float(w, v->contradiction);
	tsv_put(w, type_name(run, v->best));
	tsv_put(w, v->best == SIZE_MAX ? "" : run->space.types[v->best].id);
	tsv_put_float(w, v->best_z);
	tsv_put(w, type_name(run, v->second));
	tsv_put_float(w, v->second_z);
	tsv_put_float(w, v->margin);
	tsv_put_float(w, v->coverage);
	tsv_put(w, v->limit);
	tsv_put_float(w, v->confidence);
	tsv_put(w, v->reason);
	tsv_end_row(w);
}

static int put_verdicts(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct run *run = arg;

	(void)err;
	tsv_header(w,
		   "cluster\tlabel\tid\tsource\tproposed\tstatus\tsupport\trank\tgenes\tconflict\t"
		   "contradiction\tbest\tbest_id\tbest_z\tsecond\tsecond_z\tmargin\tcoverage\t"
		   "limit\tconfidence\treason");
	for (size_t c = 0; c < run->evidence.clusters.n; c++)
		put_verdict(w, run, c);
	return 0;
}

static int put_candidates(struct tsv_writer *w, void *arg, struct err *err)
{
	const struct run *run = arg;

	(void)err;
	tsv_header(w, "cluster\tlabel\tid\tz\trank\tderived\tgenes");
	for (size_t c = 0; c < run->evidence.clusters.n; c++) {
		struct candidates found;
		candidates_find(&found, &run->space, &run->evidence.genes,
				run->evidence.values + c * run->evidence.genes.n);
		for (size_t i = 0; i < found.n; i++) {
			const struct space_type *t = &run->space.types[found.items[i].type];
			tsv_put(w, strtab_str(&run->evidence.clusters, (uint32_t)c));
			tsv_put(w, t->name);
			tsv_put(w, t->id);
			tsv_put_float(w, found.items[i].z);
			tsv_put_size(w, i + 1);
			tsv_put(w, t->derived ? "1" : "0");
			tsv_put(w, found.items[i].genes.s);
			tsv_end_row(w);
		}
		candidates_release(&found);
	}
	return 0;
}

static void release(struct run *run)
{
	for (size_t c = 0; run->verdicts && c < run->evidence.clusters.n; c++)
		verdict_release(&run->verdicts[c]);
	free(run->verdicts);
	given_labels_release(&run->labels);
	label_space_release(&run->space);
	gene_evidence_release(&run->evidence);
	marker_table_release(&run->table);
	matcher_free(run->matcher);
	gene_tables_release(&run->names);
	free(run->lineages);
}

static void set_rules(struct run *run)
{
	run->rules = check_defaults;
	if (o.least_z > 0)
		run->rules.least_z = run->rules.least_z_given = o.least_z;
	run->rules.least_margin = o.least_margin;
	run->rules.least_support = o.least_support;
	run->rules.least_coverage = o.least_coverage;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};
	struct inputs in;

	tool_begin("marker-check", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (o.labels && o.by_name)
		die_usage("--labels or --by-name, not both");
	manifest_input(in.paths[0]);
	if (o.labels)
		manifest_input(o.labels);
	manifest_output(o.output);
	if (read_all(&run, in.paths[0], &err))
		die_err(&err);
	set_rules(&run);
	if (!o.candidates)
		check_clusters(&run);
	if (tsv_write_file(o.output, o.candidates ? put_candidates : put_verdicts, &run, &err))
		die_err(&err);
	if (o.json && !o.candidates &&
	    verdicts_write_json(o.json, run.verdicts, &run.evidence.clusters, &run.space, &err))
		die_err(&err);
	release(&run);
	return tool_end();
}
