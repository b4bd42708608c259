/* cluster_scores.h - how far whole clusters of a query lie from a reference's.
 *
 * A cluster of the query that is a kind the reference lacks lies apart as a whole, though single
 * cells may not show it: Symphony's per-cluster score.
 *
 *	struct mapped_cells q = {names, n, projected};
 *	if (cluster_scores_write(ref, &q, "clusters.tsv", "scores.tsv", &n_without, &err))
 *		die_err(&err);
 *
 * Cells of no cluster count for none. A cluster of fewer cells than twice the components has no
 * score: an empty field.
 */
#ifndef MAP_CLUSTER_SCORES_H
#define MAP_CLUSTER_SCORES_H

#include "map/reference.h"

struct mapped_cells {
	char *const *names;
	size_t n;
	const double *projected; /* n x dims, before any correction */
};

/*
 * 'clusters' is a TSV of cell and cluster, 'path' where the TSV of cluster and cluster_distance
 * goes. The reference must have clusters. 'n_without': cells that are in no cluster.
 */
int cluster_scores_write(const struct reference *ref, const struct mapped_cells *q,
			 const char *clusters, const char *path, size_t *n_without,
			 struct err *err) MUST_USE;

#endif
