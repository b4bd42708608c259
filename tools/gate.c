/* gate - call cells Unknown when their label cannot be trusted, and say why.
 *
 * Reads a predictions TSV, writes it with the label replaced where a rule says so, the label as
 * it was in label_original and the rules that spoke in reason. Rows keep their order. Streams, but
 * for the names of the cells, none of which may be there twice.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/opt.h"
#include "base/strtab.h"
#include "base/text.h"
#include "base/tool.h"
#include "calls/calls.h"
#include "calls/climb.h"
#include "calls/doubts.h"

static const char *const yes_no[] = {"yes", "no", NULL};
static const char *const far_by[] = {"cells", "clusters", NULL};

static struct opts {
	struct doubt_rules rules;
	const char *by_depth, *far, *column, *label, *output;
	bool climb, none;
} o = {.rules = {.min_confidence = 0.3,
		 .min_probability = 0.4,
		 .max_novelty = NAN,
		 .min_explained = 0.25},
       .by_depth = "yes",
       .label = "Unknown",
       .output = "-"};

static const struct opt options[] = {
	OPT_FLOAT("min-confidence", 0, rules.min_confidence, "P",
		  "less is LOW, where there is no probability (0.3)"),
	OPT_FLOAT("min-probability", 0, rules.min_probability, "P",
		  "less of the calibrated probability is LOW (0.4)"),
	OPT_FLOAT("max-novelty", 0, rules.max_novelty, "X",
		  "more is FAR; 0: no such rule (novelty_limit, or 2.75)"),
	OPT_FLOAT("min-explained", 0, rules.min_explained, "SHARE",
		  "less of what the label's scores vary by is COVER (0.25)"),
	OPT_FLOAT("min-margin", 0, rules.min_margin, "M",
		  "a smaller lead over the second label is TIE (0: no such rule)"),
	OPT_FLOAT("max-disagreement", 0, rules.max_disagreement, "D",
		  "models that disagree more are SPLIT (0: no such rule)"),
	OPT_CHOICE("depth", 0, by_depth, "YES|NO",
		   "less than confidence_needed, by the cell's counts, is DEPTH (yes)", yes_no),
	OPT_CHOICE("far", 0, far, "HOW",
		   "FAR by cells or clusters (clusters, where vote judged them)", far_by),
	OPT_FLAG("climb", 0, climb,
		 "LOW or TIE: first the surest answer above the label is sought"),
	OPT_FLAG("none", 0, none, "no rule at all: every label stands"),
	OPT_TEXT("column", 0, column, "NAME",
		 "the labels to judge, such as majority_voting (label)"),
	OPT_TEXT("label", 0, label, "NAME", "what such cells are called (Unknown)"),
	OPT_OUTPUT(output),
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "call cells Unknown when their label cannot be trusted",
	.synopsis = "[OPTIONS] [CALLS.tsv] [-o OUTPUT.tsv]",
	.options = options,
	.max_inputs = 1,
	.details = "A gated table may be gated again: it starts over from label_original.",
};

/* What a table may have beside a label, and what of an earlier gate keeps it. */
#define N_BELONGING 3
static const char *const belonging[N_BELONGING][2] = {{"cl_id", "cl_id_original"},
						      {"cl_name", "cl_name_original"},
						      {"cl_score", "cl_score_original"}};

struct gate {
	struct calls *in;
	size_t from;                                /* column of the labels judged */
	size_t original, reason;                    /* columns of an earlier gate, or SIZE_MAX */
	size_t now[N_BELONGING], kept[N_BELONGING]; /* columns of belonging, or SIZE_MAX */
	size_t voted; /* the ids of the labels that the vote gave, when those are judged; or
			 SIZE_MAX */
	struct strtab seen;
	size_t link;            /* column that says softmax, or SIZE_MAX */
	size_t spoke[N_DOUBTS]; /* cells that each was a reason for */
	size_t n_cells, n_unknown, n_climbed, n_softmax;
	bool climbs; /* the cell does, to this */
	struct climbed to;
	struct text reasons; /* of the cell */
};

/* Does an unsure cell climb? What is above is above its own label, not above one that was voted. */
static int try_climb(struct gate *g, size_t first, struct err *err)
{
	char *const *fields = g->in->tsv->fields;
	size_t own = g->original == SIZE_MAX ? g->in->label : g->original;
	int got = 0;

	g->climbs = false;
	if (!o.climb || o.none || first < DOUBTS_OF_LABEL || first >= N_DOUBTS ||
	    !str_eq(fields[own], fields[g->from]))
		return 0;
	got = climb(calls_above(g->in), o.rules.min_probability, &g->to, err);
	if (got < 0)
		return err_prefix(err, "%s: line %zu", g->in->tsv->path, g->in->tsv->line);
	g->climbs = got > 0;
	return 0;
}

/* Reasons of a cell, in the order of the rules, with ";" between; CLIMB is before all others. */
static int judge(struct gate *g, struct err *err)
{
	struct text *reasons = &g->reasons;
	bool spoke[N_DOUBTS];
	size_t first = doubts_of(g->in, &o.rules, spoke);

	if (o.none)
		memset(spoke, 0, sizeof(spoke));
	if (try_climb(g, first, err))
		return -1;
	text_clear(reasons);
	if (g->climbs)
		text_add(reasons, "CLIMB");
	for (size_t i = 0; i < N_DOUBTS; i++) {
		if (!spoke[i])
			continue;
		g->spoke[i]++;
		text_add(reasons, "%s%s", reasons->len ? ";" : "", doubt_names[i]);
	}
	g->n_climbed += g->climbs;
	g->n_unknown += reasons->len && !g->climbs;
	return 0;
}

static size_t index_of(const size_t *columns, size_t n, size_t column)
{
	size_t i = 0;

	while (i < n && columns[i] != column)
		i++;
	return i;
}

/* Columns of an earlier gate, which are written anew. */
static bool is_replaced(const struct gate *g, size_t column)
{
	return column == g->original || column == g->reason ||
	       index_of(g->kept, N_BELONGING, column) < N_BELONGING;
}

/*
 * What goes with the label judged. When that is not the label the cell came with, it is the id that
 * the vote found for its own, or nothing.
 */
static const char *belonging_of(const struct gate *g, size_t i)
{
	char *const *fields = g->in->tsv->fields;
	size_t column = g->kept[i] == SIZE_MAX ? g->now[i] : g->kept[i];
	size_t label = g->original == SIZE_MAX ? g->in->label : g->original;

	if (str_eq(fields[label], fields[g->from]))
		return fields[column];
	return i == 0 && g->voted != SIZE_MAX ? fields[g->voted] : "";
}

/* The answer's own: of one that was climbed to the id is known, and its label is its name. */
static const char *answer_of(const struct gate *g, size_t k)
{
	if (g->climbs)
		return k == 0 ? g->to.id.s : k == 1 && g->to.id.len ? g->to.label.s : "";
	return g->reasons.len ? "" : belonging_of(g, k);
}

static void put_cell(const struct gate *g, struct tsv_writer *w)
{
	const struct tsv *row = g->in->tsv;
	const char *judged = g->climbs        ? g->to.label.s
			     : g->reasons.len ? o.label
					      : row->fields[g->from];
	size_t own = g->original == SIZE_MAX ? g->in->label : g->original;

	for (size_t i = 0; i < row->n_fields; i++) {
		size_t k = index_of(g->now, N_BELONGING, i);

		if (is_replaced(g, i))
			continue;
		if (i == g->in->label)
			tsv_put(w, judged);
		else if (k < N_BELONGING)
			tsv_put(w, answer_of(g, k));
		else
			tsv_put(w, row->fields[i]);
	}
	tsv_put(w, row->fields[own]);
	tsv_put(w, g->reasons.s);
	for (size_t k = 0; k < N_BELONGING; k++)
		if (g->now[k] != SIZE_MAX)
			tsv_put(w, belonging_of(g, k));
	tsv_end_row(w);
}

static void put_header(const struct gate *g, struct tsv_writer *w)
{
	for (size_t i = 0; i < g->in->tsv->n_fields; i++)
		if (!is_replaced(g, i))
			tsv_put(w, g->in->tsv->header[i]);
	tsv_put(w, "label_original");
	tsv_put(w, "reason");
	for (size_t k = 0; k < N_BELONGING; k++)
		if (g->now[k] != SIZE_MAX)
			tsv_put(w, belonging[k][1]);
	tsv_end_row(w);
}

static int check_new(struct gate *g, struct err *err)
{
	const char *cell = calls_cell(g->in);

	if (strtab_add(&g->seen, cell) == g->n_cells)
		return 0;
	return err_set(err, "%s: line %zu: the cell %s is there twice", g->in->tsv->path,
		       g->n_cells + 2, cell);
}

static int put_cells(struct tsv_writer *w, void *arg, struct err *err)
{
	struct gate *g = arg;
	int got;

	put_header(g, w);
	while ((got = calls_next(g->in, err)) > 0) {
		if (check_new(g, err) || judge(g, err)) {
			got = -1;
			break;
		}
		put_cell(g, w);
		g->n_cells++;
		g->n_softmax += g->link != SIZE_MAX && isnan(g->in->probability) &&
				str_eq(g->in->tsv->fields[g->link], "softmax");
	}
	return got;
}

static void report(const struct gate *g)
{
	struct text spoke = TEXT_INIT;

	for (size_t i = 0; i < N_DOUBTS; i++)
		if (g->spoke[i])
			text_add(&spoke, "%s%s %zu", spoke.len ? ", " : " (", doubt_names[i],
				 g->spoke[i]);
	text_add(&spoke, "%s", spoke.len ? ")" : "");
	if (o.climb && g->in->above_column != SIZE_MAX)
		say("%zu of %zu cells are in doubt%s: %zu climbed to a term above, %zu are %s",
		    g->n_climbed + g->n_unknown, g->n_cells, spoke.s, g->n_climbed, g->n_unknown,
		    o.label);
	else
		say("%zu of %zu cells are %s%s", g->n_unknown, g->n_cells, o.label, spoke.s);
	if (o.climb && g->in->above_column == SIZE_MAX)
		say("%s has no column above: nothing climbs; lr-predict --climb says what is above "
		    "a label, of a model with ids or levels (lr-train --map, --ids, --levels)",
		    g->in->tsv->path);
	text_release(&spoke);
	if (g->n_softmax && o.rules.min_confidence > 0 && !o.none)
		warn("%zu of %zu cells have the confidence of a softmax model: a share among its "
		     "own classes, which is high for cells of none of them too, so "
		     "--min-confidence says little about belonging (gate(1))",
		     g->n_softmax, g->n_cells);
	manifest_count("cells", g->n_cells);
	manifest_count("unknown", g->n_unknown);
	if (o.climb)
		manifest_count("CLIMB", g->n_climbed);
	for (size_t i = 0; i < N_DOUBTS; i++)
		manifest_count(doubt_names[i], g->spoke[i]);
}

static int find_columns(struct gate *g, struct err *err)
{
	const struct tsv *t = g->in->tsv;
	size_t needed;

	g->original = tsv_column(t, "label_original");
	g->reason = tsv_column(t, "reason");
	g->link = tsv_column(t, "link");
	for (size_t k = 0; k < N_BELONGING; k++) {
		g->now[k] = tsv_column(t, belonging[k][0]);
		g->kept[k] = tsv_column(t, belonging[k][1]);
	}
	g->from = g->original == SIZE_MAX ? g->in->label : g->original;
	if (o.column && tsv_need(t, o.column, &g->from, err))
		return -1;
	g->voted = o.column && str_eq(o.column, "majority_voting") ? tsv_column(t, "cl_id_voted")
								   : SIZE_MAX;
	if ((g->in->confidence_column == SIZE_MAX && g->in->probability_column == SIZE_MAX &&
	     tsv_need(t, "confidence", &needed, err)) ||
	    (o.far && o.rules.by_clusters && tsv_need(t, "novelty_voted", &needed, err)) ||
	    (o.rules.min_margin > 0 && tsv_need(t, "margin", &needed, err)))
		return -1;
	return 0;
}

static void check_share(const char *option, double value)
{
	if (!(value >= 0 && value <= 1))
		die_usage("%s %g: a share from 0 to 1", option, value);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct gate gate = {.to = {TEXT_INIT, TEXT_INIT, 0}, .reasons = TEXT_INIT};
	struct inputs in;

	tool_begin("gate", argc, argv);
	in = opt_parse(&usage, argc, argv);
	check_share("--min-confidence", o.rules.min_confidence);
	check_share("--min-probability", o.rules.min_probability);
	check_share("--min-margin", o.rules.min_margin);
	check_share("--min-explained", o.rules.min_explained);
	check_share("--max-disagreement", o.rules.max_disagreement);
	if (o.rules.max_novelty < 0)
		die_usage("--max-novelty %g: 0 or more", o.rules.max_novelty);
	o.rules.depth = str_eq(o.by_depth, "yes");
	o.rules.by_clusters = !o.far || str_eq(o.far, "clusters");
	manifest_input(in.paths[0]);
	manifest_output(o.output);
	gate.in = calls_open(in.paths[0], &err);
	if (!gate.in || find_columns(&gate, &err))
		die_err(&err);

	if (tsv_write_file(o.output, put_cells, &gate, &err))
		die_err(&err);
	report(&gate);

	strtab_release(&gate.seen);
	climbed_release(&gate.to);
	text_release(&gate.reasons);
	calls_close(gate.in);
	return tool_end();
}
