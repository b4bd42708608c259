/* input.c - see input.h. */
#include "base/util.h"

#include <math.h>

#include "expression/expression.h"
#include "matrix/lognorm.h"

#define NAMES_A_TIME ((size_t)8192)

/* ---- judgement ---- */

enum treatment { UNFIT, AS_IT_IS, NORMALISE };

/* Log-normalised to the target sum that is asked for? */
static bool is_lognorm(const struct input *in, const struct norm_verdict *v)
{
	if (in->rules.target_sum == 1e4)
		return v->kind == NORM_LOG1P_10K;
	return v->kind == NORM_LOG1P_OTHER &&
	       fabs(v->target_sum - in->rules.target_sum) <= 0.01 * in->rules.target_sum;
}

static enum treatment treatment_of(const struct input *in, const struct norm_verdict *v)
{
	if (in->rules.accept && str_eq(norm_name(v->kind), in->rules.accept))
		return AS_IT_IS;
	if (is_lognorm(in, v) || v->kind == NORM_SUBSET)
		return AS_IT_IS;
	return v->kind == NORM_COUNTS ? NORMALISE : UNFIT;
}

static int judge_whole(struct input *in, const struct slot *slot, struct norm_verdict *v,
		       struct err *err)
{
	struct stream *s = h5ad_stream(in->file, slot, NULL, in->pool, err);
	struct norm_look *look = norm_look_new();
	struct cells *block;
	int got = -1;

	while (s && (got = stream_next(s, &block, err)) > 0)
		norm_look_at(look, block, in->pool);
	*v = norm_judge(look);
	norm_look_free(look);
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
	int got;

	stream_free(in->peeked);
	in->first = NULL;
	in->peeked = h5ad_stream(in->file, slot, NULL, in->pool, err);
	if (!in->peeked || (got = stream_next(in->peeked, &in->first, err)) < 0)
		return -1;
	look = norm_look_new();
	if (got)
		norm_look_at(look, in->first, in->pool);
	*v = norm_judge(look);
	norm_look_free(look);
	if (got && treatment_of(in, v) == UNFIT && v->kind != NORM_SCALED &&
	    in->first->n_cells < slot->n_cells)
		return judge_whole(in, slot, v, err);
	return 0;
}

static void use_slot(struct input *in, const struct slot *slot, const struct norm_verdict *v)
{
	in->slot = slot;
	in->verdict = *v;
	in->normalises = treatment_of(in, v) == NORMALISE;
}

static int refuse_slots(const struct input *in, const struct text *evidence, struct err *err)
{
	return err_refuse(err,
			  "%s: no matrix is fit for this: %s (a matrix of counts or log1p_10k is "
			  "needed; --slot NAME --accept VERDICT takes one as it is)",
			  h5ad_path(in->file), evidence->len ? evidence->s : "there is none");
}

static void add_evidence(struct text *t, const struct slot *slot, const struct norm_verdict *v)
{
	text_add(t, "%s%s is %s (%s)", t->len ? "; " : "", slot->name, norm_name(v->kind), v->why);
}

static int choose_named(struct input *in, struct err *err)
{
	const struct slot *slot = h5ad_slot(in->file, in->rules.slot, err);
	struct text evidence = TEXT_INIT;
	struct norm_verdict v;
	int ret = -1;

	if (!slot || peek(in, slot, &v, err))
		return -1;
	if (treatment_of(in, &v) == UNFIT) {
		add_evidence(&evidence, slot, &v);
		refuse_slots(in, &evidence, err);
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

/* The first that is log-normalised; else of those that are fit the one with most genes. */
static int choose_best(struct input *in, struct err *err)
{
	struct text evidence = TEXT_INIT;
	const struct slot *best = NULL, *peeked = NULL;
	struct norm_verdict best_verdict = {0};
	int ret = -1;

	for (size_t i = 0; i < h5ad_n_slots(in->file); i++) {
		const struct slot *slot = peeked = h5ad_slot_at(in->file, i);
		struct norm_verdict v;

		if (peek(in, slot, &v, err)) {
			pass_over(in, err);
			continue;
		}
		add_evidence(&evidence, slot, &v);
		if (treatment_of(in, &v) == UNFIT ||
		    (best && slot->n_genes <= best->n_genes && !is_lognorm(in, &v)))
			continue;
		best = slot;
		best_verdict = v;
		if (is_lognorm(in, &v))
			break;
	}
	if (!best) {
		if (in->passed_over)
			err_set(err, "%s", in->passed_over);
		else
			refuse_slots(in, &evidence, err);
		goto release_evidence;
	}
	use_slot(in, best, &best_verdict);
	ret = best == peeked ? 0 : peek(in, best, &best_verdict, err);
release_evidence:
	text_release(&evidence);
	return ret;
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
	if (str_eq(rules->slot, "auto") ? choose_best(in, err) : choose_named(in, err))
		goto close_input;
	var = h5ad_slot_var(file, in->slot, err);
	names = var ? frame_keys(var, err) : NULL;
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
	struct frame *obs = h5ad_obs(in->file, err);
	char *const *names = obs ? frame_keys_at(obs, first, n, err) : NULL;

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
	if (in->normalises)
		text_add(scratch, "normalised to %g per cell, log1p", in->rules.target_sum);
	else
		text_add(scratch, "used as it is");
	return scratch->s;
}

/* ---- the stream ---- */

struct judged {
	struct stream base;
	struct input *in;
	struct stream *source;
	struct cells *first;    /* a block that was read already */
	struct norm_look *look; /* NULL when the verdict is known */
	bool whole;             /* all cells of the slot */
};

/* The end: did what the first block said hold for all? */
static int conclude(struct judged *s, struct err *err)
{
	struct input *in = s->in;
	struct norm_verdict v;
	enum treatment first = in->normalises ? NORMALISE : AS_IT_IS;

	if (!s->look)
		return 0;
	v = norm_judge(s->look);
	norm_look_free(s->look);
	s->look = NULL;
	if (treatment_of(in, &v) != first)
		return err_refuse(err,
				  "%s: %s: the first cells are %s, but all cells together are %s "
				  "(%s): the cells were not all processed alike",
				  h5ad_path(in->file), in->slot->name, norm_name(in->verdict.kind),
				  norm_name(v.kind), v.why);
	in->verdict = v;
	in->judged_all = s->whole;
	return 0;
}

static int judged_next(struct stream *base, struct cells **block, struct err *err)
{
	struct judged *s = (struct judged *)base;
	int got = 1;

	if (s->first) {
		*block = s->first;
		s->first = NULL;
	} else {
		got = stream_next(s->source, block, err);
	}
	if (got == 0)
		return conclude(s, err);
	if (got < 0)
		return got;
	if (s->look)
		norm_look_at(s->look, *block, s->in->pool);
	if (s->in->normalises)
		lognorm_cells(*block, s->in->rules.target_sum, s->in->pool);
	return 1;
}

static void judged_free(struct stream *base)
{
	struct judged *s = (struct judged *)base;

	norm_look_free(s->look);
	stream_free(s->source);
	free(s);
}

struct stream *input_stream(struct input *in, const size_t *cells, size_t n_cells, struct err *err)
{
	struct pick pick = {.cells = cells, .n_cells = n_cells, .n_genes = in->n_genes};
	struct judged *s;

	MEM_ZERO(s, 1);
	s->in = in;
	s->whole = !cells;
	if (!cells && in->peeked) {
		s->source = in->peeked;
		s->first = in->first;
		in->peeked = NULL;
	} else {
		s->source = h5ad_stream(in->file, in->slot, cells ? &pick : NULL, in->pool, err);
	}
	if (!s->source) {
		free(s);
		return NULL;
	}
	s->look = in->judged_all ? NULL : norm_look_new();
	s->base = *s->source;
	s->base.next = judged_next;
	s->base.free = judged_free;
	return &s->base;
}
