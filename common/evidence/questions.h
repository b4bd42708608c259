/* questions.h - the questions about all clusters, put together from tables.
 *
 * Candidates (of `marker-check --candidates`) give the labels that are admissible; a table of
 * markers gives the genes, or else the genes of the candidates do; a table of terms (of go-enrich)
 * tells what they do.
 *
 *	struct questions q;
 *	struct question_tables t = {.candidates = "candidates.tsv", .markers = "markers.tsv"};
 *	if (questions_read(&q, &t, &err))
 *		die_err(&err);
 *	ask(&q.items[0]);                       // about q.clusters 0
 *	questions_release(&q);
 *
 * Clusters are in the order of the candidates. Rows of the other tables about other clusters are
 * passed over. A cluster is asked about with at most QUESTION_LABELS labels and so on, the first of
 * each table.
 */
#ifndef EVIDENCE_QUESTIONS_H
#define EVIDENCE_QUESTIONS_H

#include "base/strtab.h"
#include "evidence/proposals.h"

struct question_tables {
	const char *candidates, *markers, *terms; /* the last two may be NULL */
};

struct questions {
	struct strtab clusters;
	struct question *items;
	size_t cap;
};

int questions_read(struct questions *q, const struct question_tables *tables,
		   struct err *err) MUST_USE;
void questions_release(struct questions *q);

#endif
