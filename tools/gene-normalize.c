/* gene-normalize - give genes their approved symbols.
 *
 * Reads an h5ad, writes an h5ad whose var (and raw/var) has symbols for names: Ensembl ids
 * through a table, previous symbols and aliases where they are unambiguous. When only names
 * change the matrices are copied as they are; rows of the same gene may be added up.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "format/tsv.h"
#include "h5ad/derive/rename.h"
#include "h5ad/writer.h"
#include "matrix/gene_names.h"

static const char *const duplicate_ways[] = {"unique", "sum", "first", "max", NULL};

static struct opts {
	const char *map, *aliases, *column, *duplicates, *report, *compress, *output;
} o = {.column = "auto", .duplicates = "unique", .compress = "none", .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("map", 0, map, "TSV",
		 "Ensembl ids and symbols; none for none (the table kept here)"),
	OPT_TEXT("aliases", 0, aliases, "TSV",
		 "old symbols and approved ones; none for none (the table kept here)"),
	OPT_TEXT("column", 0, column, "NAME",
		 "var column names start from; none: their own (auto)"),
	OPT_CHOICE("on-duplicate", 0, duplicates, "WAY",
		   "rows of one name: unique, sum, first or max (unique)", duplicate_ways),
	OPT_TEXT("report", 'r', report, "TSV", "write before, after and rule of every gene"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "give genes their approved symbols",
	.synopsis = "[OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

static void note_table(const char *given)
{
	if (given && !str_eq(given, "none"))
		manifest_input(given);
}

static void say_counts(const char *path, const struct rename *r, const struct gene_tables *tables,
		       size_t n_changed)
{
	const size_t *n = r->n_by_rule;

	if (r->column)
		say("%s: names start from var column %s", path, r->column);
	say("%s: %zu genes: %zu from Ensembl ids, %zu from previous symbols, %zu from aliases, "
	    "%zu kept, %zu Ensembl ids without a symbol, %zu ids of other species",
	    path, r->n, n[GENE_ENSEMBL] + n[GENE_VERSIONED], n[GENE_PREVIOUS], n[GENE_ALIAS],
	    n[GENE_KEPT] + n[GENE_AMBIGUOUS] + n[GENE_TAKEN], n[GENE_UNMAPPED] + n[GENE_TRANSCRIPT],
	    n[GENE_MOUSE] + n[GENE_SPECIES]);
	if (n_changed && str_eq(o.duplicates, "unique"))
		say("%s: %zu genes had the name of another: made unique with -1, -2, ...", path,
		    n_changed);
	if (genes_are_mouse(tables, r->before.s, r->n))
		warn("%s: these look like mouse genes: names are kept (lr-model converts a model "
		     "between species)",
		     path);
	for (size_t rule = 0; rule < GENE_N_RULES; rule++)
		if (n[rule])
			manifest_count(gene_rule_name((enum gene_rule)rule), n[rule]);
}

static int write_report(const struct rename *r, struct err *err)
{
	const struct gene_renames renames = {r->before.s, r->after.s, r->place, r->rules, r->n};

	return gene_renames_write(&renames, o.report, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct gene_tables tables = {.alias = NULL};
	struct rename r = {.column = NULL};
	struct inputs in;

	tool_begin("gene-normalize", argc, argv);
	in = opt_parse(&usage, argc, argv);
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	note_table(o.map);
	note_table(o.aliases);
	if (gene_tables_read(&tables, o.map, o.aliases, &err))
		die_err(&err);

	struct h5ad *file = h5ad_open(in.paths[0], &err);
	struct pool *pool = pool_new(tool_threads);
	if (!file ||
	    rename_plan(file, o.column, &tables,
			(enum rename_duplicates)opt_choice_of(duplicate_ways, o.duplicates), pool,
			&r, &err))
		die_err(&err);
	say_counts(h5ad_path(file), &r, &tables, r.n_made_unique);

	struct writer *out = writer_open(o.output, o.compress, pool, &err);
	if (!out || rename_write(file, &r, &tables, out, pool, &err) ||
	    (o.report && write_report(&r, &err))) {
		writer_abort(out);
		die_err(&err);
	}
	if (writer_finish(out, &err))
		die_err(&err);

	rename_release(&r);
	gene_tables_release(&tables);
	pool_free(pool);
	h5ad_close(file);
	return tool_end();
}
