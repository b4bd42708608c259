/* cluster_novelty.h - how strange clusters are, and how strange cells of a label mostly are.
 *
 * One cell's novelty is a noisy number, and from study to study all cells of a class move. Cells of
 * a type that no model knows lie together, apart from those they are called alike. So two numbers
 * are taken of the whole table:
 *	of_cluster   the median novelty of a cluster's cells
 *	of_label     what a tenth of the cells called so are in clusters of less novelty than: how
 *	             strange this label's cells are here that are least so
 *
 *	struct cluster_novelty n;
 *	if (cluster_novelty_read(&n, calls, &clusters, 200, pool, &err) < 0)
 *		die_err(&err);
 *	if (n.of_cluster)
 *		use(n.of_cluster[clusters.of_cell[0]] - n.of_label[calls->labels[0]]);
 *	cluster_novelty_release(&n);
 *
 * NaN where no cell of a cluster, or none of a label, has a number; and everywhere when there are
 * fewer cells than the fourth argument says, of which clusters are two or three cells and pool
 * nothing. The order of cells is nothing.
 */
#ifndef CALLS_CLUSTER_NOVELTY_H
#define CALLS_CLUSTER_NOVELTY_H

#include "calls/calls_table.h"
#include "calls/clusters.h"

struct cluster_novelty {
	double *of_cluster; /* per cluster; NULL when the calls have no column novelty */
	double *of_label;   /* per label of the calls */
};

/* An entry of the column that is no number is an error. Release in any case. */
int cluster_novelty_read(struct cluster_novelty *n, const struct calls_table *calls,
			 const struct clusters *clusters, size_t fewest, struct pool *pool,
			 struct err *err) MUST_USE;
void cluster_novelty_release(struct cluster_novelty *n);

#endif
