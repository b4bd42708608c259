/* predict.c - see predict.h. */
#include "base/util.h"

#include "base/outfile.h"
#include "calls/calls.h"
#include "model/predict/predict.h"
#include "model/predict/scores.h"

#define PART_CELLS 128

struct predictor {
	const struct model *model;
	const char *name;
	struct scorer *scorer;
	struct predict_options o;
	struct outfile *out;
	struct scores *decision, *probability;
	double *probabilities; /* of the block */
	size_t cap_probabilities;
};

struct predictor *predictor_new(const struct model *m, const char *name, char *const *genes,
				size_t n_genes)
{
	struct predictor *p;

	MEM_ZERO(p, 1);
	p->model = m;
	p->name = name;
	p->scorer = scorer_new(m, genes, n_genes);
	return p;
}

struct coverage predictor_coverage(const struct predictor *p)
{
	return scorer_coverage(p->scorer);
}

const char *predictor_name(const struct predictor *p)
{
	return p->name;
}

static void write_header(const struct predictor *p)
{
	FILE *file = outfile_stream(p->out);

	fputs(CALLS_HEADER, file);
	for (size_t rank = 2; rank <= p->o.top; rank++)
		fprintf(file, "\tlabel_%zu\tconfidence_%zu", rank, rank);
	if (p->model->cl_ids)
		fputs("\tcl_id", file);
	fputc('\n', file);
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
	if (p->o.decision && !(p->decision = open_scores(p, p->o.decision, "decision", err)))
		return -1;
	if (p->o.probability &&
	    !(p->probability = open_scores(p, p->o.probability, "probability", err)))
		return -1;
	return 0;
}

/* ---- rows ---- */

static void add_text(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s));
}

static void add_number(struct text *t, double value)
{
	char number[32];
	int len = format_float(number, value);

	text_add_char(t, '\t');
	text_add_bytes(t, number, (size_t)len);
}

/* Every class above the threshold, in class order. */
static void add_labels(const struct predictor *p, const double *probabilities, struct text *t)
{
	const char *between = "";

	for (size_t c = 0; c < p->model->n_classes; c++) {
		if (!(probabilities[c] > p->o.threshold))
			continue;
		add_text(t, between);
		add_text(t, p->model->classes[c]);
		between = "|";
	}
	if (!*between)
		add_text(t, "Unassigned");
}

/* The id of the label; of several labels or none there is no one id. */
static void add_id(const struct predictor *p, const double *probabilities, size_t best,
		   struct text *t)
{
	size_t n = 0;

	if (!p->model->cl_ids)
		return;
	text_add_char(t, '\t');
	for (size_t c = 0; c < p->model->n_classes && p->o.by_probability; c++)
		n += probabilities[c] > p->o.threshold;
	if (!p->o.by_probability || n == 1)
		add_text(t, p->model->cl_ids[best]);
}

/* Is class a before b in the order of scores, equals in class order? */
static bool ranks_before(const double *scores, size_t a, size_t b)
{
	return a < b ? scores[a] >= scores[b] : scores[a] > scores[b];
}

/* The classes of rank 2 and on, each found among those after the one before it. */
static void add_ranks(const struct predictor *p, const double *scores, const double *probabilities,
		      size_t best, struct text *t)
{
	size_t last = best;

	for (size_t rank = 2; rank <= p->o.top; rank++) {
		size_t next = SIZE_MAX;

		for (size_t c = 0; c < p->model->n_classes; c++) {
			if (ranks_before(scores, last, c) &&
			    (next == SIZE_MAX || ranks_before(scores, c, next)))
				next = c;
		}
		text_add_char(t, '\t');
		add_text(t, p->model->classes[next]);
		add_number(t, probabilities[next]);
		last = next;
	}
}

static void add_row(const struct predictor *p, const char *cell, const double *scores,
		    const double *probabilities, struct text *t)
{
	struct call call = scorer_call(scores, probabilities, p->model->n_classes);

	add_text(t, cell);
	text_add_char(t, '\t');
	if (p->o.by_probability)
		add_labels(p, probabilities, t);
	else
		add_text(t, p->model->classes[call.best]);
	add_number(t, call.confidence);
	add_number(t, call.margin);
	text_add_char(t, '\t');
	add_text(t, p->model->classes[call.second]);
	add_number(t, call.entropy);
	text_add_char(t, '\t');
	add_text(t, p->name);
	add_ranks(p, scores, probabilities, call.best, t);
	add_id(p, probabilities, call.best, t);
	text_add_char(t, '\n');
}

struct rows {
	const struct predictor *p;
	const double *scores;
	char *const *names;
	size_t n_cells;
};

static void make_rows(void *job, size_t part, struct text *text)
{
	const struct rows *r = job;
	const struct predictor *p = r->p;
	size_t n_classes = p->model->n_classes;
	size_t first = part * PART_CELLS, last = MIN(first + PART_CELLS, r->n_cells);

	for (size_t i = first; i < last; i++) {
		const double *scores = r->scores + i * n_classes;
		double *probabilities = p->probabilities + i * n_classes;

		scorer_link(p->scorer, scores, probabilities);
		add_row(p, r->names[i], scores, probabilities, text);
	}
}

int predictor_add(struct predictor *p, const struct cells *block, char *const *names,
		  struct pool *pool, struct err *err)
{
	size_t n = block->n_cells;
	struct rows rows = {.p = p, .names = names, .n_cells = n};

	rows.scores = scorer_run(p->scorer, block, pool);
	MEM_GROW(p->probabilities, mem_product(n, p->model->n_classes), p->cap_probabilities);
	if (write_parts(outfile_stream(p->out), outfile_target(p->out),
			(n + PART_CELLS - 1) / PART_CELLS, make_rows, &rows, pool, err))
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
	p->out = NULL;
	return outfile_commit(out, err);
}

void predictor_free(struct predictor *p)
{
	if (!p)
		return;
	scores_abort(p->decision);
	scores_abort(p->probability);
	outfile_abort(p->out);
	scorer_free(p->scorer);
	free(p->probabilities);
	free(p);
}
