/* calls.h - the predictions table, read and written row by row.
 *
 * Written by lr-predict, understood by vote, ensemble, gate, evaluate, report and h5-obs:
 *	cell  label  confidence  margin  second  entropy  model
 * and beside them what the cell had to go by, of the model's genes, and how sure a call of so
 * little has to be (model/depth_needs.h): n_counts, n_genes, confidence_needed. Each later filter
 * appends columns of its own and renames none.
 *
 * Writing is putting rows, by any number of threads (tsv_put_rows), under CALLS_HEADER:
 *
 *	calls_put(&writer, &(struct calls_row){.cell = name, .label = "T cell", ...});
 *	tsv_end_row(&writer);                           // after columns of one's own
 *
 * Reading keeps every column as text and knows where the standard ones are:
 *
 *	struct calls *in = calls_open(path, &err);
 *	while ((got = calls_next(in, &err)) > 0)
 *		use(calls_cell(in), calls_label(in), in->confidence);
 *	calls_close(in);
 */
#ifndef CALLS_CALLS_H
#define CALLS_CALLS_H

#include "format/tsv.h"

#define CALLS_HEADER "cell\tlabel\tconfidence\tmargin\tsecond\tentropy\tmodel"

struct calls_row {
	const char *cell, *label;
	double confidence, margin;
	const char *second;
	double entropy;
	const char *model;
};

/* The entropy of shares that sum up to one, in nats: 0 when it is all one, log(n) when all are alike. */
double calls_entropy(const float *shares, size_t n);

/* The fields of CALLS_HEADER. A number that is NaN is left empty. */
void calls_put(struct tsv_writer *w, const struct calls_row *row);

struct calls {
	struct tsv *tsv;
	size_t cell, label;       /* columns; always there */
	size_t confidence_column; /* SIZE_MAX when there is none */
	size_t margin_column, model_column, counts_column, needed_column;
	double confidence, margin; /* of the row; NaN when empty or absent */
	size_t probability_column, novelty_column, explained_column, disagreement_column;
	size_t above_column, limit_column, voted_column, usual_column;
	double n_counts, needed;                              /* the same */
	double probability, novelty, explained, disagreement; /* the same */
	double novelty_limit, novelty_voted, novelty_usual;   /* the same */
};

struct calls *calls_open(const char *path, struct err *err) MUST_USE;
int calls_next(struct calls *c, struct err *err) MUST_USE;
void calls_close(struct calls *c);

static inline const char *calls_cell(const struct calls *c)
{
	return c->tsv->fields[c->cell];
}

/* What is above the label (climb.h); "" when absent. */
static inline const char *calls_above(const struct calls *c)
{
	return c->above_column == SIZE_MAX ? "" : c->tsv->fields[c->above_column];
}

static inline const char *calls_label(const struct calls *c)
{
	return c->tsv->fields[c->label];
}

#endif
