/* query_summary.h - what a typed table says of one query, summed up in one pass.
 *
 * Reads RUN/typed/QUERY.tsv (any predictions table will do) row by row; what is kept grows with
 * the labels, reasons, models and batches, not with the cells.
 *
 *	struct query_summary *q = query_new("typed/blood.tsv");
 *	query_read(q, NULL, &err);
 *	printf("%zu cells\n", q->n_cells);
 *	query_free(q);
 */
#ifndef REPORT_QUERY_SUMMARY_H
#define REPORT_QUERY_SUMMARY_H

#include "base/err.h"
#include "base/strtab.h"

#define CONFIDENCE_BINS 20

struct label_sum {
	size_t n;                          /* cells called so */
	size_t n_before, n_voted;          /* as label_original, as majority_voting */
	size_t n_confident;                /* cells that have a confidence */
	double confidence, margin;         /* sums */
	size_t n_margin;                   /* cells that have a margin */
	size_t n_agreed, n_models;         /* models that said so, of those asked */
	size_t histogram[CONFIDENCE_BINS]; /* of confidence, 0 to 1 */
	char *cl_id, *cl_name, *cl_score;  /* of its first cell; "" without */
};

#define NOVELTY_BINS 5

struct query_summary {
	char *name; /* the table's, without folder and .tsv */
	const char *path;
	char *not_typed;           /* why, when the table says only that; or NULL */
	size_t n_cells, n_unknown; /* all; with a reason, but for those that climbed */
	size_t n_climbed;          /* that have a term above their label */
	bool has_confidence, has_margin, has_agreement, has_reasons, has_vote, has_ids;
	size_t novelty_cells[NOVELTY_BINS]; /* by whole numbers; the last is that and more */
	size_t n_with_novelty;
	struct strtab label_names;
	struct label_sum *labels; /* by number of the name */
	size_t cap_labels;
	uint32_t *by_count; /* labels with cells, most first, then in byte order; n_shown of them */
	size_t n_called;
	struct strtab reasons, models; /* and the cells of each */
	size_t *reason_cells, *model_cells;
	size_t cap_reasons, cap_models;
	size_t agree_cells[65]; /* cells by the number of models that agree; 64 is "or more" */
	size_t most_models;     /* asked for a cell */
	struct strtab batches;  /* the table batches x labels, grown as they come */
	size_t **batch_cells;   /* by batch, cap_batch_labels[batch] long */
	size_t *cap_batch_labels;
	size_t cap_batches, cap_batch_rows;
	struct arena arena;
};

/* One row of the table, as who watches sees it. */
struct seen_cell {
	size_t row;
	const char *name;
	uint32_t label, model;      /* numbers of label_names and models; STRTAB_NONE: no model */
	double confidence, novelty; /* NaN where there is none */
};

/* What else wants to know of every cell. Return -1 with 'err' to stop. */
struct query_watch {
	int (*cell)(void *arg, const struct seen_cell *cell, struct err *err);
	const char *(*batch)(void *arg, size_t row); /* NULL without batches */
	void *arg;
};

/* 'path' is borrowed. */
struct query_summary *query_new(const char *path);
void query_free(struct query_summary *q); /* NULL is fine */

/*
 * Does the table say only why the query was not typed ("# not typed: WHY", as workflows/run/step
 * writes it)? Then there are no cells, and nothing to read.
 */
bool query_is_not_typed(struct query_summary *q);

/* Read the table. 'watch' may be NULL. */
int query_read(struct query_summary *q, const struct query_watch *watch, struct err *err) MUST_USE;

/* The same of a table of clusters or domains: cell, cluster. */
int query_read_clusters(struct query_summary *q, const struct query_watch *watch,
			struct err *err) MUST_USE;

/* Labels that cells have, Unknown aside. */
size_t query_n_labels(const struct query_summary *q);

/* Cells of a batch with a label. */
size_t query_batch_cells(const struct query_summary *q, uint32_t batch, uint32_t label);

#endif
