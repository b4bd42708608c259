/* mtl_predict.c - a query through a multi-task mapper; see mtl_predict.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "base/text.h"
#include "calls/calls.h"
#include "mtl/mtl_predict.h"
#include "mtl/mtl_step.h"
#include "mtl/mtl_votes.h"

#define AT_ONCE ((size_t)512)

struct run {
	struct mtl_prediction *o;
	struct mtl_work *work;
	struct mtl_rows rows;
	struct mtl_votes votes;
	float *p[MTL_LEVELS], *vote[MTL_LEVELS]; /* AT_ONCE x nodes */
	float *latent;                           /* AT_ONCE x width */
};

/* ---- tables ---- */

static const char *label_of(const struct mtl_level *l, uint32_t node)
{
	return node == MTL_NONE ? "" : l->labels.s[node];
}

static void put_column(struct tsv_writer *w, const char *before, const char *level,
		       const char *after)
{
	char *name = mem_printf("%s%s%s", before, level, after);

	tsv_put(w, name);
	free(name);
}

static void put_header(struct mtl_prediction *o)
{
	tsv_put(o->table, "cell");
	for (size_t k = 0; k < o->model->levels.n; k++) {
		const char *level = o->model->levels.level[k].name;

		put_column(o->table, "pred_", level, "");
		if (o->mode == MTL_MINIMAL)
			continue;
		put_column(o->table, "conf_", level, "");
		put_column(o->table, "margin_", level, "");
		put_column(o->table, "is_unknown_", level, "");
		if (o->mode == MTL_STANDARD)
			continue;
		put_column(o->table, "is_low_conf_", level, "");
		put_column(o->table, "used_knn_", level, "");
		put_column(o->table, "knn_vote_frac_", level, "");
		put_column(o->table, "pred_", level, "_raw");
		put_column(o->table, "pred_", level, "_knn");
	}
	tsv_end_row(o->table);
	if (o->calls)
		tsv_header(o->calls, CALLS_HEADER);
}

static const char *yes(bool is)
{
	return is ? "True" : "False";
}

static void put_row(struct mtl_prediction *o, const char *cell, const struct mtl_call *calls)
{
	struct tsv_writer *w = o->table;

	tsv_put(w, cell);
	for (size_t k = 0; k < o->model->levels.n; k++) {
		const struct mtl_level *l = &o->model->levels.level[k];
		const struct mtl_call *c = &calls[k];

		o->n_unknown[k] += c->unknown;
		tsv_put(w, c->unknown ? "Unknown" : label_of(l, c->node));
		if (o->mode == MTL_MINIMAL)
			continue;
		tsv_put_float(w, c->raw == MTL_NONE ? NAN : c->confidence);
		tsv_put_float(w, c->raw == MTL_NONE ? NAN : c->margin);
		tsv_put(w, yes(c->unknown));
		if (o->mode == MTL_STANDARD)
			continue;
		tsv_put(w, yes(c->low));
		tsv_put(w, yes(c->used_votes));
		tsv_put_float(w, c->share);
		tsv_put(w, label_of(l, c->raw));
		tsv_put(w, label_of(l, c->voted));
	}
	tsv_end_row(w);
}

/* The model's own call at the last level that its path reaches. */
static void put_call(const struct run *r, const char *cell, const struct mtl_call *calls,
		     const float *const *p)
{
	const struct mtl_levels *levels = &r->o->model->levels;
	size_t k = levels->n - 1;

	while (k && calls[k].raw == MTL_NONE)
		k--;
	calls_put(r->o->calls,
		  &(struct calls_row){.cell = cell,
				      .label = label_of(&levels->level[k], calls[k].raw),
				      .confidence = calls[k].confidence,
				      .margin = calls[k].margin,
				      .second = label_of(&levels->level[k], calls[k].second),
				      .entropy = calls_entropy(p[k], levels->level[k].labels.n),
				      .model = r->o->name});
	tsv_end_row(r->o->calls);
}

/* ---- cells ---- */

static void keep(const struct run *r, size_t at, size_t n)
{
	const struct mtl_prediction *o = r->o;
	size_t width = mtl_width(o->model);

	if (o->latent)
		memcpy(o->latent + at * width, r->latent, n * width * sizeof(float));
	for (size_t c = 0; c < o->model->n_coordinates; c++)
		if (o->coordinates[c])
			mtl_coordinates(r->work, n, c,
					o->coordinates[c] + at * o->model->coordinate[c].width);
}

static void decide_cells(struct run *r, char *const *names, size_t n)
{
	struct mtl_prediction *o = r->o;
	struct mtl_call calls[MTL_LEVELS];
	const float *p[MTL_LEVELS], *vote[MTL_LEVELS];

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < o->model->levels.n; k++) {
			p[k] = r->p[k] + i * o->model->levels.level[k].labels.n;
			vote[k] = r->vote[k] ? r->vote[k] + i * o->model->levels.level[k].labels.n
					     : NULL;
		}
		mtl_decide(o->model, p, r->vote[0] ? vote : NULL, &o->rules, calls);
		put_row(o, names[i], calls);
		if (o->calls)
			put_call(r, names[i], calls, p);
	}
}

static int predict_some(struct run *r, const struct cells *block, size_t from, size_t n,
			struct err *err)
{
	struct mtl_prediction *o = r->o;
	struct rows x = mtl_rows_of(&r->rows, o->data, block, from, n, o->model->recipe.binary);
	const real *latent = mtl_forward(r->work, x, NULL, NULL);
	char *const *names;

	for (size_t i = 0; i < n * mtl_width(o->model); i++)
		r->latent[i] = (float)latent[i];
	mtl_probabilities(r->work, n, r->p);
	if (r->vote[0])
		mtl_votes_of(&r->votes, r->latent, n, r->vote, o->pool);
	keep(r, block->first + from, n);
	names = input_cells(o->data->input, block->first + from, n, err);
	if (!names)
		return -1;
	decide_cells(r, names, n);
	o->n_cells += n;
	return 0;
}

static void make_room(struct run *r)
{
	const struct mtl *m = r->o->model;
	bool votes = r->o->rules.knn != KNN_OFF;

	for (size_t k = 0; k < m->levels.n; k++) {
		MEM_ZERO(r->p[k], AT_ONCE * m->levels.level[k].labels.n);
		if (votes)
			MEM_ZERO(r->vote[k], AT_ONCE * m->levels.level[k].labels.n);
	}
	MEM_ZERO(r->latent, AT_ONCE * mtl_width(m));
	if (votes)
		r->votes = mtl_votes_new(m, r->o->k);
}

static void run_release(struct run *r)
{
	for (size_t k = 0; k < r->o->model->levels.n; k++) {
		free(r->p[k]);
		free(r->vote[k]);
	}
	free(r->latent);
	mtl_votes_release(&r->votes);
	mtl_rows_release(&r->rows);
	mtl_work_free(r->work);
}

int mtl_predict(struct mtl_prediction *o, struct err *err)
{
	struct run r = {.o = o, .work = mtl_work_new(o->model, o->pool)};
	struct stream *s = input_stream(o->data->input, NULL, 0, err);
	struct cells *block;
	int got = -1;

	make_room(&r);
	put_header(o);
	while (s && (got = stream_next(s, &block, err)) > 0) {
		for (size_t from = 0; from < block->n_cells && got > 0; from += AT_ONCE)
			if (predict_some(&r, block, from, MIN(AT_ONCE, block->n_cells - from), err))
				got = -1;
		if (got < 0)
			break;
		if (o->hear)
			o->hear(o->listener, block->first + block->n_cells);
	}
	stream_free(s);
	run_release(&r);
	return got < 0 ? -1 : 0;
}
