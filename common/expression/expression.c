/* expression.c - see expression.h. */
#include "base/util.h"

#include <math.h>

#include "expression/expression.h"
#include "matrix/stream_steps.h"

#define NAMES_A_TIME ((size_t)8192)

const char *const input_as[] = {"counts", "log1p", "log2", "cpm", NULL};

/* ---- judgement ---- */

/* What is done to a matrix with a verdict. */
struct treatment {
	enum { UNFIT, AS_IT_IS, NORMALISE } what;
	enum norm_way way; /* that leads back to counts, to NORMALISE them */
};

/* Log-normalised to the target sum that is asked for? */
static bool is_lognorm(const struct input *in, const struct norm_verdict *v)
{
	if (in->rules.target_sum == 1e4)
		return v->kind == NORM_LOG1P_10K;
	return v->kind == NORM_LOG1P_OTHER &&
	       fabs(v->target_sum - in->rules.target_sum) <= 0.01 * in->rules.target_sum;
}

static bool is_accepted(const struct input *in, const struct norm_verdict *v)
{
	return in->rules.accept && str_eq(norm_name(v->kind), in->rules.accept);
}

/* Somebody knows better, as far as the values do not say otherwise. */
static struct treatment treatment_as_said(const char *as, const struct norm_verdict *v)
{
	struct treatment t = {NORMALISE, NORM_AS_STORED};

	if (str_eq(as, "log1p"))
		t.way = NORM_LOG1P;
	else if (str_eq(as, "log2"))
		t.way = NORM_LOG2;
	if (!norm_may_be(v, t.way))
		t.what = UNFIT;
	return t;
}

static bool is_of_counts(const struct norm_verdict *v)
{
	return v->kind == NORM_COUNTS || v->kind == NORM_FRACTIONAL_COUNTS;
}

static struct treatment treatment_of(const struct input *in, const struct slot *slot,
				     const struct norm_verdict *v)
{
	bool counts_first = in->rules.counts_first;
	struct treatment t = {UNFIT, NORM_AS_STORED};

	if (in->rules.as)
		return treatment_as_said(in->rules.as, v);
	if (is_accepted(in, v) || (in->rules.counts_only && is_of_counts(v)))
		t.what = AS_IT_IS;
	else if (in->rules.counts_only)
		t.what = UNFIT;
	else if (is_lognorm(in, v) && (!counts_first || str_eq(slot->name, "X")))
		t.what = AS_IT_IS;
	else if (v->kind == NORM_SUBSET && !counts_first)
		t.what = AS_IT_IS;
	else if (norm_way_back(v, &t.way))
		t.what = NORMALISE;
	return t;
}

/* Which of several fit slots is taken: one of the highest rank. 0 is for the unfit. */
#define RANK_BEST 4
static int rank_of(const struct input *in, const struct slot *slot, const struct norm_verdict *v)
{
	struct treatment t = treatment_of(in, slot, v);

	if (t.what == UNFIT)
		return 0;
	if (in->rules.counts_only)
		return v->kind == NORM_COUNTS ? RANK_BEST : 2;
	if (t.what == AS_IT_IS && (is_lognorm(in, v) || in->rules.counts_first))
		return RANK_BEST;
	if (v->kind == NORM_COUNTS)
		return in->rules.counts_first ? RANK_BEST : RANK_BEST - 1;
	if (t.what == AS_IT_IS)
		return RANK_BEST - 1;
	return v->kind == NORM_FRACTIONAL_COUNTS ? 2 : 1;
}

static int keep_verdict(void *verdict, const struct norm_verdict *v, struct err *err UNUSED)
{
	*(struct norm_verdict *)verdict = *v;
	return 0;
}

static int judge_whole(struct input *in, const struct slot *slot, struct norm_verdict *v,
		       struct err *err)
{
	struct stream *s = h5ad_stream(in->file, slot, NULL, in->pool, err);
	struct cells *block;
	int got = -1;

	if (!s)
		return -1;
	s = stream_judge(s, keep_verdict, v, in->pool);
	while ((got = stream_next(s, &block, err)) > 0)
		;
	stream_free(s);
	return got;
}

/*
 * Judge by the first block, and open for the work. An unfit first block need not be the last word,
 * negative values aside: then the whole slot is read.
 */
static int peek(struct input *in, const struct slot *slot, struct norm_verdict *v, struct err *err)
{
	struct norm_look *look;
	struct cells *first = NULL;
	bool whole;
	int got;

	stream_free(in->peeked);
	in->peeked = h5ad_stream(in->file, slot, NULL, in->pool, err);
	if (!in->peeked || (got = stream_next(in->peeked, &first, err)) < 0)
		return -1;
	look = norm_look_new();
	if (got)
		norm_look_at(look, first, in->pool);
	*v = norm_judge(look);
	norm_look_free(look);
	whole = !got || first->n_cells == slot->n_cells;
	if (got)
		in->peeked = stream_hold(in->peeked, first);
	if (!whole && treatment_of(in, slot, v).what == UNFIT && v->kind != NORM_SCALED)
		return judge_whole(in, slot, v, err);
	return 0;
}

static void use_slot(struct input *in, const struct slot *slot, const struct norm_verdict *v)
{
	struct treatment t = treatment_of(in, slot, v);

	in->slot = slot;
	in->verdict = *v;
	in->normalises = t.what == NORMALISE;
	in->way = t.way;
}

/* ---- refusals ---- */

static void add_evidence(struct text *t, const struct slot *slot, const struct norm_verdict *v)
{
	text_add(t, "%s%s is %s (%s)", t->len ? "; " : "", slot->name, norm_name(v->kind), v->why);
}

/* What leads to the right answer, as far as the evidence tells. */
static const char *hint_for(const struct norm_verdict *v)
{
	if (v->kind == NORM_BINARY || v->min < 0)
		return "give it the counts, in X, a layer or raw";
	if (v->log_base == 2)
		return "--as log2 undoes the logarithm and scales every cell";
	if (!isnan(v->log_base))
		return "--as log1p undoes the logarithm and scales every cell";
	return "if you know what was done to the counts: --as counts, log1p, log2 or cpm undoes it";
}

static int refuse_slots(const struct input *in, const struct text *evidence,
			const struct norm_verdict *v, struct err *err)
{
	return err_refuse(err,
			  "%s: no matrix is fit for this: %s (%s; --slot NAME --accept VERDICT "
			  "takes one as it is)",
			  h5ad_path(in->file), evidence->len ? evidence->s : "there is none",
			  in->rules.counts_only ? "counts are needed"
			  : evidence->len       ? hint_for(v)
						: "counts or log1p_10k are needed");
}

/* ---- choosing ---- */

static int choose_named(struct input *in, const char *name, struct err *err)
{
	const struct slot *slot = h5ad_slot(in->file, name, err);
	struct text evidence = TEXT_INIT;
	struct norm_verdict v;
	int ret = -1;

	if (!slot || peek(in, slot, &v, err))
		return -1;
	if (treatment_of(in, slot, &v).what == UNFIT) {
		add_evidence(&evidence, slot, &v);
		refuse_slots(in, &evidence, &v, err);
	} else {
		use_slot(in, slot, &v);
		ret = 0;
	}
	text_release(&evidence);
	return ret;
}

/* NaN in a layer that was scaled is no reason not to use the counts; but it is said. */
static void pass_over(struct input *in, struct err *why)
{
	if (!in->passed_over)
		in->passed_over = mem_str(why->text);
	err_clear(why);
}

/* Is a slot to be taken rather than the best before it? */
static bool is_better(const struct input *in, const struct slot *slot, int rank,
		      const struct slot *best, int best_rank)
{
	if (rank != best_rank || !best)
		return rank > best_rank;
	return !in->rules.counts_first && slot->n_genes > best->n_genes;
}

static int choose_best(struct input *in, struct err *err)
{
	struct text evidence = TEXT_INIT;
	const struct slot *best = NULL, *peeked = NULL;
	struct norm_verdict best_verdict = {0}, v, first_unfit = {0};
	int ret = -1, best_rank = 0;

	for (size_t i = 0; i < h5ad_n_slots(in->file) && best_rank < RANK_BEST; i++) {
		const struct slot *slot = peeked = h5ad_slot_at(in->file, i);
		int rank;

		if (peek(in, slot, &v, err)) {
			pass_over(in, err);
			continue;
		}
		if (!evidence.len)
			first_unfit = v;
		add_evidence(&evidence, slot, &v);
		rank = rank_of(in, slot, &v);
		if (!is_better(in, slot, rank, best, best_rank))
			continue;
		best = slot;
		best_rank = rank;
		best_verdict = v;
	}
	if (!best) {
		if (in->passed_over)
			err_set(err, "%s", in->passed_over);
		else
			refuse_slots(in, &evidence, &first_unfit, err);
		goto release_evidence;
	}
	use_slot(in, best, &best_verdict);
	ret = best == peeked ? 0 : peek(in, best, &best_verdict, err);
release_evidence:
	text_release(&evidence);
	return ret;
}

/* Who says what a matrix is means X, unless it is named. */
static int choose(struct input *in, struct err *err)
{
	bool is_auto = str_eq(in->rules.slot, "auto");

	if (is_auto && !in->rules.as)
		return choose_best(in, err);
	return choose_named(in, is_auto ? "X" : in->rules.slot, err);
}

struct input *input_open(struct h5ad *file, const struct input_rules *rules, struct pool *pool,
			 struct err *err)
{
	struct input *in;
	struct frame *var;
	char **names;

	MEM_ZERO(in, 1);
	in->file = file;
	in->rules = *rules;
	in->pool = pool;
	if (choose(in, err))
		goto close_input;
	var = h5ad_slot_var(file, in->slot);
	names = frame_keys(var, err);
	if (!names)
		goto close_input;
	in->n_genes = in->slot->n_genes;
	in->names = names_of(names, in->n_genes);
	names_make_unique(&in->names, "-");
	in->genes = in->names.s;
	return in;

close_input:
	input_close(in);
	return NULL;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	stream_free(in->peeked);
	names_release(&in->names);
	free(in->passed_over);
	free(in);
}

char *const *input_cells(const struct input *in, size_t first, size_t n, struct err *err)
{
	struct frame *obs = h5ad_obs(in->file);
	char *const *names = frame_keys_at(obs, first, n, err);

	for (size_t i = 0; names && i < n; i++) {
		if (strpbrk(names[i], "\t\r\n"))
			return err_null(err,
					"%s: the name of cell %zu ('%.40s') holds a tab or newline",
					h5ad_path(in->file), first + i + 1, names[i]);
	}
	return names;
}

int input_cell_width(const struct input *in, size_t *width, struct err *err)
{
	size_t n_cells = h5ad_n_cells(in->file), n;

	*width = 0;
	for (size_t first = 0; first < n_cells; first += n) {
		n = MIN(n_cells - first, NAMES_A_TIME);
		char *const *names = input_cells(in, first, n, err);
		for (size_t i = 0; names && i < n; i++)
			*width = MAX(*width, strlen(names[i]));
		if (!names)
			return -1;
	}
	return 0;
}

const char *input_decision(const struct input *in, struct text *scratch)
{
	text_clear(scratch);
	text_add(scratch, "%s: %s (%s): ", in->slot->name, norm_name(in->verdict.kind),
		 in->verdict.why);
	if (in->rules.as)
		text_add(scratch, "taken as %s, as asked, ", in->rules.as);
	if (in->normalises)
		text_add(scratch, "%snormalised to %g per cell, log1p", norm_way_done(in->way),
			 in->rules.target_sum);
	else
		text_add(scratch, "used as it is");
	return scratch->s;
}

/* ---- the stream ---- */

/* Do sums of cells say how many counts they have? */
static bool are_counts(const struct input *in)
{
	if (in->rules.as)
		return str_eq(in->rules.as, "counts");
	return is_of_counts(&in->verdict);
}

/* The end: did what the first block said hold for all? */
static int conclude(void *arg, const struct norm_verdict *v, struct err *err)
{
	struct input *in = arg;
	struct treatment t = treatment_of(in, in->slot, v);
	bool alike = t.what == (in->normalises ? NORMALISE : AS_IT_IS) &&
		     (t.what == AS_IT_IS || t.way == in->way);

	if (!alike)
		return err_refuse(
			err,
			"%s: %s: the first cells are %s, but all cells together are %s "
			"(%s): the cells were not all processed alike (norm-check says what "
			"each matrix is, --slot takes another)",
			h5ad_path(in->file), in->slot->name, norm_name(in->verdict.kind),
			norm_name(v->kind), v->why);
	in->verdict = *v;
	return 0;
}

static int conclude_whole(void *arg, const struct norm_verdict *v, struct err *err)
{
	struct input *in = arg;

	if (conclude(in, v, err))
		return -1;
	in->judged_all = true;
	return 0;
}

/* As the file has them, judged if they have not all been. */
static struct stream *stored_stream(struct input *in, const size_t *cells, size_t n_cells,
				    struct err *err)
{
	struct pick pick = {.cells = cells, .n_cells = n_cells, .n_genes = in->n_genes};
	struct stream *s;

	if (!cells && in->peeked) {
		s = in->peeked;
		in->peeked = NULL;
	} else {
		s = h5ad_stream(in->file, in->slot, cells ? &pick : NULL, in->pool, err);
	}
	if (!s)
		return NULL;
	if (!in->judged_all)
		s = stream_judge(s, cells ? conclude : conclude_whole, in, in->pool);
	return s;
}

struct stream *input_stream(struct input *in, const size_t *cells, size_t n_cells, struct err *err)
{
	struct stream *s = stored_stream(in, cells, n_cells, err);

	if (!s)
		return NULL;
	if (in->rules.counts_only || (in->normalises && are_counts(in)))
		s = stream_count(s, in->pool);
	if (in->normalises)
		s = stream_lognorm(s, in->way, in->rules.target_sum, in->pool);
	return s;
}

struct stream *input_stream_genes(struct input *in, const uint32_t *map, size_t n_genes,
				  struct err *err)
{
	struct stream *s = stored_stream(in, NULL, 0, err);

	if (!s)
		return NULL;
	if (in->normalises)
		return stream_lognorm_genes(s, in->way, in->rules.target_sum, map, n_genes,
					    in->pool);
	return stream_take_genes(s, map, n_genes, in->pool);
}
