/* ensemble.c - see ensemble.h. */
#include "base/util.h"

#include <math.h>

#include "calls/ensemble.h"
#include "format/tsv.h"

size_t ensemble_row(const struct ensemble *p, size_t model, size_t cell)
{
	return p->rows[model] ? p->rows[model][cell] : cell;
}

static uint32_t label_of(const struct ensemble *p, size_t model, size_t cell)
{
	return p->labels[model][p->calls[model]->labels[ensemble_row(p, model, cell)]];
}

double ensemble_confidence(const struct ensemble *p, size_t model, size_t cell)
{
	double c = p->sure[model][ensemble_row(p, model, cell)];

	return isnan(c) ? 0 : p->weights[model] * c;
}

/* ---- reading ---- */

/* The model's name in a table, or the path when it has no such column. */
static const char *model_name(const struct calls_table *t)
{
	size_t column = table_column(t->table, "model");

	return column == SIZE_MAX || t->n == 0 ? t->path : table_field(t->table, 0, column);
}

static int match_cells(struct ensemble *p, size_t model, struct pool *pool, struct err *err)
{
	const struct calls_table *first = p->calls[0], *t = p->calls[model];
	uint32_t *order;
	int ret;

	MEM_ARRAY(order, t->n);
	ret = table_keys_match(&first->cells, t->table, t->cell, pool, order, err);
	if (ret == 0) {
		MEM_ARRAY(p->rows[model], first->n);
		for (size_t row = 0; row < t->n; row++)
			p->rows[model][order[row]] = (uint32_t)row;
	}
	free(order);
	return ret;
}

static int add_table(struct ensemble *p, const char *path, struct pool *pool, struct err *err)
{
	struct calls_table *t = calls_table_read(path, pool, err);
	size_t model = p->n_models;

	if (!t)
		return -1;
	p->calls[p->n_models++] = t;
	if (!t->has_confidence)
		return err_set(err, "%s: there is no column confidence", t->path);
	MEM_ARRAY(p->labels[model], t->label_names.n);
	for (uint32_t i = 0; i < t->label_names.n; i++)
		p->labels[model][i] = strtab_add(&p->label_names, strtab_str(&t->label_names, i));
	p->weights[model] = 1;
	p->sure[model] = mem_copy(t->confidence, t->n, sizeof(*t->confidence));
	p->sure_by[model] = "confidence";
	return model ? match_cells(p, model, pool, err) : calls_table_index(t, pool, err);
}

static size_t find_model(const struct ensemble *p, const char *name)
{
	for (size_t m = 0; m < p->n_models; m++)
		if (str_eq(model_name(p->calls[m]), name) || str_eq(p->calls[m]->path, name))
			return m;
	return SIZE_MAX;
}

static int read_weights(struct ensemble *p, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	size_t model, weight;
	int got = -1;

	if (!in || tsv_need(in, "model", &model, err) || tsv_need(in, "weight", &weight, err))
		goto done;
	while ((got = tsv_next(in, err)) > 0) {
		size_t m = find_model(p, in->fields[model]);

		if (m == SIZE_MAX) {
			got = err_set(err, "%s: line %zu: no table is of the model %s", path,
				      in->line, in->fields[model]);
			break;
		}
		got = tsv_number(in, weight, &p->weights[m], err);
		if (got == 0 && !(p->weights[m] >= 0 && isfinite(p->weights[m])))
			got = err_set(err, "%s: line %zu: a weight is 0 or more and finite, not %s",
				      path, in->line, in->fields[weight]);
		if (got < 0)
			break;
	}
done:
	tsv_close(in);
	return got;
}

int ensemble_weigh(struct ensemble *p, const char *weight, struct err *err)
{
	const char *equal = strrchr(weight, '=');
	char *name = equal ? mem_strn(weight, (size_t)(equal - weight)) : NULL;
	size_t m = name ? find_model(p, name) : SIZE_MAX;
	double value;

	free(name);
	if (!equal || !parse_double(equal + 1, &value) || !(value >= 0 && isfinite(value)))
		return err_set(err, "%s: MODEL=WEIGHT was expected, the weight 0 or more", weight);
	if (m == SIZE_MAX)
		return 1;
	p->weights[m] = value;
	return 0;
}

static double sum_weights(const struct ensemble *p)
{
	double sum = 0;

	for (size_t m = 0; m < p->n_models; m++)
		sum += p->weights[m];
	return sum;
}

struct ensemble *ensemble_gather(const char *const *paths, size_t n, const char *weights,
				 struct pool *pool, struct err *err)
{
	struct ensemble *p = mem_zero(1, sizeof(*p));

	MEM_ZERO(p->calls, n);
	MEM_ZERO(p->rows, n);
	MEM_ZERO(p->labels, n);
	MEM_ZERO(p->weights, n);
	MEM_ZERO(p->sure, n);
	MEM_ZERO(p->sure_by, n);
	for (size_t i = 0; i < n; i++)
		if (add_table(p, paths[i], pool, err))
			goto fail;
	if (weights && read_weights(p, weights, err))
		goto fail;
	if (!(sum_weights(p) > 0)) {
		err_set(err, "%s: every model has weight 0", weights);
		goto fail;
	}
	return p;
fail:
	ensemble_free(p);
	return NULL;
}

void ensemble_free(struct ensemble *p)
{
	if (!p)
		return;
	for (size_t m = 0; m < p->n_models; m++) {
		calls_table_free(p->calls[m]);
		free(p->rows[m]);
		free(p->labels[m]);
		free(p->sure[m]);
	}
	strtab_release(&p->label_names);
	free(p->calls);
	free(p->rows);
	free(p->labels);
	free(p->weights);
	free(p->sure);
	free(p->sure_by);
	free(p);
}

/* ---- what is compared ---- */

/* Best first: what a model's calls are worth, and what its decisions say of that. */
static const char *const likely[] = {"probability", "probability_raw"};

static bool has_column(const struct ensemble *p, size_t model, const char *name)
{
	return table_column(p->calls[model]->table, name) != SIZE_MAX;
}

/* All one-versus-rest and as they came: their confidences are one scale. */
static bool all_alike(const struct ensemble *p)
{
	for (size_t m = 0; m < p->n_models; m++)
		if (has_column(p, m, likely[0]) || has_column(p, m, "link"))
			return false;
	return true;
}

int ensemble_compare(struct ensemble *p, enum ensemble_compared by, size_t *n_without,
		     struct pool *pool, struct err *err)
{
	*n_without = 0;
	p->is_mixed = false;
	if (by == COMPARE_CONFIDENCE || (by == COMPARE_AUTO && all_alike(p)))
		return 0;
	for (size_t m = 0; m < p->n_models; m++) {
		const struct table *t = p->calls[m]->table;
		size_t i = 0;

		while (i < ARRAY_LEN(likely) && !has_column(p, m, likely[i]))
			i++;
		if (i < ARRAY_LEN(likely)) {
			p->sure_by[m] = likely[i];
			if (table_numbers(t, table_column(t, likely[i]), pool, p->sure[m], err))
				return -1;
		} else if (by == COMPARE_PROBABILITY) {
			return err_set(err,
				       "%s: there is no column probability or probability_raw to "
				       "compare by",
				       t->path);
		} else {
			++*n_without;
		}
		p->is_mixed |= has_column(p, m, "link") != has_column(p, 0, "link");
	}
	return 0;
}

size_t ensemble_n_cells(const struct ensemble *p)
{
	return p->calls[0]->n;
}

/* ---- deciding ---- */

struct support {
	size_t models;
	double weight, confidence; /* sums */
};

/* What speaks for the label that 'model' gives. */
static struct support support_of(const struct ensemble *p, size_t model, size_t cell)
{
	uint32_t label = label_of(p, model, cell);
	struct support s = {0};

	for (size_t m = 0; m < p->n_models; m++) {
		if (label_of(p, m, cell) != label)
			continue;
		s.models++;
		s.weight += p->weights[m];
		s.confidence += ensemble_confidence(p, m, cell);
	}
	return s;
}

static bool is_better(enum ensemble_rule rule, const struct support *a, const struct support *b)
{
	if (rule == ENSEMBLE_VOTE && a->weight != b->weight)
		return a->weight > b->weight;
	return a->confidence > b->confidence;
}

static size_t most_confident(const struct ensemble *p, size_t cell, uint32_t label)
{
	size_t best = SIZE_MAX;

	for (size_t m = 0; m < p->n_models; m++) {
		if (label != STRTAB_NONE && label_of(p, m, cell) != label)
			continue;
		if (best == SIZE_MAX ||
		    ensemble_confidence(p, m, cell) > ensemble_confidence(p, best, cell))
			best = m;
	}
	return best;
}

/* The first model whose label has the best support. */
static size_t best_supported(const struct ensemble *p, enum ensemble_rule rule, size_t cell)
{
	struct support best = support_of(p, 0, cell);
	size_t winner = 0;

	for (size_t m = 1; m < p->n_models; m++) {
		struct support s = support_of(p, m, cell);

		if (is_better(rule, &s, &best)) {
			best = s;
			winner = m;
		}
	}
	return winner;
}

struct ensemble_call ensemble_decide(const struct ensemble *p, enum ensemble_rule rule, size_t cell)
{
	struct ensemble_call v = {0};
	struct support s;

	if (rule == ENSEMBLE_MAX) {
		v.model = most_confident(p, cell, STRTAB_NONE);
		v.label = label_of(p, v.model, cell);
	} else {
		v.label = label_of(p, best_supported(p, rule, cell), cell);
		v.model = most_confident(p, cell, v.label);
	}
	v.row = ensemble_row(p, v.model, cell);
	s = support_of(p, v.model, cell);
	v.agree = s.models;
	if (rule != ENSEMBLE_MAX)
		v.confidence = s.confidence / sum_weights(p);
	else
		v.confidence = p->is_mixed ? p->sure[v.model][v.row]
					   : p->calls[v.model]->confidence[v.row];
	if (p->n_models > 1)
		v.disagreement = (double)(p->n_models - v.agree) / (double)(p->n_models - 1);
	return v;
}

double ensemble_rescaled(const struct ensemble *p, const struct ensemble_call *v, double value)
{
	double own = p->calls[v->model]->confidence[v->row];

	return p->is_mixed && own > 0 ? value * v->confidence / own : value;
}
