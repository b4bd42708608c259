/* evidence_tables.h - what the steps of evidence say of a query's labels, as far as a page shows it.
 *
 * Reads the tables of markers, marker-check and llm-annotate. Of the markers, which may be a million
 * rows, only the first genes of each label are kept, and what every label makes of those: a dot each.
 *
 *	struct query_evidence e;
 *	struct evidence_files files = {.markers = "evidence/blood.markers.tsv"};
 *	if (query_evidence_read(&e, &files, &err))
 *		die_err(&err);
 *	section_dots(p, &e.dots);
 *	query_evidence_release(&e);
 *
 * A file that is not given leaves its part empty. Columns are found by name; one that is not there is
 * an error that names it.
 */
#ifndef REPORT_EVIDENCE_TABLES_H
#define REPORT_EVIDENCE_TABLES_H

#include "base/err.h"
#include "base/strtab.h"

/* One gene in one label. */
struct dot {
	float share, mean; /* of its cells that express the gene; over all its cells */
};

struct dots {
	struct strtab labels, genes; /* in the table's order; by the label that has them first */
	struct dot *of;              /* labels x genes */
};

/* Of a gene, the largest mean over the labels. */
double dots_largest_mean(const struct dots *d, size_t gene);

/* Rows of a table, of some columns by name. */
struct picked {
	char **fields; /* rows x columns; "" where the table has nothing */
	size_t n_rows, n_columns;
	struct arena arena;
};

enum verdict_column {
	VERDICT_CLUSTER,
	VERDICT_LABEL,
	VERDICT_STATUS,
	VERDICT_GENES,
	VERDICT_CONFLICT,
	VERDICT_BEST,
	VERDICT_SUPPORT,
	VERDICT_BEST_Z,
	VERDICT_CONFIDENCE,
	VERDICT_REASON,
	VERDICT_COLUMNS
};

enum proposal_column {
	PROPOSAL_CLUSTER,
	PROPOSAL_LABEL,
	PROPOSAL_STATUS,
	PROPOSAL_REASON,
	PROPOSAL_RATIONALE,
	PROPOSAL_MODEL,
	PROPOSAL_COLUMNS
};

struct evidence_files {
	const char *markers, *verdicts, *proposals, *judged; /* each may be NULL */
};

struct query_evidence {
	struct dots dots;
	struct picked verdicts, judged; /* columns of enum verdict_column */
	struct picked proposals;        /* of enum proposal_column */
};

int query_evidence_read(struct query_evidence *e, const struct evidence_files *files,
			struct err *err) MUST_USE;
void query_evidence_release(struct query_evidence *e); /* of a zeroed one: nothing */

/* A field, "" beyond the rows. */
const char *picked_at(const struct picked *p, size_t row, size_t column);

/* The row whose first column is 'name', or SIZE_MAX. */
size_t picked_find(const struct picked *p, const char *name);

#endif
