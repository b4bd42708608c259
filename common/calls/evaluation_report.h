/* evaluation_report.h - an evaluation as tables and JSON.
 *
 *	evaluation_put_classes(&e, &names, &writer);
 *	evaluation_json(&e, &names, &json);             // inside json_open ... json_close
 *
 * 'names' are the labels that the evaluation counts by number. Figures that are not defined, such
 * as the recall of a class without cells, are empty in tables and null in JSON.
 */
#ifndef CALLS_EVALUATION_REPORT_H
#define CALLS_EVALUATION_REPORT_H

#include "base/json.h"
#include "calls/evaluation.h"
#include "format/tsv.h"

/* Rows of (what, class, value): support, predicted, precision, recall and f1 of every class. */
void evaluation_put_classes(const struct evaluation *e, const struct strtab *names,
			    struct tsv_writer *w);

/* A whole table: truth, predicted, cells; pairs that occur. */
void evaluation_put_confusion(const struct evaluation *e, const struct strtab *names,
			      struct tsv_writer *w);

/* The keys classes, coverage, calibration, kept and confusion of an open object. */
void evaluation_json(const struct evaluation *e, const struct strtab *names, struct json *out);

/* Rows of (what, share, value): accuracy_kept of every share of cells kept. */
void evaluation_put_kept(const struct evaluation *e, struct tsv_writer *w);

void evaluation_put_figure(struct tsv_writer *w, const char *what, const char *class, double value);

#endif
