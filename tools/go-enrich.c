/* go-enrich - what the marker genes of clusters do, in the words of the Gene Ontology.
 *
 * Reads a markers TSV (or lists of genes) and the ontology with its annotations, writes a TSV of
 * the terms that each list's genes share more often than chance has it. The background is all genes
 * that were tested; all eligible terms are tested and corrected for.
 */
#include "base/util.h"

#include <math.h>

#include "base/datadir.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "evidence/enrichment.h"
#include "evidence/gene_lists.h"
#include "format/lines.h"
#include "format/tsv.h"

static struct opts {
	const char *terms, *annotations, *gmt, *relations, *background, *include, *exclude, *taxon;
	const char *slim, *slim_mode, *counts, *output;
	size_t top, smallest, largest;
	double padj, alpha;
	bool two_sided, prune, all, as_is;
} o = {.relations = "is_a,part_of",
       .taxon = "9606",
       .slim = "goslim_generic",
       .slim_mode = "direct",
       .top = 100,
       .smallest = 5,
       .largest = 500,
       .padj = 0.05,
       .alpha = 0.05,
       .output = "-"};

static const char *const slim_modes[] = {"direct", "all", NULL};

static const struct opt options[] = {
	OPT_TEXT("terms", 0, terms, "FILE", "the ontology: go-basic.obo, or a table (shipped)"),
	OPT_TEXT("annotations", 0, annotations, "FILE", "GAF 2.2, gene2go or a table (shipped)"),
	OPT_TEXT("gmt", 0, gmt, "FILE", "sets of genes instead of the ontology"),
	OPT_TEXT("relations", 0, relations, "A,B,...", "propagate along these (is_a,part_of)"),
	OPT_TEXT("background", 0, background, "FILE", "the genes tested (those of the table)"),
	OPT_SIZE("top", 0, top, "N", "the first N markers of a cluster, 0 for all (100)"),
	OPT_FLOAT("padj", 0, padj, "P", "... with padj up to this (0.05)"),
	OPT_SIZE("min-size", 0, smallest, "N", "test terms of N tested genes or more (5)"),
	OPT_SIZE("max-size", 0, largest, "N", "... and of N or fewer (500)"),
	OPT_FLAG("as-is", 0, as_is, "take symbols as they are: old ones are not resolved"),
	OPT_FLAG("two-sided", 0, two_sided, "Fisher's two-sided p, as goatools has it"),
	OPT_TEXT("include", 0, include, "CODE,...", "annotations of these kinds of evidence only"),
	OPT_TEXT("exclude", 0, exclude, "CODE,...", "... of all kinds but these, such as IEA"),
	OPT_TEXT("taxon", 0, taxon, "TAXON", "annotations of this species (9606)"),
	OPT_TEXT("slim", 0, slim, "NAME", "which slim to sum terms up by (goslim_generic)"),
	OPT_CHOICE("slim-mode", 0, slim_mode, "HOW", "direct or all (direct)", slim_modes),
	OPT_FLAG("prune", 0, prune, "leave out terms that one below says as well"),
	OPT_FLOAT("alpha", 0, alpha, "P", "list terms with padj up to this (0.05)"),
	OPT_FLAG("all", 0, all, "list all terms tested"),
	OPT_TEXT("counts", 0, counts, "FILE", "write how many genes each term has, and its slims"),
	OPT_OUTPUT(output),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "what the marker genes of clusters do, by the Gene Ontology",
	.synopsis = "[OPTIONS] [MARKERS.tsv] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct gene_tables names;
	struct go go;
	struct gene_lists lists;
	struct enrichment enrichment;
	bool *slim;
	struct enriched *results;
};

/* ---- reading ---- */

static int read_sets(struct run *run, struct err *err)
{
	struct lines *in = lines_open(o.gmt, err);
	int got = -1;

	while (in && (got = lines_next(in, err)) > 0) {
		char *rest = in->text, *name = strsep(&rest, "\t"), *gene;
		if (!*name)
			continue;
		if (!rest || !strsep(&rest, "\t") || !rest ||
		    go_find(&run->go, name) != STRTAB_NONE) {
			got = err_set(
				err,
				"%s: line %zu: a set has a name of its own, a description and "
				"genes",
				in->path, in->number);
			break;
		}
		uint32_t set = go_add_set(&run->go, name);
		while ((gene = strsep(&rest, "\t")))
			if (*gene)
				go_add_pair(&run->go, set, gene_name_of(&run->names, gene).name);
	}
	lines_close(in);
	return got;
}

static char *given_or_shipped(const char *given, const char *shipped, struct err *err)
{
	return given ? mem_str(given) : datadir_find(shipped, err);
}

static int read_ontology(struct run *run, struct err *err)
{
	struct annotation_rules rules = {o.taxon, o.include, o.exclude};
	char *terms = given_or_shipped(o.terms, "refs/go/terms.tsv.gz", err);
	char *rows = given_or_shipped(o.annotations, "refs/go/annotations.tsv.gz", err);
	struct go *go = &run->go;
	unsigned relations;
	int ret = -1;

	if (terms && rows && !go_relations(o.relations, &relations, err) &&
	    !go_read_terms(go, terms, relations, err))
		ret = go_read_annotations(go, rows, &rules, &run->names, err);
	if (!ret && *o.slim) {
		run->slim = go_slim(go, o.slim, err);
		ret = run->slim ? 0 : -1;
	}
	free(terms);
	free(rows);
	if (!ret)
		say("GO: %zu terms, %zu annotations of %zu genes; of %zu rows %zu with NOT, %zu "
		    "without data, %zu of unknown terms, %zu filtered out",
		    go->n_terms, go->n_pairs, go->genes.n, go->n_rows, go->n_negated, go->n_no_data,
		    go->n_unknown, go->n_filtered);
	return ret;
}

static int read_names(struct run *run, struct err *err)
{
	char *aliases = o.as_is ? NULL : datadir_find("refs/genes/aliases.tsv.gz", err);
	int ret = aliases ? gene_tables_aliases(&run->names, aliases, err) : 0;

	free(aliases);
	return ret || (!aliases && !o.as_is) ? -1 : 0;
}

static int read_all(struct run *run, const char *path, struct err *err)
{
	struct list_rules rules = {o.top, o.padj, o.background};

	if (read_names(run, err) || gene_lists_read(&run->lists, path, &rules, &run->names, err) ||
	    (o.gmt ? read_sets(run, err) : read_ontology(run, err)))
		return -1;
	go_finish(&run->go);
	enrichment_make(&run->enrichment, &run->go, &run->lists.genes, o.smallest, o.largest);
	say("%s: %zu lists of a background of %zu genes%s; %zu terms are tested", path,
	    run->lists.lists.n, run->lists.genes.n,
	    run->lists.n_outside ? ", some of their genes outside it" : "",
	    run->enrichment.n_eligible);
	manifest_count("terms_tested", run->enrichment.n_eligible);
	manifest_count("background", run->lists.genes.n);
	if (run->lists.n_outside)
		warn("%s: %zu genes of the lists are not in %s and are left out", path,
		     run->lists.n_outside, o.background);
	MEM_ARRAY(run->results, run->enrichment.n_eligible);
	if (run->lists.lists.n == 0)
		return 0;
	if (run->enrichment.n_eligible == 0)
		return err_refuse(
			err,
			"%s: no term has %zu to %zu genes of the background's %zu, such as "
			"%s (another species? ids instead of symbols?)",
			path, o.smallest, o.largest, run->lists.genes.n,
			strtab_str(&run->lists.genes, 0));
	return 0;
}

/* ---- writing ---- */

static const struct go *terms_of_results; /* for the ties of by_p */

static int by_p(const void *a, const void *b)
{
	const struct enriched *x = a, *y = b;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	return strcmp(terms_of_results->terms[x->term].id, terms_of_results->terms[y->term].id);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The genes of a list that are in a term, by name. */
static void put_genes(struct tsv_writer *w, const struct run *run, uint32_t term,
		      const bool *in_list)
{
	const struct enrichment *e = &run->enrichment;
	struct text joined = TEXT_INIT;
	const char **names;
	size_t n = 0;

	MEM_ARRAY(names, e->starts[term + 1] - e->starts[term] + 1);
	for (size_t k = e->starts[term]; k < e->starts[term + 1]; k++)
		if (in_list[e->genes[k]])
			names[n++] = strtab_str(&run->lists.genes, e->genes[k]);
	if (n)
		qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		text_add(&joined, "%s%s", i ? "," : "", names[i]);
	tsv_put(w, joined.s);
	text_release(&joined);
	free(names);
}

static void put_result(struct tsv_writer *w, struct run *run, uint32_t list,
		       const struct enriched *r)
{
	const struct go_term *t = &run->go.terms[r->term];
	double n = (double)run->lists.sizes[list], all = (double)run->enrichment.n_genes;
	double k = (double)r->k, size = (double)r->size;
	char aspect[2] = {t->aspect == '?' ? '\0' : t->aspect, '\0'};
	struct text slims = TEXT_INIT;

	tsv_put(w, strtab_str(&run->lists.lists, list));
	tsv_put(w, t->id);
	tsv_put(w, t->name);
	tsv_put(w, aspect);
	tsv_put_size(w, r->k);
	tsv_put_size(w, run->lists.sizes[list]);
	tsv_put_size(w, r->size);
	tsv_put_size(w, run->enrichment.n_genes);
	tsv_put_float(w, n > 0 ? (k / n) / (size / all) : NAN);
	tsv_put_float(w, (k + .5) * (all - size - n + k + .5) / ((n - k + .5) * (size - k + .5)));
	tsv_put_double(w, r->p);
	tsv_put_double(w, r->padj);
	tsv_put_size(w, t->depth);
	if (run->slim)
		go_slim_of(&run->go, r->term, run->slim, str_eq(o.slim_mode, "direct"), &slims);
	tsv_put(w, slims.s);
	put_genes(w, run, r->term, run->lists.in_list + list * run->lists.genes.n);
	tsv_end_row(w);
	text_release(&slims);
}

static int put_table(struct tsv_writer *w, void *arg, struct err *err)
{
	struct run *run = arg;

	(void)err;
	terms_of_results = &run->go;
	tsv_header(w,
		   "cluster\tterm\tname\taspect\tk\tn\tsize\tbackground\tfold\todds\tp\tpadj\tdepth"
		   "\tslim\tgenes");
	for (uint32_t list = 0; list < run->lists.lists.n; list++) {
		const bool *in_list = run->lists.in_list + list * run->lists.genes.n;
		struct enriched *r = run->results;
		size_t n = 0;

		enrichment_test(&run->enrichment, in_list, o.two_sided, r);
		for (size_t i = 0; i < run->enrichment.n_eligible; i++)
			if (o.all || (r[i].k && r[i].padj <= o.alpha))
				r[n++] = r[i];
		if (n)
			qsort(r, n, sizeof(*r), by_p);
		if (o.prune)
			n = enrichment_prune(&run->enrichment, &run->go, in_list, r, n);
		for (size_t i = 0; i < n; i++)
			put_result(w, run, list, &r[i]);
		manifest_count(strtab_str(&run->lists.lists, list), n);
	}
	return 0;
}

/* How many background genes every term has, after propagation, and its slims. */
static int put_counts(struct tsv_writer *w, void *arg, struct err *err)
{
	struct run *run = arg;
	struct text slims = TEXT_INIT;

	(void)err;
	tsv_header(w, "term\tname\tgenes\tslim");
	for (uint32_t t = 0; t < run->go.n_terms; t++) {
		tsv_put(w, run->go.terms[t].id);
		tsv_put(w, run->go.terms[t].name);
		tsv_put_size(w, run->enrichment.starts[t + 1] - run->enrichment.starts[t]);
		if (run->slim)
			go_slim_of(&run->go, t, run->slim, str_eq(o.slim_mode, "direct"), &slims);
		tsv_put(w, slims.s);
		tsv_end_row(w);
	}
	text_release(&slims);
	return 0;
}

static void release(struct run *run)
{
	free(run->results);
	free(run->slim);
	enrichment_release(&run->enrichment);
	gene_lists_release(&run->lists);
	go_release(&run->go);
	gene_tables_release(&run->names);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {0};
	struct inputs in;

	tool_begin("go-enrich", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (o.gmt && (o.terms || o.annotations))
		die_usage("--gmt, or --terms and --annotations");
	if (o.smallest > o.largest)
		die_usage("--min-size is above --max-size");
	manifest_input(in.paths[0]);
	if (o.background)
		manifest_input(o.background);
	manifest_output(o.output);
	if (read_all(&run, in.paths[0], &err) || tsv_write_file(o.output, put_table, &run, &err) ||
	    (o.counts && tsv_write_file(o.counts, put_counts, &run, &err)))
		die_err(&err);
	release(&run);
	return tool_end();
}
