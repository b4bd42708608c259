/* agreement.h - how often each two models give a cell the same label.
 *
 * Reads the calls of a query by several models side by side, row by row, from where the manifests
 * say that lr-predict and knn-transfer wrote them. Labels are compared as they are written.
 *
 *	struct agreement a;
 *	if (agreement_read(&a, run, query, &err))
 *		die_err(&err);
 *	section_pairs(page, &a);
 *	agreement_release(&a);
 */
#ifndef REPORT_AGREEMENT_H
#define REPORT_AGREEMENT_H

#include "report/page.h"
#include "report/query_summary.h"
#include "report/run_log.h"

#define MAX_AGREEING 40

struct agreement {
	char *models[MAX_AGREEING];
	size_t n, n_cells;
	size_t same[MAX_AGREEING][MAX_AGREEING]; /* cells; a below b */
};

/*
 * Of the first MAX_AGREEING models; tables that are gone or empty (a model that was skipped) do
 * not count. Fewer than two is no error: n says how many. -1 when a table is damaged, or two do
 * not have the same cells.
 */
int agreement_read(struct agreement *a, const struct run_log *run, const struct query_summary *q,
		   struct err *err) MUST_USE;
void agreement_release(struct agreement *a);

/* A section; nothing for fewer than two models. */
void section_pairs(struct page *p, const struct agreement *a);

#endif
