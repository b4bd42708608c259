/* h5-obs - the cells' table of an h5ad, out to TSV and in from TSV.
 *
 * 'get' prints columns of obs, one row per cell in file order. 'put' joins the columns of a TSV
 * into obs by cell name and carries everything else over unchanged. Rows of the TSV may be in any
 * order; cells without a row have missing values; rows without a cell are an error.
 */
#include "base/util.h"

#include "base/fd.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/tool.h"
#include "h5ad/frame/label_column.h"
#include "h5ad/frame/obs_plan.h"
#include "h5ad/frame/text_table.h"
#include "h5ad/writer.h"

static struct opts {
	struct opt_list more;
	const char *columns, *as, *table, *map, *prefix, *preset, *by, *text, *compress, *output;
	bool drop, replace, subset, sanitize;
} o = {.output = "-", .compress = "none"};

static const char *const presets[] = {"pipette", "celltypist", "spec", "cellxgene",
				      "cap",     "evidence",   NULL};

static const struct opt options[] = {
	OPT_TEXT("columns", 'c', columns, "COL,...", "get: these columns, in this order (all)"),
	OPT_TEXT("as", 0, as, "NAME", "get: the one column is called so"),
	OPT_FLAG("sanitize", 0, sanitize, "get: write tabs and newlines in values as spaces"),
	OPT_TEXT("table", 'f', table, "TABLE.tsv",
		 "put: the columns to add; the first names cells"),
	OPT_TEXT("map", 0, map, "OLD=NEW,...", "put: give columns of the table other names"),
	OPT_TEXT("prefix", 0, prefix, "P", "put: begin the names of the other columns with P"),
	OPT_FLAG("drop", 0, drop, "put: leave out columns that --map does not name"),
	OPT_FLAG("replace", 0, replace, "put: columns that are there already are replaced"),
	OPT_FLAG("subset", 0, subset, "put: the table may have rows of cells that are not there"),
	OPT_CHOICE("preset", 0, preset, "TOOL",
		   "put: names of pipette, celltypist, spec, cellxgene, cap or evidence", presets),
	OPT_LIST("more", 0, more, "PREFIX=TABLE", "put: that table's columns too, as PREFIX..."),
	OPT_TEXT("by", 0, by, "COL", "put: rows are found by this column of obs, not by cell name"),
	OPT_TEXT("text", 0, text, "COL,...", "put: text, even if it looks like numbers"),
	OPT_CHOICE("compress", 0, compress, "HOW",
		   "put: none, gzip, gzip:1 to gzip:9 or lzf (none)", opt_compressions),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "get columns of obs as TSV, or join a TSV into obs",
	.synopsis = "get|put [OPTIONS] [FILE]",
	.options = options,
	.max_inputs = 2,
};

/* ---- get ---------------------------------------------------------------------------------- */

/* "auto" is the column of cell types. */
static const struct column *wanted_column(struct frame *obs, const char *name, struct err *err)
{
	const char *label = label_column(obs, name, err);

	if (label && !str_eq(label, name))
		say("labels are in %s", label);
	return label ? frame_column(obs, label, err) : NULL;
}

/* Pointers to the columns asked for, all of them loaded. The caller frees. */
static const struct column **wanted_columns(struct frame *obs, size_t *n, struct err *err)
{
	const struct column **columns;
	struct obs_names names = obs_names_split(o.columns);

	*n = o.columns ? names.n : obs->n_columns;
	MEM_ZERO(columns, *n);
	for (size_t i = 0; i < *n; i++) {
		columns[i] = o.columns ? wanted_column(obs, names.items[i], err)
				       : frame_column_at(obs, i, err);
		if (!columns[i]) {
			free(columns);
			columns = NULL;
			break;
		}
	}
	obs_names_release(&names);
	return columns;
}

static int get(struct h5ad *in, struct err *err)
{
	struct frame *obs = h5ad_obs(in);
	char **keys = frame_keys(obs, err);
	size_t n = 0;
	const struct column **columns = keys ? wanted_columns(obs, &n, err) : NULL;
	struct outfile *file = columns ? outfile_open(o.output, err) : NULL;
	struct column renamed;

	if (!file)
		return -1;
	if (o.as) {
		renamed = *columns[0];
		renamed.name = (char *)(uintptr_t)o.as;
		columns[0] = &renamed;
	}
	struct tsv_writer out = {.file = outfile_stream(file),
				 .path = outfile_target(file),
				 .sanitize = o.sanitize,
				 .advice = " (--sanitize makes it a space)"};
	frame_put_rows("cell", keys, columns, n, obs->n_rows, &out);
	free(columns);
	if (tsv_writer_close(&out, err)) {
		outfile_abort(file);
		return -1;
	}
	return outfile_commit(file, err);
}

/* ---- put ---------------------------------------------------------------------------------- */

/* Names that find the row of each cell: its own, or its value in a column. Freed by the caller. */
static char **names_of_cells(struct frame *obs, struct arena *arena, struct err *err)
{
	char **names, **keys = frame_keys(obs, err);
	struct text scratch = TEXT_INIT;

	if (!keys || (!o.by && obs_check_keys(keys, obs->n_rows, err)))
		return NULL;
	if (!o.by)
		return mem_copy(keys, obs->n_rows, sizeof(*keys));
	const struct column *by = frame_column(obs, o.by, err);
	if (!by)
		return NULL;
	MEM_ARRAY(names, obs->n_rows);
	for (size_t row = 0; row < obs->n_rows; row++) {
		const char *text = column_text(by, row, &scratch);
		names[row] = *text ? arena_str(arena, text, strlen(text)) : NULL;
	}
	text_release(&scratch);
	return names;
}

static int check_match(const struct text_table *table, const struct text_match *m, size_t n_cells,
		       const struct h5ad *in, struct err *err)
{
	if (m->n_unknown && !o.by && !o.subset)
		return err_set(err,
			       "%s: %zu of %zu cells are not in %s, the first is '%s' (--subset "
			       "passes them over)",
			       table->path, m->n_unknown, table->n_rows, h5ad_path(in), m->unknown);
	if (m->n_unknown && o.subset)
		say("%zu of the %zu rows of %s are of cells that are not in %s", m->n_unknown,
		    table->n_rows, table->path, h5ad_path(in));
	if (m->n_matched == 0 && n_cells > 0)
		return err_refuse(err,
				  "%s: no row belongs to a cell of %s (h5-obs get lists its cells)",
				  table->path, h5ad_path(in));
	if (m->n_matched < n_cells)
		say("%zu of %zu cells have no row in %s: their values are missing",
		    n_cells - m->n_matched, n_cells, table->path);
	return 0;
}

/* A column that someone else made is not overwritten by the way. */
static int check_columns(struct frame *obs, const struct obs_plan *plan, const struct h5ad *in,
			 struct err *err)
{
	for (size_t i = 0; i < plan->n && !o.replace; i++)
		if (frame_find(obs, plan->entries[i].name))
			return err_refuse(err,
					  "%s: obs has a column '%s' already (--replace puts the "
					  "new one in its place; --prefix or --map give it "
					  "another name)",
					  h5ad_path(in), plan->entries[i].name);
	return 0;
}

static int add_columns(struct frame *obs, const struct text_table *table,
		       const struct obs_plan *plan, const struct text_match *m, struct err *err)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct obs_entry *e = &plan->entries[i];
		char **values = text_table_values(table, e->column, m, obs->n_rows);
		int bad = obs_entry_finish(e, values, obs->n_rows, err);
		if (!bad) {
			struct column c = obs_entry_column(e, values, obs->n_rows);
			if (frame_find(obs, e->name))
				say("column '%s' is replaced", e->name);
			manifest_decision(e->name, "from %s", table->names[e->column]);
			frame_add(obs, &c);
		}
		free(values);
		if (bad)
			return -1;
	}
	return 0;
}

static int write_file(struct h5ad *in, struct frame *obs, struct err *err)
{
	struct pool *pool = pool_new(tool_threads);
	struct writer *out = writer_open(o.output, o.compress, pool, err);
	int ret = -1;

	if (out && !writer_carry(out, in, "X", err) && !writer_frame(out, "obs", obs, err) &&
	    !writer_carry_rest(out, in, err))
		ret = writer_finish(out, err);
	else
		writer_abort(out);
	pool_free(pool);
	return ret;
}

/* The columns of one table, as 'how' names them, into obs. 'names' find the row of each cell. */
static int join_table(struct h5ad *in, struct frame *obs, const char *path,
		      const struct obs_choices *how, char **names, size_t *n_matched,
		      struct err *err)
{
	struct text_table *table = text_table_read(path, err);
	struct obs_plan plan = {0};
	struct text_match m = {0};
	int ret = -1;

	if (!table || obs_plan_make(&plan, table, how, err))
		goto free_table;
	m = text_table_match(table, names, obs->n_rows);
	if (!check_match(table, &m, obs->n_rows, in, err) && !check_columns(obs, &plan, in, err) &&
	    !add_columns(obs, table, &plan, &m, err))
		ret = 0;
	*n_matched = m.n_matched;
	free(m.rows);
free_table:
	obs_plan_release(&plan);
	text_table_free(table);
	return ret;
}

/* "PREFIX=TABLE.tsv". A table without a byte is of a step that was passed over, and is too. */
static int join_more(struct h5ad *in, struct frame *obs, const char *more, char **names,
		     struct err *err)
{
	const char *path = strchr(more, '=') + 1;
	char *prefix = mem_strn(more, (size_t)(path - 1 - more));
	struct obs_choices how = {.prefix = prefix};
	size_t n;
	int ret = file_is_empty(path) ? 0 : join_table(in, obs, path, &how, names, &n, err);

	free(prefix);
	return ret;
}

static int put(struct h5ad *in, struct err *err)
{
	struct frame *obs = h5ad_obs(in);
	struct obs_choices how = {o.map, o.prefix, o.preset, o.text, o.drop};
	struct arena arena = {0};
	char **names = obs ? names_of_cells(obs, &arena, err) : NULL;
	int ret = names ? 0 : -1;
	size_t n_matched = 0;

	if (!ret && str_eq(o.preset ? o.preset : "", "cellxgene") && frame_find(obs, "cell_type"))
		warn("obs has a column cell_type: CELLxGENE makes that one itself from the ids "
		     "and refuses files that bring it");
	if (!ret)
		ret = join_table(in, obs, o.table, &how, names, &n_matched, err);
	for (size_t i = 0; i < o.more.n && !ret; i++)
		ret = join_more(in, obs, o.more.items[i], names, err);
	if (!ret) {
		manifest_count("cells", obs->n_rows);
		manifest_count("cells_matched", n_matched);
		ret = write_file(in, obs, err);
	}
	free(names);
	arena_release(&arena);
	return ret;
}

/* ---- main --------------------------------------------------------------------------------- */

static bool check_usage(const struct inputs *in)
{
	bool putting = in->n > 0 && str_eq(in->paths[0], "put");

	if (in->n == 0 || (!putting && !str_eq(in->paths[0], "get")))
		die_usage("say 'get' or 'put' first: h5-obs get FILE");
	if (putting && !o.table)
		die_usage("put needs -f TABLE.tsv");
	if (!putting && (o.table || o.map || o.prefix || o.preset || o.by || o.text || o.drop ||
			 o.replace || o.subset || o.more.n))
		die_usage("--table, --map, --prefix, --preset, --by, --text, --drop, --replace, "
			  "--subset and --more are for put");
	for (size_t i = 0; i < o.more.n; i++)
		if (!strchr(o.more.items[i], '='))
			die_usage("--more %s: should be PREFIX=TABLE.tsv", o.more.items[i]);
	if (putting && (o.columns || o.sanitize))
		die_usage("--columns and --sanitize are for get");
	if (o.as && (putting || !o.columns || strchr(o.columns, ',')))
		die_usage("--as is for get, with one column");
	return putting;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;

	tool_begin("h5-obs", argc, argv);
	struct inputs inputs = opt_parse(&usage, argc, argv);
	bool putting = check_usage(&inputs);
	const char *path = inputs.n > 1 ? inputs.paths[1] : "-";
	manifest_input(path);
	if (putting)
		manifest_input(o.table);
	for (size_t i = 0; i < o.more.n; i++)
		manifest_input(strchr(o.more.items[i], '=') + 1);
	manifest_output(o.output);

	struct h5ad *in = h5ad_open(path, &err);
	if (!in || (putting ? put(in, &err) : get(in, &err)))
		die_err(&err);
	h5ad_close(in);
	return tool_end();
}
