/* h5-select - keep some genes or some cells of an h5ad.
 *
 * Reads an h5ad, writes an h5ad with the genes of a list or panel, the cells of a list, of obs
 * values or with enough genes, or one shard of n. What is kept stays in the order of the file;
 * memory is a few blocks and the annotation.
 */
#include "base/util.h"

#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "h5ad/derive/panel.h"
#include "h5ad/derive/select.h"
#include "matrix/cell_list.h"
#include "matrix/genes.h"

/* Missing genes named in a message; --missing writes them all. */
#define MOST_NAMED 20

static struct opts {
	const char *genes, *cells, *missing, *shard, *compress, *output;
	struct opt_list where;
	size_t min_genes;
	bool make_unique;
} o = {.compress = "none", .output = "-"};

static const struct opt options[] = {
	OPT_TEXT("genes", 'g', genes, "FILE",
		 "keep the genes of this list, table, panel or h5ad; or A,B"),
	OPT_TEXT("cells", 'c', cells, "FILE", "keep the cells in the first column of this file"),
	OPT_LIST("where", 'w', where, "COL=VALUE[,...]",
		 "keep cells with such a value (!=, <, <=, >, >=)"),
	OPT_SIZE("min-genes", 0, min_genes, "N", "keep cells with N or more of the kept genes"),
	OPT_FLAG("make-unique", 0, make_unique, "give cells of one name a number each behind it"),
	OPT_TEXT("shard", 0, shard, "I/N", "keep the I-th of N runs of the cells that are left"),
	OPT_TEXT("missing", 0, missing, "FILE", "write the listed genes that are not in the file"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "keep some genes or some cells of an h5ad",
	.synopsis = "[OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
};

struct run {
	struct h5ad *in;
	struct pool *pool;
	bool *keep; /* per cell */
	size_t n_all;
	size_t *cells, *genes;
	struct selection part;
};

/* ---- genes ---- */

/* Rows of var that the panel wants, and which of the panel's genes they are. */
static void match_genes(struct run *run, const struct gene_panel *panel, char *const *names,
			size_t n, bool *seen)
{
	MEM_ARRAY(run->genes, n);
	run->part.n_genes = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t wanted = gene_panel_find(panel, names[i]);
		if (wanted == STRTAB_NONE)
			continue;
		seen[wanted] = true;
		run->genes[run->part.n_genes++] = i;
	}
	run->part.genes = run->genes;
}

static int no_overlap(const struct run *run, const struct gene_panel *panel, char *const *names,
		      size_t n, struct err *err)
{
	struct text why = TEXT_INIT;

	genes_compare(panel->genes.strings, panel->genes.n, "the list", names, n, "the file", &why);
	err_refuse(err, "%s: none of the %zu genes of %s is in the file: %s", h5ad_path(run->in),
		   panel->genes.n, o.genes, why.s);
	text_release(&why);
	return -1;
}

static int choose_genes(struct run *run, struct err *err)
{
	struct frame *var = h5ad_var(run->in);
	char **names = frame_keys(var, err);
	struct gene_panel panel;
	bool *seen;
	size_t n_missing = 0;
	int ret = 0;

	if (!names || panel_open(&panel, o.genes, err))
		return -1;
	MEM_ZERO(seen, panel.genes.n);
	match_genes(run, &panel, names, var->n_rows, seen);
	for (size_t i = 0; i < panel.genes.n; i++)
		n_missing += !seen[i];
	if (run->part.n_genes == 0) {
		ret = no_overlap(run, &panel, names, var->n_rows, err);
	} else {
		struct text lacks = TEXT_INIT;

		gene_panel_missing(&panel, seen, MOST_NAMED, &lacks);
		say("%s: %zu of %zu listed genes are in the file, %zu are missing%s%s",
		    h5ad_path(run->in), panel.genes.n - n_missing, panel.genes.n, n_missing,
		    n_missing ? ": " : "", lacks.s ? lacks.s : "");
		text_release(&lacks);
		manifest_count("genes missing", n_missing);
	}
	if (ret == 0 && o.missing)
		ret = gene_panel_write_missing(&panel, seen, o.missing, err);
	free(seen);
	panel_release(&panel);
	return ret;
}

/* ---- cells ---- */

/* A first line that only names the column does no harm when no cell is called so. */
static int keep_listed(struct run *run, char *const *names, struct err *err)
{
	struct cell_list listed = {0};
	size_t n_found = 0;
	int ret = cell_list_read(o.cells, &listed, err);

	if (ret)
		goto release;
	for (size_t i = 0; i < run->n_all; i++) {
		run->keep[i] = cell_list_has(&listed, names[i]);
		n_found += run->keep[i];
	}
	bool header = listed.lines.n && str_eq(strtab_str(&listed.lines, 0), "cell");
	say("%s: %zu cells are listed, %zu of the file are among them", h5ad_path(run->in),
	    listed.lines.n - header, n_found);
release:
	cell_list_release(&listed);
	return ret;
}

/* "2/8": the second of eight, from 1. */
static void parse_shard(size_t *shard, size_t *of)
{
	const char *slash = strchr(o.shard, '/');
	char *first = slash ? mem_strn(o.shard, (size_t)(slash - o.shard)) : mem_str("");

	if (!slash || !parse_size(slash + 1, 1, SIZE_MAX / 2, of) ||
	    !parse_size(first, 1, *of, shard))
		die_usage("--shard %s: should be I/N, with I from 1 to N", o.shard);
	free(first);
}

/* Cells that are kept, as a list; of a shard, its run of them. */
static void list_cells(struct run *run, size_t shard, size_t of)
{
	size_t n = 0, first, end;

	MEM_ARRAY(run->cells, run->n_all);
	for (size_t i = 0; i < run->n_all; i++)
		if (run->keep[i])
			run->cells[n++] = i;
	first = (size_t)((unsigned __int128)n * (shard - 1) / of);
	end = (size_t)((unsigned __int128)n * shard / of);
	run->part.cells = run->cells + first;
	run->part.n_cells = end - first;
	if (run->part.n_cells == run->n_all)
		run->part.cells = NULL;
}

/* The first keeps its name, the others get -1, -2, ...: as anndata's obs_names_make_unique. */
static char **unique_names(struct run *run, struct frame *obs, char **names, struct err *err)
{
	struct names list = names_of(names, obs->n_rows);
	size_t n = names_make_unique(&list, "-");

	frame_set_keys(obs, list.s);
	names_release(&list);
	say("%s: %zu cells had the name of another", h5ad_path(run->in), n);
	return frame_keys(obs, err);
}

static int choose_cells(struct run *run, size_t shard, size_t of, struct err *err)
{
	struct frame *obs = h5ad_obs(run->in);
	char **names = frame_keys(obs, err);
	struct text unmet = TEXT_INIT;

	if (names && o.make_unique)
		names = unique_names(run, obs, names, err);
	if (!names)
		return -1;
	run->n_all = obs->n_rows;
	MEM_ARRAY(run->keep, run->n_all);
	memset(run->keep, true, run->n_all);
	if (o.cells && keep_listed(run, names, err))
		return -1;
	if (where_apply_all(run->in, o.where.items, o.where.n, run->keep, &unmet, err))
		return -1;
	if (o.min_genes && keep_rich_cells(run->in, run->genes, run->part.n_genes, o.min_genes,
					   run->keep, run->pool, err))
		return -1;
	list_cells(run, shard, of);
	if (run->part.n_cells == 0)
		err_refuse(err, "%s: none of the %zu cells is left%s%s", h5ad_path(run->in),
			   run->n_all, unmet.len ? ": " : "", unmet.s);
	else if (unmet.len)
		warn("%s: %s", h5ad_path(run->in), unmet.s);
	text_release(&unmet);
	return run->part.n_cells ? 0 : -1;
}

static void check_conditions(void)
{
	for (size_t i = 0; i < o.where.n; i++)
		if (where_problem(o.where.items[i]))
			die_usage("--where %s: %s", o.where.items[i],
				  where_problem(o.where.items[i]));
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {.in = NULL};
	size_t shard = 1, of = 1;
	struct inputs in;

	tool_begin("h5-select", argc, argv);
	in = opt_parse(&usage, argc, argv);
	if (o.shard)
		parse_shard(&shard, &of);
	if (o.missing && !o.genes)
		die_usage("--missing needs --genes");
	check_conditions();
	manifest_input(in.paths[0]);
	manifest_output(o.output);

	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in)
		die_err(&err);
	run.pool = pool_new(tool_threads);
	if ((o.genes && choose_genes(&run, &err)) || choose_cells(&run, shard, of, &err))
		die_err(&err);
	say("%s: %zu of %zu cells, %zu of %zu genes", h5ad_path(run.in), run.part.n_cells,
	    run.n_all, run.part.genes ? run.part.n_genes : h5ad_n_genes(run.in),
	    h5ad_n_genes(run.in));
	manifest_count("cells", run.part.n_cells);

	run.part.repack = !str_eq(o.compress, "none");
	struct writer *out = writer_open(o.output, o.compress, run.pool, &err);
	if (!out || selection_write(run.in, &run.part, out, run.pool, &err)) {
		writer_abort(out);
		die_err(&err);
	}
	if (writer_finish(out, &err))
		die_err(&err);

	free(run.keep);
	free(run.cells);
	free(run.genes);
	pool_free(run.pool);
	h5ad_close(run.in);
	return tool_end();
}
