/* proposals_table.h - what came of the questions about clusters, as a table.
 *
 * A row per cluster, whether it was answered or not: cluster, label, id, status (proposed or
 * unresolved), reason, genes, invented, rationale, alternatives, agreement, model, source and
 * tokens. marker-check reads it as labels.
 *
 *	struct proposals_table t = {&questions, proposals};
 *	tsv_write_file("proposals.tsv", proposals_table_put, &t, &err);
 *
 * Without a label that was offered the label is "Unresolved". Both are borrowed.
 */
#ifndef EVIDENCE_PROPOSALS_TABLE_H
#define EVIDENCE_PROPOSALS_TABLE_H

#include "evidence/questions.h"
#include "format/tsv.h"

struct proposal {
	struct proposed answer;
	const char *reason; /* why there is no label; "" with one */
	char *model;
	const char *source; /* model or cache */
	size_t prompt_tokens, completion_tokens, n_agree, n_asked;
	size_t votes[QUESTION_LABELS]; /* seeds that say each */
};

/* Nothing is known yet; or why nothing will be. */
void proposal_init(struct proposal *p, const char *reason);

/* The contents and the array; NULL is fine. */
void proposals_free(struct proposal *p, size_t n);

struct proposals_table {
	const struct questions *questions;
	const struct proposal *proposals; /* per cluster */
};

/* For tsv_write_file: 'arg' is a struct proposals_table. */
int proposals_table_put(struct tsv_writer *w, void *arg, struct err *err) MUST_USE;

#endif
