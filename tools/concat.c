/* concat - put the cells of several h5ads under each other.
 *
 * Reads h5ads, writes one h5ad with the genes all of them have (or any has), in anndata's order,
 * and the obs columns merged as anndata.concat merges them. Inputs stream one after the other;
 * memory is the annotation and a few blocks. Inputs that are normalised differently are refused.
 */
#include "base/util.h"

#include "base/datadir.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/outfile.h"
#include "base/tool.h"
#include "format/tsv.h"
#include "h5ad/derive/concat.h"
#include "h5ad/derive/panel.h"
#include "h5ad/frame/label_column.h"
#include "onto/harmonise.h"
#include "onto/onto_read.h"

/* Missing genes named in a message; --missing and the manifest have them all. */
#define MOST_NAMED 20

static const char *const joins[] = {"inner", "outer", NULL};

static struct opts {
	const char *join, *panel, *label, *keys, *index_unique, *source, *compress, *output;
	const char *map, *ids, *ontology, *missing;
	double min_score, min_kept;
	struct opt_list unify;
	bool mixed, mixed_species;
} o = {
	.join = "inner",
	.label = "batch",
	.index_unique = "-",
	.source = "reference_source",
	.compress = "none",
	.output = "-",
	.min_score = 0.7,
	.min_kept = 0.1,
};

static const struct opt options[] = {
	OPT_CHOICE("join", 'j', join, "HOW", "genes of all inputs, or of any: inner, outer (inner)",
		   joins),
	OPT_TEXT("genes", 'g', panel, "FILE",
		 "of these, only the genes of this list, panel or h5ad"),
	OPT_TEXT("missing", 0, missing, "FILE", "write which listed genes each input lacks"),
	OPT_TEXT("label", 0, label, "COL,...", "obs columns for the input's key; none: no (batch)"),
	OPT_TEXT("keys", 'k', keys, "A,B,...", "what the inputs are called (0, 1, ...)"),
	OPT_TEXT("index-unique", 0, index_unique, "JOIN",
		 "between a cell's name and its input's key; none: names stay (-)"),
	OPT_TEXT("source", 0, source, "COLUMN",
		 "obs column for the input's file name; none: no (reference_source)"),
	OPT_LIST("unify", 'u', unify, "DEST=COL1,COL2,...",
		 "one column from another of each input, or auto"),
	OPT_TEXT("map", 0, map, "FILE", "cl-map's map: labels of one id get one name in --unify"),
	OPT_TEXT("ids", 0, ids, "NAME", "with --map: a column of the ids, for lr-train --ids"),
	OPT_FLOAT("min-score", 0, min_score, "P", "ids of the map with less are not used (0.7)"),
	OPT_TEXT("ontology", 0, ontology, "FILE", "the terms of --map (ontology/cl.tsv)"),
	OPT_FLAG("mixed", 0, mixed, "accept inputs that are normalised differently"),
	OPT_FLAG("mixed-species", 0, mixed_species, "accept genes of several species"),
	OPT_FLOAT("min-kept", 0, min_kept, "SHARE",
		  "of an input's genes that an inner join must keep (0.1)"),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "put the cells of several h5ads under each other",
	.synopsis = "[OPTIONS] INPUT... [-o OUTPUT]",
	.options = options,
	.max_inputs = SIZE_MAX,
};

/* "none" means no. */
static const char *unless_none(const char *s)
{
	return str_eq(s, "none") ? NULL : s;
}

static void say_input(const struct concat *c, size_t i)
{
	say("%s: %zu cells, %zu genes%s%s", h5ad_path(c->inputs[i]), h5ad_n_cells(c->inputs[i]),
	    h5ad_n_genes(c->inputs[i]), c->verdicts[i] ? ", " : "",
	    c->verdicts[i] ? c->verdicts[i] : "");
}

/* Two words for one type are two classes, which compete: that must not happen unseen. */
static void warn_of_words(const struct concat *c, const char *column, const struct column_groups *g)
{
	size_t n_apart = c->n > 1 && !o.map ? concat_apart(c, g) : 0;

	if (n_apart)
		warn("%s: %zu of %zu labels are in one input only: the same types in other words "
		     "become classes that compete (--map, of cl-map, gives those of one id one "
		     "name)",
		     column, n_apart, g->n);
}

/* The largest labels, as spec/0 shows them. */
static void say_labels(const struct concat *c)
{
	for (size_t u = 0; u < c->n_unified; u++) {
		struct column_groups g = column_group(frame_find(c->obs, c->unified[u].name));
		size_t *order = concat_by_size(&g);
		char count[32];

		say("%s: %zu labels", c->unified[u].name, g.n);
		for (size_t i = 0; i < MIN(g.n, (size_t)10); i++)
			say("  %s: %s cells", g.names[order[i]],
			    format_count(count, g.counts[order[i]]));
		if (g.n > 10)
			say("  ... and %zu more", g.n - 10);
		if (g.n_missing)
			say("  without a label: %s cells", format_count(count, g.n_missing));
		warn_of_words(c, c->unified[u].name, &g);
		free(order);
		column_groups_release(&g);
	}
}

static void open_inputs(struct concat *c, const struct inputs *in, struct err *err)
{
	MEM_ZERO(c->inputs, in->n);
	for (; c->n < in->n; c->n++) {
		manifest_input(in->paths[c->n]);
		c->inputs[c->n] = h5ad_open(in->paths[c->n], err);
		if (!c->inputs[c->n])
			die_err(err);
	}
}

/* ---- labels ---- */

static void say_column(const char *path, const char *column)
{
	say("%s: labels are in %s", path, column);
}

/* ---- the panel ---- */

static void say_panel(const struct concat *c, size_t input)
{
	const struct gene_panel *panel = c->panel;
	const char *path = h5ad_path(c->inputs[input]);
	struct text names = TEXT_INIT;
	size_t n = 0;

	for (size_t i = 0; i < panel->genes.n; i++)
		n += c->listed[input][i];
	gene_panel_missing(panel, c->listed[input], MOST_NAMED, &names);
	say("%s: %zu of the panel's %zu genes%s%s", path, n, panel->genes.n,
	    names.len ? "; it lacks " : "", names.s ? names.s : "");
	text_clear(&names);
	gene_panel_missing(panel, c->listed[input], SIZE_MAX, &names);
	if (names.len)
		manifest_decision("panel genes missing", "%s: %s", path, names.s);
	text_release(&names);
}

/* Which genes and columns there will be. What inputs have of the panel is said in any case. */
static int plan(struct concat *c, struct err *err)
{
	int ret = concat_find_labels(c, say_column, err) ? -1 : concat_plan(c, err);

	for (size_t i = 0; c->listed && i < c->n; i++)
		if (c->listed[i])
			say_panel(c, i);
	return ret;
}

/* ---- one name for every id ---- */

static void tell(const char *line)
{
	say("%s", line);
	manifest_decision("harmonise", "%s", line);
}

static void add_ids(struct frame *obs, struct column *ids)
{
	free(ids->name);
	ids->name = mem_str(o.ids);
	frame_add(obs, ids);
}

static int harmonise_unified(const struct concat *c, const struct labelmap *map,
			     const struct onto *onto, struct err *err)
{
	size_t *n_cells = mem_zero(c->n, sizeof(*n_cells));
	const char **names = mem_zero(c->n, sizeof(*names));
	struct harmonise h = {map, onto, o.min_score, names, n_cells, c->n, tell};
	int ret = 0;

	for (size_t i = 0; i < c->n; i++) {
		names[i] = o.keys ? c->keys.s[i] : h5ad_path(c->inputs[i]);
		n_cells[i] = h5ad_n_cells(c->inputs[i]);
	}
	for (size_t u = 0; u < c->n_unified && ret == 0; u++) {
		const struct column *labels = frame_column(c->obs, c->unified[u].name, err);
		struct column one, ids;

		if (!labels) {
			ret = -1;
			break;
		}
		one = harmonise_labels(&h, labels, &ids);
		frame_add(c->obs, &one);
		if (o.ids)
			add_ids(c->obs, &ids);
		column_release(&ids);
	}
	free(n_cells);
	free(names);
	return ret;
}

static int harmonise(struct concat *c, struct err *err)
{
	char *path = o.ontology ? mem_str(o.ontology) : datadir_find("ontology/cl.tsv", err);
	struct onto *onto = path ? onto_read(path, NULL, err) : NULL;
	struct labelmap *map = onto ? labelmap_read(o.map, err) : NULL;
	int ret = map && concat_obs(c, err) == 0 ? harmonise_unified(c, map, onto, err) : -1;

	labelmap_free(map);
	onto_free(onto);
	free(path);
	return ret;
}

/* What the options ask for. */
static void take_options(struct concat *c, size_t n_inputs)
{
	struct err err = ERR_INIT;

	if (o.missing && !o.panel)
		die_usage("--missing is for --genes");
	if (o.map && !o.unify.n)
		die_usage("--map is for the columns that --unify makes");
	if (o.ids && (!o.map || o.unify.n != 1))
		die_usage("--ids is of one --unify, with --map");
	if (concat_name_keys(&c->keys, o.keys, n_inputs, &err))
		die_usage("--keys: %s", err.text);
	MEM_ZERO(c->unified, o.unify.n + 1);
	for (; c->n_unified < o.unify.n; c->n_unified++)
		if (unified_parse(&c->unified[c->n_unified], o.unify.items[c->n_unified], n_inputs,
				  &err))
			die_usage("--unify %s: %s", o.unify.items[c->n_unified], err.text);
	c->outer = str_eq(o.join, "outer");
	c->label = unless_none(o.label);
	c->source = unless_none(o.source);
	c->index_unique = unless_none(o.index_unique);
	c->mixed = o.mixed;
	c->mixed_species = o.mixed_species;
	c->min_kept = o.min_kept;
}

/* An inner join is as narrow as its narrowest input: said when it costs half of one's genes. */
static void warn_of_loss(const struct concat *c)
{
	for (size_t i = 0; c->losses && i < c->n; i++) {
		const struct gene_loss *l = &c->losses[i];

		if (2 * l->kept < l->own)
			warn("%s: %zu of its %zu genes are left, as all inputs have them (without "
			     "%s it would be %zu)",
			     h5ad_path(c->inputs[i]), l->kept, l->own,
			     h5ad_path(c->inputs[concat_costliest(c)]),
			     c->losses[concat_costliest(c)].without);
	}
}

static void say_result(const struct concat *c)
{
	for (size_t i = 0; i < c->n; i++)
		say_input(c, i);
	for (size_t i = 0; i < c->left_out.n; i++)
		say("%s is not in all inputs, or not alike: left out", c->left_out.s[i]);
	if (c->repeated)
		warn("two cells are called %s (--index-unique puts the input's key behind names)",
		     c->repeated);
	say_labels(c);
	manifest_count("cells", c->n_cells);
	manifest_count("genes", c->genes.genes.n);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	static struct concat c; /* reachable to the end, whichever that is */
	struct gene_panel panel;
	struct inputs in;

	tool_begin("concat", argc, argv);
	in = opt_parse(&usage, argc, argv);
	in.n = MAX(in.n, (size_t)1);
	take_options(&c, in.n);
	if (o.map)
		manifest_input(o.map);
	manifest_output(o.output);

	if (o.panel && panel_open(&panel, o.panel, &err))
		die_err(&err);
	c.panel = o.panel ? &panel : NULL;
	open_inputs(&c, &in, &err);
	c.pool = pool_new(tool_threads);
	if (plan(&c, &err) || (o.map && harmonise(&c, &err)))
		die_err(&err);
	say("%zu inputs: %zu cells, %zu genes (%s)", c.n, c.n_cells, c.genes.genes.n, o.join);
	warn_of_loss(&c);

	struct writer *out = writer_open(o.output, o.compress, c.pool, &err);
	if (!out || concat_write(&c, out, &err)) {
		writer_abort(out);
		die_err(&err);
	}
	say_result(&c);
	if (writer_finish(out, &err) || (o.missing && concat_write_missing(&c, o.missing, &err)))
		die_err(&err);

	if (c.panel)
		panel_release(&panel);
	pool_free(c.pool);
	concat_release(&c);
	return tool_end();
}
