/* markers_uns.h - markers in an h5ad, laid out as scanpy's rank_genes_groups does.
 *
 * scanpy's getters and plotting functions then take them for their own: names, scores,
 * logfoldchanges, pvals and pvals_adj as structured arrays with a field per group, pts and pts_rest
 * as data frames in the order of var, and the parameters.
 *
 *	struct uns_words words = {.key = "rank_genes_groups", .group_by = "louvain", ...};
 *	if (markers_uns_write(w, &m, &words, &err))
 *		die_err(&err);
 *
 * All groups must list equally many genes, as they do here. 'top' 0 is all of them. HDF5 has room
 * for some 1400 groups in a structured array: more are an error.
 */
#ifndef EVIDENCE_MARKERS_UNS_H
#define EVIDENCE_MARKERS_UNS_H

#include "evidence/markers.h"
#include "h5ad/writer.h"

struct uns_words {
	const char *key, *group_by;
	char *const *groups, *const *genes; /* names */
	const char *slot;                   /* "X", "raw", "layers/NAME" */
	size_t top;
};

int markers_uns_write(struct writer *w, const struct markers *m, const struct uns_words *words,
		      struct err *err) MUST_USE;

#endif
