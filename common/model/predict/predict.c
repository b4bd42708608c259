/* predict.c - see predict.h. */
#include "base/util.h"

#include "base/outfile.h"
#include "calls/calls.h"
#include "matrix/depth.h"
#include "model/gene_index.h"
#include "model/predict/evidence.h"
#include "model/predict/heights.h"
#include "model/predict/predict.h"
#include "model/predict/scores.h"
#include "trust/calibration.h"
#include "trust/missing.h"
#include "trust/novelty.h"

struct predictor {
	const struct model *model;
	const char *name;
	struct scorer *scorer;
	struct coverage coverage;
	double *explained;       /* per class: of its scores' variance; NULL without factors */
	double moderation;       /* of scores that are expected in part (trust/calibration.h); 1 */
	struct novelty *novelty; /* NULL without landmarks */
	struct heights heights;
	struct evidence *evidence;
	struct predict_options o;
	struct outfile *out;
	struct tsv_writer writer; /* to 'out' */
	struct scores *decision, *probability;
	double *probabilities; /* of the block */
	size_t cap_probabilities;
};

/* Which of the model's genes a file has; a name the model has twice is not one. */
static bool *find_present(const struct model *m, char *const *genes, size_t n_genes)
{
	struct gene_index index = gene_index_new(m);
	bool *present = mem_zero(m->n_genes, sizeof(*present));

	for (size_t g = 0; g < n_genes; g++) {
		uint32_t gene = gene_index_find(&index, genes[g]);

		if (gene < GENE_REPEATED)
			present[gene] = true;
	}
	gene_index_release(&index);
	return present;
}

/* How well what is missing is made up for. */
static void note_explained(struct predictor *p, const struct expected *e)
{
	const struct model *m = p->model;
	struct coverage *c = &p->coverage;

	p->moderation = moderation(m->calibration, m->n_classes, e->untold);
	c->explained = e->mean;
	c->least = e->least;
	p->explained = mem_alloc(m->n_classes, sizeof(*p->explained));
	for (size_t k = 0; k < m->n_classes; k++) {
		p->explained[k] = e->explained[m->n_rows == 1 ? 0 : k];
		if (p->explained[k] <= e->least)
			c->least_class = k;
	}
}

struct predictor *predictor_new(const struct model *m, const char *name, char *const *genes,
				size_t n_genes, const struct predictor_rules *rules,
				struct err *err)
{
	bool *present = find_present(m, genes, n_genes);
	struct scorer_rows weights = {0};
	struct expected *e = NULL;
	struct predictor *p;

	MEM_ZERO(p, 1);
	p->model = m;
	p->name = name;
	p->moderation = 1;
	if (heights_open(&p->heights, m, rules, err) ||
	    (rules->expect && m->factors && !(e = expected_weights(m, present, err))))
		goto free_predictor;
	if (m->landmarks)
		p->novelty = novelty_new(m, present);
	weights.coef = e ? e->coef : NULL;
	weights.axes = p->novelty ? p->novelty->axes : NULL;
	weights.n_axes = p->novelty ? p->novelty->n_axes : 0;
	p->scorer = scorer_new(m, &weights, genes, n_genes);
	p->coverage = scorer_coverage(p->scorer);
	if (e)
		note_explained(p, e);
	p->evidence = evidence_new(m, weights.coef, genes, n_genes);
	expected_free(e);
	free(present);
	return p;

free_predictor:
	expected_free(e);
	free(present);
	predictor_free(p);
	return NULL;
}

struct coverage predictor_coverage(const struct predictor *p)
{
	return p->coverage;
}

void predictor_coverage_text(const struct predictor *p, const char *file, struct text *text)
{
	const struct coverage *c = &p->coverage;

	text_clear(text);
	text_add(text, "%s: %zu of its %zu genes (%.1f %%) are in %s, with %.1f %% of its weight",
		 p->name, c->n_present, c->n_genes, 100 * c->genes, file, 100 * c->weight);
	if (c->explained < 1)
		text_add(text, "; they explain %.1f %% of the scores (least: %s, %.1f %%)",
			 100 * c->explained, p->model->classes[c->least_class], 100 * c->least);
}

/* Does the model know from where on a cell is none of its classes? */
static bool has_limit(const struct predictor *p)
{
	return p->novelty && p->model->landmarks->limit > 0;
}

static void write_header(struct predictor *p)
{
	char name[64];

	p->writer =
		(struct tsv_writer){.file = outfile_stream(p->out), .path = outfile_target(p->out)};
	tsv_put_columns(&p->writer, CALLS_HEADER "\tn_counts\tn_genes\tconfidence_needed");
	for (size_t rank = 2; rank <= p->o.top; rank++) {
		snprintf(name, sizeof(name), "label_%zu\tconfidence_%zu", rank, rank);
		tsv_put_columns(&p->writer, name);
	}
	tsv_put(&p->writer, p->model->calibration ? "probability" : "probability_raw");
	if (p->novelty)
		tsv_put_columns(&p->writer, "p_score\tp_distance\tnovelty");
	if (p->explained)
		tsv_put(&p->writer, "explained");
	if (has_limit(p))
		tsv_put(&p->writer, "novelty_limit");
	heights_put_header(&p->heights, &p->writer);
	if (p->model->loss == LOSS_SOFTMAX)
		tsv_put(&p->writer, "link");
	if (p->model->cl_ids)
		tsv_put(&p->writer, "cl_id");
	tsv_end_row(&p->writer);
}

static struct scores *open_scores(const struct predictor *p, const char *path, const char *name,
				  struct err *err)
{
	return scores_open(path, name, p->model->classes, p->model->n_classes, p->o.n_cells,
			   p->o.cell_width, err);
}

int predictor_open(struct predictor *p, const struct predict_options *options, struct err *err)
{
	p->o = *options;
	p->o.top = MIN(p->o.top, p->model->n_classes);
	p->out = outfile_open_whole(p->o.calls, err);
	if (!p->out)
		return -1;
	write_header(p);
	if (p->o.evidence && evidence_open(p->evidence, p->o.evidence, err))
		return -1;
	if (p->o.decision && !(p->decision = open_scores(p, p->o.decision, "decision", err)))
		return -1;
	if (p->o.probability &&
	    !(p->probability = open_scores(p, p->o.probability, "probability", err)))
		return -1;
	return 0;
}

/* ---- rows ---- */

/* Every class above the threshold, in class order. */
static void add_labels(const struct predictor *p, const double *probabilities, struct text *t)
{
	for (size_t c = 0; c < p->model->n_classes; c++) {
		if (probabilities[c] > p->o.threshold)
			text_add(t, "%s%s", t->len ? "|" : "", p->model->classes[c]);
	}
	if (!t->len)
		text_add(t, "Unassigned");
}

/* The id of the label; of several labels or none there is no one id. */
static const char *id_of(const struct predictor *p, const double *probabilities, size_t best)
{
	size_t n = 0;

	for (size_t c = 0; c < p->model->n_classes && p->o.by_probability; c++)
		n += probabilities[c] > p->o.threshold;
	return !p->o.by_probability || n == 1 ? p->model->cl_ids[best] : "";
}

/* Is class a before b in the order of scores, equals in class order? */
static bool ranks_before(const double *scores, size_t a, size_t b)
{
	return a < b ? scores[a] >= scores[b] : scores[a] > scores[b];
}

/* The classes of rank 2 and on, each found among those after the one before it. */
static void put_ranks(const struct predictor *p, const double *scores, const double *probabilities,
		      size_t best, struct tsv_writer *w)
{
	size_t last = best;

	for (size_t rank = 2; rank <= p->o.top; rank++) {
		size_t next = SIZE_MAX;

		for (size_t c = 0; c < p->model->n_classes; c++) {
			if (ranks_before(scores, last, c) &&
			    (next == SIZE_MAX || ranks_before(scores, c, next)))
				next = c;
		}
		tsv_put(w, p->model->classes[next]);
		tsv_put_float(w, probabilities[next]);
		last = next;
	}
}

/* What there was to go by, and how sure a call of so little has to be. Returns the counts. */
static double put_depth(const struct predictor *p, const struct cells *block, size_t cell,
			struct tsv_writer *w)
{
	size_t n = block->starts[cell + 1] - block->starts[cell];
	float *scratch = mem_alloc(n, sizeof(*scratch));
	struct depth d =
		depth_of(block, cell, scorer_known(p->scorer), p->model->target_sum, scratch);

	tsv_put_float(w, d.counts);
	tsv_put_size(w, d.genes);
	tsv_put_float(w, depth_needs_at(p->model->depth, d.counts));
	free(scratch);
	return d.counts;
}

struct called {
	const double *scores;
	size_t class;
	double probability, counts;
};

/* What the call is worth. */
static void put_trust(const struct predictor *p, const struct cells *block, size_t cell,
		      const struct called *called, struct tsv_writer *w)
{
	tsv_put_float(w, called->probability);
	if (p->novelty && block->starts[cell + 1] > block->starts[cell]) {
		struct strangeness s = novelty_judge(
			p->novelty, scorer_axes(p->scorer) + cell * p->novelty->n_axes,
			called->scores, called->counts);

		tsv_put_float(w, s.p_score);
		tsv_put_float(w, s.p_distance);
		tsv_put_float(w, s.novelty);
	} else if (p->novelty) { /* of a cell that shows nothing there is nothing to say */
		tsv_put(w, "");
		tsv_put(w, "");
		tsv_put(w, "");
	}
	if (p->explained)
		tsv_put_float(w, p->explained[called->class]);
	if (has_limit(p))
		tsv_put_float(w, p->model->landmarks->limit);
}

/* How likely each class is: by decisions that count less the more of them is only expected. */
static void weigh(const struct predictor *p, const double *scores, double *likely)
{
	size_t n = p->model->n_classes;

	for (size_t k = 0; k < n; k++)
		likely[k] = scores[k] / p->moderation;
	if (p->model->calibration)
		calibrated(p->model->calibration, likely, n, likely);
	else
		uncalibrated(p->model, likely, likely);
}

struct call_rows {
	const struct predictor *p;
	const struct cells *block;
	const double *scores;
	char *const *names;
};

static void put_row(struct tsv_writer *w, void *arg, size_t i)
{
	const struct call_rows *r = arg;
	const struct predictor *p = r->p;
	size_t n_classes = p->model->n_classes;
	const double *scores = r->scores + i * n_classes;
	double *probabilities = p->probabilities + i * n_classes;
	double *likely = mem_alloc(n_classes, sizeof(*likely));
	struct text labels = TEXT_INIT;
	struct call call;
	double counts;

	scorer_link(p->scorer, scores, probabilities);
	weigh(p, scores, likely);
	call = scorer_call(scores, probabilities, n_classes);
	if (p->o.by_probability)
		add_labels(p, probabilities, &labels);
	calls_put(w,
		  &(struct calls_row){.cell = r->names[i],
				      .label = labels.len ? labels.s : p->model->classes[call.best],
				      .confidence = call.confidence,
				      .margin = call.margin,
				      .second = p->model->classes[call.second],
				      .entropy = call.entropy,
				      .model = p->name});
	counts = put_depth(p, r->block, i, w);
	put_ranks(p, scores, probabilities, call.best, w);
	put_trust(p, r->block, i, &(struct called){scores, call.best, likely[call.best], counts},
		  w);
	heights_put(&p->heights, likely, call.best, w);
	if (p->model->loss == LOSS_SOFTMAX)
		tsv_put(w, "softmax");
	if (p->model->cl_ids)
		tsv_put(w, id_of(p, probabilities, call.best));
	if (p->probability && p->model->calibration) /* the matrix says what the column says */
		memcpy(probabilities, likely, n_classes * sizeof(*likely));
	free(likely);
	text_release(&labels);
}

int predictor_add(struct predictor *p, const struct cells *block, char *const *names,
		  struct pool *pool, struct err *err)
{
	size_t n = block->n_cells;
	struct call_rows rows = {.p = p, .block = block, .names = names};

	rows.scores = scorer_run(p->scorer, block, pool);
	MEM_GROW(p->probabilities, mem_product(n, p->model->n_classes), p->cap_probabilities);
	tsv_put_rows(&p->writer, pool, n, put_row, &rows);
	if (tsv_writer_check(&p->writer, err))
		return -1;
	if (p->o.evidence && evidence_add(p->evidence, block, names, rows.scores, pool, err))
		return -1;
	if (p->decision && scores_add(p->decision, names, rows.scores, n, pool, err))
		return -1;
	return p->probability ? scores_add(p->probability, names, p->probabilities, n, pool, err)
			      : 0;
}

/* ---- the end ---- */

/* The calls come last: when they are there, everything is. */
int predictor_finish(struct predictor *p, struct err *err)
{
	struct scores *decision = p->decision, *probability = p->probability;
	struct outfile *out = p->out;

	p->decision = NULL;
	if (decision && scores_finish(decision, err))
		return -1;
	p->probability = NULL;
	if (probability && scores_finish(probability, err))
		return -1;
	if (p->o.evidence && evidence_finish(p->evidence, err))
		return -1;
	if (tsv_writer_close(&p->writer, err))
		return -1;
	p->out = NULL;
	return outfile_commit(out, err);
}

void predictor_free(struct predictor *p)
{
	if (!p)
		return;
	scores_abort(p->decision);
	scores_abort(p->probability);
	text_release(&p->writer.waiting);
	outfile_abort(p->out);
	scorer_free(p->scorer);
	novelty_free(p->novelty);
	heights_close(&p->heights);
	evidence_free(p->evidence);
	free(p->explained);
	free(p->probabilities);
	free(p);
}
