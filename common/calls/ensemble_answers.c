/* ensemble_answers.c - see ensemble_answers.h. */
#include "base/util.h"

#include "base/text.h"
#include "calls/calls.h"
#include "calls/ensemble_answers.h"

#define HEADER CALLS_HEADER "\tagree\tmodels\tdisagreement"

/* Columns of the chosen call that go along; the last ones only when a table has them. */
#define N_ALONG 34
#define N_ALWAYS 4
/* clang-format off */
static const char *const along[N_ALONG] = {
	"margin", "second", "entropy", "model", "n_counts", "n_genes", "confidence_needed",
	"probability", "probability_raw", "p_score", "p_distance", "novelty", "explained",
	"novelty_limit", "above", "link", "label_2", "confidence_2", "label_3", "confidence_3", "label_4", "confidence_4",
	"label_5", "confidence_5", "label_6", "confidence_6", "label_7", "confidence_7", "label_8",
	"confidence_8", "label_9", "confidence_9", "label_10", "confidence_10",
};
/* clang-format on */

struct answer_rows {
	struct ensemble_answers *asked;
	const struct ensemble *models;
	size_t (*along)[N_ALONG]; /* per model: its columns */
	bool goes_along[N_ALONG];
	size_t *ids; /* per model: its column cl_id */
	bool has_ids;
};

/* ---- which columns ---- */

static void find_columns(struct answer_rows *a)
{
	size_t n_models = a->models->n_models;

	MEM_ARRAY(a->along, n_models);
	MEM_ARRAY(a->ids, n_models);
	for (size_t m = 0; m < n_models; m++) {
		const struct table *t = a->models->calls[m]->table;

		a->ids[m] = table_column(t, "cl_id");
		a->has_ids |= a->ids[m] != SIZE_MAX;
		for (size_t i = 0; i < N_ALONG; i++) {
			a->along[m][i] = table_column(t, along[i]);
			a->goes_along[i] |= i < N_ALWAYS || a->along[m][i] != SIZE_MAX;
		}
	}
}

/* The id of a call that was chosen: its own, or that of another model's same label. */
static const char *id_of_call(const struct answer_rows *a, size_t cell,
			      const struct ensemble_call *v)
{
	const char *id = "";

	for (size_t i = 0; i <= a->models->n_models && !*id; i++) {
		size_t m = i ? i - 1 : v->model, row = ensemble_row(a->models, m, cell);
		const struct calls_table *calls = a->models->calls[m];

		if (a->ids[m] != SIZE_MAX && a->models->labels[m][calls->labels[row]] == v->label)
			id = table_field(calls->table, row, a->ids[m]);
	}
	return id;
}

/* ---- rows ---- */

static void put_header(struct tsv_writer *w, const struct answer_rows *a)
{
	tsv_put_columns(w, HEADER);
	for (size_t i = N_ALWAYS; i < N_ALONG; i++)
		if (a->goes_along[i])
			tsv_put(w, along[i]);
	if (a->asked->terms || a->has_ids)
		tsv_put(w, "cl_id");
	if (a->asked->terms && a->asked->tells_votes)
		tsv_put_columns(w, "votes\tvoters");
	tsv_end_row(w);
}

/* Confidences of what came second and later are on the scale of the first. */
static void put_along(struct tsv_writer *w, const struct answer_rows *a,
		      const struct ensemble_call *v, size_t from, size_t to)
{
	const struct table *t = a->models->calls[v->model]->table;
	double number;

	for (size_t i = from; i < to; i++) {
		size_t column = a->along[v->model][i];
		const char *value = "";

		if (!a->goes_along[i])
			continue;
		if (column != SIZE_MAX)
			value = table_field(t, v->row, column);
		else if (str_eq(along[i], "model"))
			value = t->path;
		if (a->models->is_mixed && str_starts(along[i], "confidence_") &&
		    parse_double(value, &number))
			tsv_put_float(w, ensemble_rescaled(a->models, v, number));
		else
			tsv_put(w, value);
	}
}

static void put_call(struct tsv_writer *w, const struct answer_rows *a, size_t cell,
		     const struct ensemble_call *v, const char *label)
{
	tsv_put(w, calls_table_cell(a->models->calls[0], cell));
	tsv_put(w, label);
	tsv_put_float(w, v->confidence);
	put_along(w, a, v, 0, N_ALWAYS);
	tsv_put_size(w, v->agree);
	tsv_put_size(w, a->models->n_models);
	tsv_put_float(w, v->disagreement);
	put_along(w, a, v, N_ALWAYS, N_ALONG);
}

static struct ensemble_call put_agreed(struct tsv_writer *w, const struct answer_rows *a,
				       size_t cell)
{
	const struct ensemble_answers *asked = a->asked;
	uint32_t term = ONTO_NONE;
	struct ensemble_call v = ensemble_agree(a->models, asked->terms, cell, &term);
	bool none = term == ONTO_NONE;

	put_call(w, a, cell, &v, none ? asked->unknown : asked->onto->terms[term].label);
	tsv_put(w, none ? "" : asked->onto->terms[term].id);
	if (asked->tells_votes) {
		tsv_put_size(w, v.agree);
		tsv_put_size(w, ensemble_terms_voters(asked->terms));
	}
	return v;
}

static struct ensemble_call put_decided(struct tsv_writer *w, const struct answer_rows *a,
					size_t cell)
{
	struct ensemble_call v = ensemble_decide(a->models, a->asked->rule, cell);

	put_call(w, a, cell, &v, strtab_str(&a->models->label_names, v.label));
	if (a->has_ids)
		tsv_put(w, id_of_call(a, cell, &v));
	return v;
}

static void put_cell(struct tsv_writer *w, void *arg, size_t cell)
{
	const struct answer_rows *a = arg;
	struct ensemble_call v = a->asked->terms ? put_agreed(w, a, cell) : put_decided(w, a, cell);

	a->asked->n_unanimous += v.agree == a->models->n_models;
	a->asked->n_none += v.agree == 0;
}

static int put_cells(struct tsv_writer *w, void *arg, struct err *err UNUSED)
{
	struct answer_rows *a = arg;
	/* ensemble_agree is not for threads */
	struct pool *single = a->asked->terms ? pool_new(1) : NULL;

	put_header(w, a);
	tsv_put_rows(w, single ? single : a->asked->pool, ensemble_n_cells(a->models), put_cell, a);
	pool_free(single);
	return 0;
}

int ensemble_answers_write(struct ensemble_answers *asked, const char *path, struct err *err)
{
	struct answer_rows a = {.asked = asked, .models = asked->models};
	int ret;

	asked->n_unanimous = asked->n_none = 0;
	find_columns(&a);
	ret = tsv_write_file(path, put_cells, &a, err);
	free(a.along);
	free(a.ids);
	return ret;
}
