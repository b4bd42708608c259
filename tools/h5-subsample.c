/* h5-subsample - draw cells of an h5ad, stratified, straight from disk.
 *
 * Reads obs once, decides, then reads only the chunks that hold chosen cells, in file order. The
 * choice is a function of the seed and the cell names, so anyone can repeat it. Memory is the
 * annotation and a few blocks.
 */
#include "base/util.h"

#include <math.h>

#include "base/manifest.h"
#include "base/names.h"
#include "base/opt.h"
#include "base/tool.h"
#include "format/tsv.h"
#include "h5ad/derive/select.h"
#include "h5ad/frame/label_column.h"
#include "h5ad/frame/strata.h"
#include "matrix/sample.h"

static const char *const modes[] = {"proportional", "equal", "cap", NULL};
static const char *const na_ways[] = {"drop", "keep", NULL};

enum { UNSET = -1 };

/* Of --cells: not given; more than any file has. */
#define NOT_SAID SIZE_MAX
#define ALL (SIZE_MAX / 2)

static struct opts {
	const char *label, *by, *mode, *na, *rows, *compress, *output;
	const char *exclude, *cells;
	struct opt_list where;
	size_t n, min_cells, seed; /* 'n' and 'share' are what 'cells' says */
	double share;
	int64_t cap, floor;
} o = {
	.n = NOT_SAID,
	.mode = "proportional",
	.na = "drop",
	.compress = "none",
	.output = "-",
	.seed = 42,
	.cap = UNSET,
	.floor = UNSET,
};

static const struct opt options[] = {
	OPT_TEXT("cells", 'n', cells, "N",
		 "cells to keep, or a share, 10%; 0: all (cap: as it allows)"),
	OPT_TEXT("label", 'l', label, "COLUMN",
		 "the classes; auto: found by name (all cells are one)"),
	OPT_CHOICE("mode", 'm', mode, "MODE", "proportional, equal or cap (proportional)", modes),
	OPT_TEXT("by", 0, by, "COLUMN", "share each class out evenly over these groups"),
	OPT_INT("cap", 0, cap, "N", "cap: at most N cells of a class (50000)"),
	OPT_INT("floor", 0, floor, "N", "keep N cells of a class if it has them (0; cap: 100)"),
	OPT_SIZE("min-cells", 0, min_cells, "N", "leave out classes with fewer cells (0)"),
	OPT_TEXT("exclude", 0, exclude, "LABEL,...", "draw no cells with these labels"),
	OPT_LIST("where", 'w', where, "COL=VALUE[,...]",
		 "draw from cells with such a value (!=, <, <=, >, >=)"),
	OPT_CHOICE("na", 0, na, "WHAT", "drop cells without a label, or keep: a class (drop)",
		   na_ways),
	OPT_TEXT("rows", 0, rows, "FILE", "write the chosen cells and their rows"),
	OPT_SEED(seed),
	OPT_H5AD_FILTER(output, compress),
	OPT_END};

static const struct opt_usage usage = {
	.summary = "draw cells of an h5ad, stratified, straight from disk",
	.synopsis = "-n N [OPTIONS] [INPUT] [-o OUTPUT]",
	.options = options,
	.max_inputs = 1,
	.details = "proportional: every class its share, rounded up, then trimmed to N\n"
		   "equal:        the same of every class, then filled to N from the rest\n"
		   "cap:          at most --cap of a class; -n lowers the cap, not under --floor",
};

struct run {
	const char *label; /* the column of classes, or NULL */
	struct h5ad *in;
	struct frame *obs;
	char **names;
	struct strata strata;
	struct sample drawn;
	size_t n_from; /* cells that may be drawn */
};

/* "5000", or "10%" of the cells that there are to draw from. */
static void parse_cells(void)
{
	size_t len = o.cells ? strlen(o.cells) : 0;
	char *number = len ? mem_strn(o.cells, len - 1) : NULL;
	bool good = true;

	if (len && o.cells[len - 1] == '%') {
		good = parse_double(number, &o.share) && o.share > 0 && o.share <= 100;
		o.share /= 100;
		o.n = ALL;
	} else if (o.cells) {
		good = parse_size(o.cells, 0, ALL, &o.n);
	}
	free(number);
	if (!good)
		die_usage("--cells %s: a number of cells, or a share of them such as 10%%",
			  o.cells);
}

static struct sample_plan make_plan(void)
{
	bool capped = str_eq(o.mode, "cap");

	parse_cells();
	struct sample_plan plan = {.n = o.n, .min_cells = o.min_cells, .seed = o.seed};

	plan.mode = str_eq(o.mode, "cap")     ? SAMPLE_CAP
		    : str_eq(o.mode, "equal") ? SAMPLE_EQUAL
					      : SAMPLE_PROPORTIONAL;
	if (o.n == NOT_SAID && !capped)
		die_usage("-n says how many cells to keep (or --mode cap)");
	if (o.n == NOT_SAID || o.n == 0)
		plan.n = capped ? 0 : ALL;
	if (plan.mode != SAMPLE_CAP && o.cap != UNSET)
		die_usage("--cap is for --mode cap");
	if (o.cap != UNSET && o.cap < 1)
		die_usage("--cap %lld is not above 0", (long long)o.cap);
	if (o.floor < UNSET)
		die_usage("--floor %lld is below 0", (long long)o.floor);
	plan.cap = o.cap == UNSET ? 50000 : (size_t)o.cap;
	plan.floor = o.floor != UNSET ? (size_t)o.floor : plan.mode == SAMPLE_CAP ? 100 : 0;
	return plan;
}

/* Cells whose label is listed; a word that is no label of the file is most likely misspelt. */
static int exclude_labels(struct run *run, bool *keep, struct err *err)
{
	struct names labels = {0};
	size_t n_out = 0;
	int ret = 0;

	names_add_list(&labels, o.exclude);
	for (size_t k = 0; k < labels.n && ret == 0; k++) {
		size_t n = 0;

		for (size_t i = 0; i < run->obs->n_rows; i++) {
			if (run->strata.classes[i] < 0 ||
			    !str_eq(strata_class(&run->strata, i), labels.s[k]))
				continue;
			keep[i] = false;
			n++;
		}
		n_out += n;
		if (!n)
			warn("%s: --exclude: no cell is labelled \"%s\"", h5ad_path(run->in),
			     labels.s[k]);
	}
	say("%s: %zu cells are left out by their labels", h5ad_path(run->in), n_out);
	if (n_out == run->obs->n_rows)
		ret = err_refuse(err, "%s: --exclude leaves no cell", h5ad_path(run->in));
	names_release(&labels);
	return ret;
}

/* Only cells with a label that meet --where are drawn from. */
static int choose_from(struct run *run, struct err *err)
{
	size_t n = run->obs->n_rows, n_left = 0;
	struct text unmet = TEXT_INIT;
	bool *keep;

	MEM_ARRAY(keep, n);
	memset(keep, true, n);
	int ret = where_apply_all(run->in, o.where.items, o.where.n, keep, &unmet, err);
	if (ret == 0 && o.exclude)
		ret = exclude_labels(run, keep, err);
	for (size_t i = 0; i < n; i++) {
		if (!keep[i])
			run->strata.classes[i] = -1;
		n_left += run->strata.classes[i] >= 0;
	}
	free(keep);
	run->n_from = n_left;
	if (ret == 0 && n_left == 0)
		ret = err_refuse(err, "%s: no cell to draw from: none of %zu %s%s%s",
				 h5ad_path(run->in), n, o.where.n ? "meets --where" : "has a label",
				 unmet.len ? ": " : "", unmet.s);
	else if (ret == 0 && unmet.len)
		warn("%s: %s", h5ad_path(run->in), unmet.s);
	text_release(&unmet);
	return ret;
}

static void say_missing(const struct run *run)
{
	const struct strata *s = &run->strata;

	if (s->labels.n_missing)
		say("%s: %zu cells have no %s: %s", h5ad_path(run->in), s->labels.n_missing,
		    run->label,
		    s->keeps_missing ? "kept as a class of their own" : "left out (--na keep)");
}

static int draw(struct run *run, const struct sample_plan *asked, struct err *err)
{
	struct sample_plan plan = *asked;
	size_t n_dropped = 0, n_available = 0;

	struct strata *s = &run->strata;

	if (!(run->label = label_column(run->obs, o.label, err)) && o.label)
		return err_prefix(err, "%s", h5ad_path(run->in));
	if (o.label && !str_eq(o.label, run->label))
		say("%s: labels are in %s", h5ad_path(run->in), run->label);
	if (strata_find(s, run->obs, run->label, o.by, str_eq(o.na, "keep"), err))
		return err_prefix(err, "%s", h5ad_path(run->in));
	say_missing(run);
	if (choose_from(run, err))
		return -1;
	if (o.share > 0)
		plan.n = MAX((size_t)llround(o.share * (double)run->n_from), (size_t)1);
	run->drawn = sample_draw(&plan, run->names, run->obs->n_rows, s->classes, s->n_classes,
				 s->group_of, s->groups.n + 1);
	for (size_t c = 0; c < s->n_classes; c++) {
		n_dropped += run->drawn.available[c] == 0;
		n_available += run->drawn.available[c];
	}
	if (run->drawn.n == 0)
		return err_refuse(err, "%s: every class has fewer than --min-cells %zu cells",
				  h5ad_path(run->in), o.min_cells);
	if (o.n != NOT_SAID && o.share <= 0 && o.n > n_available)
		say("%s: %zu cells were asked for, there are %zu: all are kept", h5ad_path(run->in),
		    o.n, n_available);
	say("%s: %zu of %zu cells drawn, seed %zu", h5ad_path(run->in), run->drawn.n,
	    run->obs->n_rows, o.seed);
	if (o.label)
		say("%s: %zu classes%s", h5ad_path(run->in), s->n_classes - n_dropped,
		    n_dropped ? ", the others have too few cells or none" : "");
	manifest_seed(o.seed);
	manifest_count("cells", run->drawn.n);
	return 0;
}

static int put_rows(struct tsv_writer *w, void *arg, struct err *err UNUSED)
{
	const struct run *run = arg;

	tsv_header(w, o.by ? "cell\trow\tclass\tgroup" : "cell\trow\tclass");
	for (size_t i = 0; i < run->drawn.n; i++) {
		size_t row = run->drawn.cells[i];

		tsv_put(w, run->names[row]);
		tsv_put_size(w, row);
		tsv_put(w, strata_class(&run->strata, row));
		if (o.by)
			tsv_put(w, strata_group(&run->strata, row));
		tsv_end_row(w);
	}
	return 0;
}

static int write_sample(struct run *run, struct pool *pool, struct err *err)
{
	struct selection part = {.cells = run->drawn.cells, .n_cells = run->drawn.n};
	struct writer *out = writer_open(o.output, o.compress, pool, err);

	if (part.n_cells == run->obs->n_rows)
		part.cells = NULL;
	if (!out || selection_write(run->in, &part, out, pool, err)) {
		writer_abort(out);
		return -1;
	}
	if (o.rows && tsv_write_file(o.rows, put_rows, run, err)) {
		writer_abort(out);
		return -1;
	}
	return writer_finish(out, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct run run = {.in = NULL};
	struct sample_plan plan;
	struct inputs in;

	tool_begin("h5-subsample", argc, argv);
	in = opt_parse(&usage, argc, argv);
	plan = make_plan();
	for (size_t i = 0; i < o.where.n; i++)
		if (where_problem(o.where.items[i]))
			die_usage("--where %s: %s", o.where.items[i],
				  where_problem(o.where.items[i]));
	if (o.exclude && !o.label)
		die_usage("--exclude is for labels (--label COLUMN)");
	manifest_input(in.paths[0]);
	manifest_output(o.output);

	run.in = h5ad_open(in.paths[0], &err);
	if (!run.in || !(run.obs = h5ad_obs(run.in)) || !(run.names = frame_keys(run.obs, &err)) ||
	    draw(&run, &plan, &err))
		die_err(&err);
	struct pool *pool = pool_new(tool_threads);
	if (write_sample(&run, pool, &err))
		die_err(&err);

	sample_release(&run.drawn);
	strata_release(&run.strata);
	pool_free(pool);
	h5ad_close(run.in);
	return tool_end();
}
