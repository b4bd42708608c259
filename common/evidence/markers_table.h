/* markers_table.h - markers as the table that other filters read.
 *
 * A row per group and gene: cluster, gene, score, log2fc, p, padj, auc, pct, pct_rest, mean,
 * mean_rest, and donors when they were counted. Groups in their order, genes of each by score.
 *
 *	struct markers_table t = {.markers = &m, .groups = names, .genes = genes, .pool = pool};
 *	tsv_write_file("markers.tsv", markers_table_put, &t, &err);
 *
 * Of markers that were never computed it is the header alone. The reference group has no rows. All
 * pointers are borrowed.
 */
#ifndef EVIDENCE_MARKERS_TABLE_H
#define EVIDENCE_MARKERS_TABLE_H

#include "evidence/donors.h"
#include "evidence/markers.h"
#include "format/tsv.h"

struct markers_table {
	const struct markers *markers;
	const struct donors *donors; /* or NULL */
	char *const *groups, *const *genes;
	size_t top; /* rows a group; 0: all */
	struct pool *pool;
};

/* For tsv_write_file: 'arg' is a struct markers_table. */
int markers_table_put(struct tsv_writer *w, void *arg, struct err *err) MUST_USE;

#endif
