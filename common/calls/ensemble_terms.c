/* ensemble_terms.c - see ensemble_terms.h. */
#include "base/util.h"

#include <math.h>

#include "calls/ensemble_terms.h"
#include "onto/consensus.h"
#include "onto/labelmap.h"

struct ensemble_terms {
	const struct onto *onto;
	struct consensus *consensus;
	uint32_t **of_label; /* per model and label of its table, by the map; else NULL */
	uint32_t **of_row;   /* per model and row of its table, when that has ids; else NULL */
	uint32_t *terms;     /* of the cell at hand, per model */
	size_t n_models, n_without;
	size_t errors; /* SIZE_MAX: by quorum */
};

/* ---- reading ---- */

static int find_term(struct ensemble_terms *t, const char *id, const char *path, uint32_t *term,
		     struct err *err)
{
	*term = ONTO_NONE;
	if (*id && !str_eq(id, "unknown")) {
		*term = onto_find(t->onto, id);
		if (*term == ONTO_NONE)
			return err_set(err, "%s: the ontology has no term %s (--ontology)", path,
				       id);
		*term = onto_current(t->onto, *term);
	}
	t->n_without += *term == ONTO_NONE;
	return 0;
}

static int terms_of_labels(struct ensemble_terms *t, const struct ensemble *p, const char *path,
			   struct err *err)
{
	struct labelmap *map = labelmap_read(path, err);
	uint32_t *terms;
	int ret = map ? 0 : -1;

	MEM_ARRAY(terms, p->label_names.n);
	for (uint32_t i = 0; ret == 0 && i < p->label_names.n; i++) {
		const struct labelmap_row *row = labelmap_find(map, strtab_str(&p->label_names, i));

		ret = find_term(t, row ? row->id : "", path, &terms[i], err);
	}
	for (size_t m = 0; ret == 0 && m < p->n_models; m++) {
		MEM_ARRAY(t->of_label[m], p->calls[m]->label_names.n);
		for (size_t i = 0; i < p->calls[m]->label_names.n; i++)
			t->of_label[m][i] = terms[p->labels[m][i]];
	}
	free(terms);
	labelmap_free(map);
	return ret;
}

/* What the table's own ids say, and where a row has none, what its label is by the map. */
static int terms_of_rows(struct ensemble_terms *t, const struct calls_table *calls,
			 const uint32_t *of_label, uint32_t **terms, struct err *err)
{
	size_t column = table_column(calls->table, "cl_id"), before = t->n_without;

	if (column == SIZE_MAX && of_label)
		return 0;
	if (column == SIZE_MAX)
		return err_set(err,
			       "%s: there is no column cl_id (cl-map's map of the labels, "
			       "with --map, gives the ids)",
			       calls->path);
	MEM_ARRAY(*terms, calls->n);
	for (size_t row = 0; row < calls->n; row++) {
		uint32_t *term = &(*terms)[row];

		if (find_term(t, table_field(calls->table, row, column), calls->path, term, err))
			return -1;
		if (*term == ONTO_NONE && of_label)
			*term = of_label[calls->labels[row]];
	}
	if (of_label)
		t->n_without = before; /* of the labels, which are counted already */
	return 0;
}

struct ensemble_terms *ensemble_terms_read(const struct ensemble *p, const struct onto *o,
					   const char *map, double quorum, struct err *err)
{
	struct ensemble_terms *t = mem_zero(1, sizeof(*t));
	int ret = 0;

	t->onto = o;
	t->errors = SIZE_MAX;
	t->n_models = p->n_models;
	MEM_ZERO(t->of_label, p->n_models);
	MEM_ZERO(t->of_row, p->n_models);
	MEM_ZERO(t->terms, p->n_models);
	if (map)
		ret = terms_of_labels(t, p, map, err);
	for (size_t m = 0; ret == 0 && m < p->n_models; m++)
		ret = terms_of_rows(t, p->calls[m], t->of_label[m], &t->of_row[m], err);
	if (ret == 0) {
		t->consensus = consensus_new(o, quorum);
		return t;
	}
	ensemble_terms_free(t);
	return NULL;
}

void ensemble_terms_free(struct ensemble_terms *t)
{
	if (!t)
		return;
	for (size_t m = 0; m < t->n_models; m++) {
		free(t->of_label[m]);
		free(t->of_row[m]);
	}
	consensus_free(t->consensus);
	free(t->of_label);
	free(t->of_row);
	free(t->terms);
	free(t);
}

void ensemble_terms_allow(struct ensemble_terms *t, size_t errors)
{
	t->errors = errors;
}

size_t ensemble_terms_voters(const struct ensemble_terms *t)
{
	size_t n = 0;

	for (size_t m = 0; m < t->n_models; m++)
		n += t->terms[m] != ONTO_NONE;
	return n;
}

size_t ensemble_terms_n_without(const struct ensemble_terms *t)
{
	return t->n_without;
}

/* ---- deciding ---- */

static uint32_t term_of(const struct ensemble *p, const struct ensemble_terms *t, size_t m,
			size_t cell)
{
	size_t row = ensemble_row(p, m, cell);

	return t->of_row[m] ? t->of_row[m][row] : t->of_label[m][p->calls[m]->labels[row]];
}

struct ensemble_call ensemble_agree(const struct ensemble *p, struct ensemble_terms *t, size_t cell,
				    uint32_t *term)
{
	struct ensemble_call v = {.label = STRTAB_NONE, .model = SIZE_MAX};
	double weight = 0;

	for (size_t m = 0; m < p->n_models; m++)
		t->terms[m] = term_of(p, t, m, cell);
	*term = t->errors == SIZE_MAX
			? consensus_find(t->consensus, t->terms, p->weights, p->n_models)
			: consensus_parent(t->consensus, t->terms, p->n_models, t->errors);
	for (size_t m = 0; m < p->n_models; m++) {
		weight += p->weights[m];
		if (*term == ONTO_NONE || t->terms[m] == ONTO_NONE ||
		    !consensus_supports(t->consensus, t->terms[m], *term))
			continue;
		v.agree++;
		v.confidence += ensemble_confidence(p, m, cell);
		if (v.model == SIZE_MAX ||
		    ensemble_confidence(p, m, cell) > ensemble_confidence(p, v.model, cell))
			v.model = m;
	}
	if (v.model == SIZE_MAX)
		v.model = ensemble_decide(p, ENSEMBLE_MAX, cell).model;
	v.row = ensemble_row(p, v.model, cell);
	v.confidence = weight > 0 ? v.confidence / weight : 0;
	if (p->n_models > 1)
		v.disagreement =
			fmin(1, (double)(p->n_models - v.agree) / (double)(p->n_models - 1));
	return v;
}
