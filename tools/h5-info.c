/* h5-info - say what is in an h5ad.
 *
 * Reads the outline of an h5ad of any dialect and writes a TSV: one row per part, with what it is,
 * its shape and how it is stored. --columns looks at the values of obs or var as well.
 * Memory does not grow with the matrices; --columns holds one column at a time.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/tool.h"
#include "h5ad/frame/label_column.h"
#include "h5ad/outline.h"

static struct opts {
	const char *columns, *output;
	size_t values;
	bool sanitize, label_column;
} o = {.output = "-", .values = 5};

static const char *const tables[] = {"obs", "var", "raw", NULL};

static const struct opt options[] = {
	OPT_CHOICE("columns", 'c', columns, "TABLE", "look into the columns of obs, var or raw",
		   tables),
	OPT_SIZE("values", 'n', values, "N", "with --columns, show the N commonest values (5)"),
	OPT_FLAG("label-column", 0, label_column,
		 "only the obs column of cell types, if one is known by name"),
	OPT_FLAG("sanitize", 0, sanitize, "write tabs and newlines within names as spaces"),
	OPT_OUTPUT(output),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "say what is in an h5ad",
	.synopsis = "[OPTIONS] [FILE]",
	.options = options,
	.max_inputs = 1,
};

/* ---- columns ------------------------------------------------------------------------------ */

static const struct column_groups *by_count_groups;

/* Commonest first, then by name. */
static int by_count(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	size_t n = by_count_groups->counts[x], m = by_count_groups->counts[y];

	return n != m ? (n < m) - (n > m) : (x > y) - (x < y);
}

/* "T cell (12), B cell (3), ..." */
static void add_commonest(struct text *t, const struct column_groups *g)
{
	size_t *order;

	MEM_ARRAY(order, MAX(g->n, 1));
	for (size_t i = 0; i < g->n; i++)
		order[i] = i;
	by_count_groups = g;
	qsort(order, g->n, sizeof(*order), by_count);
	for (size_t i = 0; i < MIN(g->n, o.values); i++)
		text_add(t, "%s%s (%zu)", i ? ", " : "", g->names[order[i]], g->counts[order[i]]);
	if (g->n > o.values && o.values)
		text_add(t, ", ...");
	free(order);
}

static void put_range(struct tsv_writer *out, const struct column *c, double min, double max)
{
	void (*put)(struct tsv_writer *, double) =
		c->kind == COLUMN_FLOAT && c->width < 8 ? tsv_put_float : tsv_put_double;

	put(out, min);
	put(out, max);
}

static void put_column(struct tsv_writer *out, const struct column *c)
{
	struct column_groups g = column_group(c);
	struct text t = TEXT_INIT;
	double min = 0, max = 0;
	bool any = false;

	for (size_t row = 0; row < c->n && c->kind >= COLUMN_BOOL; row++) {
		double value = column_number(c, row);
		if (column_missing(c, row))
			continue;
		min = any ? MIN(min, value) : value;
		max = any ? MAX(max, value) : value;
		any = true;
	}
	tsv_put(out, c->name);
	tsv_put(out, column_type_name(c, &t));
	tsv_put(out, c->ordered ? "yes" : "no");
	tsv_put_size(out, g.n_missing);
	tsv_put_size(out, g.n);
	put_range(out, c, any ? min : NAN, any ? max : NAN);
	text_clear(&t);
	add_commonest(&t, &g);
	tsv_put(out, t.s);
	tsv_end_row(out);
	column_groups_release(&g);
	text_release(&t);
}

static int put_columns(struct tsv_writer *out, struct h5ad *in, struct err *err)
{
	struct frame *f = str_eq(o.columns, "obs")   ? h5ad_obs(in)
			  : str_eq(o.columns, "var") ? h5ad_var(in)
						     : h5ad_raw_var(in, err);

	if (!f)
		return -1;
	tsv_header(out, "column\ttype\tordered\tmissing\tdistinct\tmin\tmax\tcommonest");
	for (size_t i = 0; i < f->n_columns; i++) {
		const struct column *c = frame_column_at(f, i, err);
		if (!c)
			return -1;
		put_column(out, c);
		frame_forget(f, c);
	}
	return 0;
}

/* A line with its name; none when no column is known to have cell types, which is no failure. */
static int put_label_column(struct tsv_writer *out, struct h5ad *in)
{
	struct err none = ERR_INIT;
	const char *label = label_column(h5ad_obs(in), "auto", &none);

	if (label) {
		tsv_put(out, label);
		tsv_end_row(out);
	}
	err_clear(&none);
	return 0;
}

static int put_asked(struct tsv_writer *out, void *in, struct err *err)
{
	out->sanitize = o.sanitize;
	out->advice = " (--sanitize makes it a space)";
	return o.label_column ? put_label_column(out, in)
	       : o.columns    ? put_columns(out, in, err)
			      : outline_put(out, in, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct inputs in;
	struct h5ad *file;

	tool_begin("h5-info", argc, argv);
	in = opt_parse(&usage, argc, argv);
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	file = h5ad_open(in.paths[0], &err);
	if (!file || tsv_write_file(o.output, put_asked, file, &err))
		die_err(&err);
	h5ad_close(file);
	return tool_end();
}
