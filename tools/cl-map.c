/* cl-map - map cell type labels to Cell Ontology ids.
 *
 * Reads labels from a TSV (column "label", or the first) or from an obs column of an h5ad file,
 * and writes one row per distinct label in the order of first appearance: id, name, a score that
 * is the probability that the id is right, how it was found, and the runner-up. A label that
 * names no cell type, or that nothing comes near, has no id and says why. The same labels give
 * the same bytes, whatever the number of threads.
 */
#include "base/util.h"

#include <math.h>

#include "base/fd.h"
#include "base/manifest.h"
#include "base/opt.h"
#include "base/pool.h"
#include "base/tool.h"
#include "calls/with_ids.h"
#include "format/tsv.h"
#include "onto/match/calibrate.h"
#include "onto/match/kinds.h"
#include "onto/match/labels.h"

#define MAX_TOP 20

static struct opts {
	struct opt_list h5ads, columns, ids;
	const char *append, *tissue, *type, *patterns, *overrides, *output;
	double min_score;
	size_t top;
	bool explain;
} o = {.type = "cell", .min_score = NAN, .top = 1, .output = "-"};

static const struct opt options[] = {
	OPT_LIST("column", 'c', columns, "NAME", "the column of labels (label, or the first)"),
	OPT_LIST("h5ad", 0, h5ads, "FILE", "the labels of this file's obs (needs --column)"),
	OPT_LIST("id-column", 0, ids, "NAME",
		 "an --h5ad's obs column of the labels' ids; none: no"),
	OPT_TEXT("append", 0, append, "FILE",
		 "write the table there with cl_id, cl_name and cl_score appended"),
	OPT_TEXT("tissue", 0, tissue, "TEXT|COLUMN",
		 "what tissue, or the column that says so: settles abbreviations"),
	OPT_CHOICE("type", 0, type, "KIND",
		   "what the labels name: cell, tissue, disease or all (cell)", kinds_names),
	OPT_FLOAT("min-score", 0, min_score, "P", "no id below this score (0; other kinds: 0.7)"),
	OPT_SIZE("top", 0, top, "K", "write up to K answers per label, with a rank (1)"),
	OPT_TEXT("patterns", 0, patterns, "FILE", "use these patterns, not ontology/patterns.tsv"),
	OPT_TEXT("overrides", 0, overrides, "FILE",
		 "label and id columns that win over everything"),
	OPT_FLAG("explain", 0, explain, "add what each score was computed from"),
	OPT_OUTPUT(output),
	OPT_THREADS,
	OPT_MANIFEST,
	OPT_END};

static const struct opt_usage usage = {
	.summary = "map cell type labels to Cell Ontology ids",
	.synopsis = "[OPTIONS] [LABELS.tsv...] [-o MAP.tsv]",
	.options = options,
	.max_inputs = SIZE_MAX,
	.details =
		"--column is given once, or once for every --h5ad. Tables beside those have their\n"
		"labels in the column label, or the first.",
};

/* The column of ids of the i-th h5ad; NULL without. */
static const char *ids_of(size_t i)
{
	const char *name = o.ids.n ? o.ids.items[o.ids.n > 1 ? i : 0] : "none";

	return str_eq(name, "none") ? NULL : name;
}

/* The column of labels of the i-th h5ad. */
static const char *column_of(size_t i)
{
	return o.columns.items[o.columns.n > 1 ? i : 0];
}

static void read_h5ads(struct labels *l)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < o.h5ads.n; i++) {
		manifest_input(o.h5ads.items[i]);
		if (labels_read_h5ad(l, o.h5ads.items[i], column_of(i), ids_of(i), o.tissue, &err))
			die_err(&err);
		if (l->column)
			say("%s: labels are in %s", o.h5ads.items[i], l->column);
	}
}

/* Tables of no bytes are of models that were passed over. */
static void read_tables(struct labels *l, const struct inputs *in)
{
	const char *column = o.h5ads.n || !o.columns.n ? NULL : o.columns.items[0];
	struct err err = ERR_INIT;

	for (size_t i = 0; i < (o.h5ads.n ? in->n : MAX(in->n, 1)); i++) {
		manifest_input(in->paths[i]);
		if (in->n > 1 && file_is_empty(in->paths[i]))
			continue;
		if (labels_read_tsv(l, in->paths[i], column, o.tissue, &err))
			die_err(&err);
	}
}

static void read_labels(struct labels *l, const struct inputs *in)
{
	size_t n_several = 0;

	read_h5ads(l);
	read_tables(l, in);
	for (size_t i = 0; i < l->keys.n; i++)
		n_several += l->ids[i] && !*l->ids[i];
	if (n_several)
		warn("%zu labels have cells of several ids: their words decide", n_several);
	if (l->n_not_utf8)
		warn("%s: %zu labels are not UTF-8: the bad bytes were replaced",
		     o.h5ads.n ? o.h5ads.items[0] : in->paths[0], l->n_not_utf8);
}

/* ---- mapping ------------------------------------------------------------------------------- */

static void put_header(struct tsv_writer *w)
{
	static const char *const columns[] = {"label",  "id",           "name",
					      "score",  "tier",         "how",
					      "second", "second_score", "tier_score"};

	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		tsv_put(w, columns[i]);
	if (o.top > 1)
		tsv_put(w, "rank");
	if (o.explain) {
		tsv_put(w, "words");
		tsv_put(w, "kind");
		for (size_t i = 0; i < N_FEATURES; i++)
			tsv_put(w, calibration_feature_name((enum feature)i));
	}
	tsv_end_row(w);
}

static void put_explanation(struct tsv_writer *w, const struct answers *a, size_t label,
			    const struct match *f)
{
	char words[WORDS_BYTES];

	matcher_words(a->kinds->list[0], a->labels->texts[label], a->labels->tissues[label], words);
	tsv_put(w, words);
	tsv_put(w, f->term == ONTO_NONE || f->tier == TIER_OVERRIDE
			   ? ""
			   : calibration_kind_name(f->kind));
	for (size_t i = 0; i < N_FEATURES; i++)
		tsv_put_float(w, f->features[i]);
}

static void put_row(struct tsv_writer *w, const struct answers *a, size_t label, size_t rank)
{
	const struct match *f = answers_of(a, label) + rank;
	const struct match *next = rank + 1 < a->n_found[label] ? f + 1 : NULL;
	bool kept = f->term != ONTO_NONE && f->score >= o.min_score;

	tsv_put(w, a->labels->texts[label]);
	tsv_put(w, kept ? f->id : "");
	tsv_put(w, kept ? f->name : "");
	tsv_put_float(w, f->score);
	tsv_put(w, match_tier_name(f->tier));
	tsv_put(w, f->how);
	tsv_put(w, next ? next->id : "");
	tsv_put_float(w, next ? next->score : NAN);
	tsv_put_float(w, f->tier_score);
	if (o.top > 1)
		tsv_put_size(w, rank + 1);
	if (o.explain)
		put_explanation(w, a, label, f);
	tsv_end_row(w);
}

static int put_map(struct tsv_writer *w, void *arg, struct err *err UNUSED)
{
	const struct answers *a = arg;

	w->sanitize = true;
	put_header(w);
	for (size_t i = 0; i < a->labels->keys.n; i++)
		for (size_t r = 0; r < MIN(o.top, a->n_found[i]); r++)
			put_row(w, a, i, r);
	return 0;
}

static void write_map(struct answers *a)
{
	struct err err = ERR_INIT;
	size_t n_mapped = 0, n_no_type = 0;

	if (tsv_write_file(o.output, put_map, a, &err))
		die_err(&err);
	for (size_t i = 0; i < a->labels->keys.n; i++) {
		const struct match *f = answers_of(a, i);

		n_mapped += f->term != ONTO_NONE && f->score >= o.min_score;
		n_no_type += f->no_type;
	}
	manifest_output(o.output);
	manifest_count("labels", a->labels->keys.n);
	manifest_count("mapped", n_mapped);
	say("%zu of %zu labels have an id (%zu rows)%s", n_mapped, a->labels->keys.n - n_no_type,
	    a->labels->n_rows, n_no_type ? "; Unknown and its like are no types" : "");
}

static void check_usage(const struct inputs *in)
{
	if (o.top < 1 || o.top > MAX_TOP)
		die_usage("--top takes 1 to %d", MAX_TOP);
	if (isnan(o.min_score))
		o.min_score = str_eq(o.type, "cell") ? 0 : KINDS_FLOOR;
	if (!(o.min_score >= 0 && o.min_score <= 1))
		die_usage("--min-score %g: a probability from 0 to 1", o.min_score);
	if (o.h5ads.n && !o.columns.n)
		die_usage("--h5ad needs --column: which obs column has the labels");
	if (o.columns.n > 1 && o.columns.n != o.h5ads.n)
		die_usage("%zu --column, but %zu --h5ad: give one, or one for each", o.columns.n,
			  o.h5ads.n);
	if (o.ids.n > 1 && o.ids.n != o.h5ads.n)
		die_usage("%zu --id-column, but %zu --h5ad: give one, or one for each", o.ids.n,
			  o.h5ads.n);
	if (o.append && (in->n != 1 || str_eq(in->paths[0], "-")))
		die_usage("--append is for one table of calls, a file");
	if (o.append && !str_eq(o.type, "cell"))
		die_usage("--append is for cell types");
}

static void map_labels(struct answers *a)
{
	struct pool *pool = pool_new(tool_threads);
	const struct matcher *cells = a->kinds->list[a->kinds->cells];
	size_t n_settled = answers_find(a, pool);
	struct text known = TEXT_INIT;

	if (o.tissue && a->labels->keys.n && !answers_heed_tissue(a, &known))
		warn("--tissue %s: no rule asks for it: labels are read as without a tissue "
		     "(rules ask for %s)",
		     o.tissue, known.s);
	text_release(&known);
	if (n_settled)
		say("%zu labels are codes, read as the other labels' tissue has them: %s",
		    n_settled, matcher_tissue_name(cells, a->around));
	pool_free(pool);
}

/* ---- beside the calls ---------------------------------------------------------------------- */

struct by_label {
	const struct answers *answers;
	struct strtab labels;
	size_t *first; /* of each: its first answer (it may have one for every tissue) */
};

static bool find_label(void *arg, const char *label, struct label_term *term)
{
	const struct by_label *b = arg;
	uint32_t i = strtab_find(&b->labels, label);
	const struct match *f;

	if (i == STRTAB_NONE || !b->answers->n_found[b->first[i]])
		return false;
	f = answers_of(b->answers, b->first[i]);
	*term = (struct label_term){"", "", f->score};
	if (f->term != ONTO_NONE && f->score >= o.min_score)
		*term = (struct label_term){f->id, f->name, f->score};
	return true;
}

static void append_ids(const struct answers *a, const char *calls)
{
	struct by_label b = {.answers = a};
	struct with_ids w = {.input = calls,
			     .output = o.append,
			     .onto = matcher_onto(a->kinds->list[0]),
			     .find = find_label,
			     .arg = &b};
	struct err err = ERR_INIT;

	MEM_ARRAY(b.first, a->labels->keys.n + 1);
	for (size_t i = 0; i < a->labels->keys.n; i++) {
		size_t before = b.labels.n;

		strtab_add(&b.labels, a->labels->texts[i]);
		if (b.labels.n > before)
			b.first[before] = i;
	}
	manifest_output(o.append);
	if (calls_append_ids(&w, &err))
		die_err(&err);
	if (w.n_given)
		say("%zu of %zu cells came with an id, which they keep", w.n_given, w.n_cells);
	manifest_count("cells", w.n_cells);
	manifest_count("given", w.n_given);
	strtab_release(&b.labels);
	free(b.first);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct labels labels = {.n_rows = 0};
	struct answers a = {.labels = &labels};
	struct kinds kinds;

	tool_begin("cl-map", argc, argv);
	struct inputs in = opt_parse(&usage, argc, argv);

	check_usage(&in);
	if (kinds_open(&kinds, o.type, o.patterns, o.overrides, &err))
		die_err(&err);
	a.kinds = &kinds;
	a.most = o.top + 1;
	read_labels(&labels, &in);
	map_labels(&a);
	write_map(&a);
	if (o.append)
		append_ids(&a, in.paths[0]);
	answers_release(&a);
	labels_release(&labels);
	kinds_close(&kinds);
	return tool_end();
}
