/* sections.h - the parts of the page, each left out when there is nothing to show in it.
 *
 * One function per part; each writes a whole <section>. Parts of a query stand under the query's
 * own heading.
 *
 *	section_labels(page, query);
 *	section_confidence(page, query);
 *	section_run(page, run);                      // each writes nothing when there is nothing
 */
#ifndef REPORT_SECTIONS_H
#define REPORT_SECTIONS_H

#include "model/model.h"
#include "onto/onto.h"
#include "report/evals.h"
#include "report/evidence_tables.h"
#include "report/page.h"
#include "report/query_summary.h"
#include "report/run_log.h"
#include "report/scatter.h"

/* The figures at the top, and links to the queries when there are several. */
void section_summary(struct page *p, const char *title, struct query_summary *const *queries,
		     size_t n);

/* ---- of a query (sections_query.c, sections_calls.c) ---- */

/* The matrix that was read, and how much of each model its genes cover. 'run' may be NULL. */
void section_input(struct page *p, const struct query_summary *q, const struct run_log *run);

/* Every label: cells, confidence, ontology id. A table to sort. */
void section_labels(struct page *p, const struct query_summary *q);

/* Shares of labels in each batch, as bars. */
void section_batches(struct page *p, const struct query_summary *q, const char *column);

/* Of each label the mean share over the batches and its 95 % interval; nothing for one batch. */
void section_composition(struct page *p, const struct query_summary *q, const char *column);

void section_confidence(struct page *p, const struct query_summary *q); /* a histogram per label */
void section_unknown(struct page *p, const struct query_summary *q);    /* by reason */
void section_novelty(struct page *p, const struct query_summary *q);
void section_agreement(struct page *p, const struct query_summary *q); /* of the models */
void section_vote(struct page *p, const struct query_summary *q);      /* labels before and after */

/* The cells in the plane, and a key of labels, under a heading. 's' may be NULL. */
void section_scatter(struct page *p, const struct query_summary *q, const struct scatter *s,
		     const char *heading);

/* ---- of its labels (sections_evidence.c) ---- */

void section_dots(struct page *p, const struct dots *d);
void section_verdicts(struct page *p, const struct picked *v);

/* What a model proposed, and what became of it under the markers. */
void section_proposals(struct page *p, const struct query_evidence *e);

/* ---- of truth (sections_truth.c) ---- */

/* Scores, the confusion matrix and the calibration of one evaluation; how many cells climbed. */
void section_truth(struct page *p, const struct eval *e, size_t n_climbed);

/* ---- of all (sections_run.c) ---- */

/* The first 'top' genes of each class. */
void section_markers(struct page *p, const struct model *m, size_t top);

/* Each step, what it decided and counted, and its command. */
void section_run(struct page *p, const struct run_log *run);

#endif
