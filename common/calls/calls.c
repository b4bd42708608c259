/* calls.c - see calls.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "calls/calls.h"

/* ---- writing ---- */

double calls_entropy(const float *shares, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (shares[i] > 0)
			sum -= (double)shares[i] * log((double)shares[i]);
	return MAX(sum, 0);
}

void calls_put(struct tsv_writer *w, const struct calls_row *row)
{
	tsv_put(w, row->cell);
	tsv_put(w, row->label);
	tsv_put_float(w, row->confidence);
	tsv_put_float(w, row->margin);
	tsv_put(w, row->second);
	tsv_put_float(w, row->entropy);
	tsv_put(w, row->model);
}

/* ---- reading ---- */

struct calls *calls_open(const char *path, struct err *err)
{
	struct calls *c = mem_zero(1, sizeof(*c));

	c->tsv = tsv_open(path, err);
	if (!c->tsv || tsv_need(c->tsv, "cell", &c->cell, err) ||
	    tsv_need(c->tsv, "label", &c->label, err)) {
		calls_close(c);
		return NULL;
	}
	c->confidence_column = tsv_column(c->tsv, "confidence");
	c->margin_column = tsv_column(c->tsv, "margin");
	c->model_column = tsv_column(c->tsv, "model");
	c->counts_column = tsv_column(c->tsv, "n_counts");
	c->needed_column = tsv_column(c->tsv, "confidence_needed");
	c->probability_column = tsv_column(c->tsv, "probability");
	c->novelty_column = tsv_column(c->tsv, "novelty");
	c->explained_column = tsv_column(c->tsv, "explained");
	c->disagreement_column = tsv_column(c->tsv, "disagreement");
	c->limit_column = tsv_column(c->tsv, "novelty_limit");
	c->voted_column = tsv_column(c->tsv, "novelty_voted");
	c->usual_column = tsv_column(c->tsv, "novelty_usual");
	c->above_column = tsv_column(c->tsv, "above");
	return c;
}

static int read_number(const struct calls *c, size_t column, double *value, struct err *err)
{
	*value = NAN;
	return column == SIZE_MAX ? 0 : tsv_number(c->tsv, column, value, err);
}

int calls_next(struct calls *c, struct err *err)
{
	int got = tsv_next(c->tsv, err);

	if (got <= 0)
		return got;
	if (read_number(c, c->confidence_column, &c->confidence, err) ||
	    read_number(c, c->margin_column, &c->margin, err) ||
	    read_number(c, c->counts_column, &c->n_counts, err) ||
	    read_number(c, c->needed_column, &c->needed, err) ||
	    read_number(c, c->probability_column, &c->probability, err) ||
	    read_number(c, c->novelty_column, &c->novelty, err) ||
	    read_number(c, c->limit_column, &c->novelty_limit, err) ||
	    read_number(c, c->voted_column, &c->novelty_voted, err) ||
	    read_number(c, c->usual_column, &c->novelty_usual, err) ||
	    read_number(c, c->explained_column, &c->explained, err) ||
	    read_number(c, c->disagreement_column, &c->disagreement, err))
		return -1;
	if (isinf(c->confidence))
		return err_set(err, "%s: line %zu: confidence is infinite", c->tsv->path,
			       c->tsv->line);
	return 1;
}

void calls_close(struct calls *c)
{
	if (!c)
		return;
	tsv_close(c->tsv);
	free(c);
}
