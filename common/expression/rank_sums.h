/* rank_sums.h - how the cells of every group rank in every gene: Wilcoxon's sums, all at once.
 *
 * A stream of cells goes in, once. Stored values are dealt into buckets of neighbouring genes, in
 * memory as far as allowed and else in an unlinked temporary file; each bucket is sorted once, and
 * one sweep over it serves all groups. Zeros are never made: they are one block of ties. So the
 * work is O(stored values), the memory is bounded, and no matrix is held.
 *
 *	struct rank_sums *r = rank_sums_new(n_groups, n_genes, n_cells, 64 << 20, &err);
 *	while ((got = stream_next(cells, &block, &err)) > 0)
 *		if (rank_sums_add(r, block, group_of, &err))
 *			die_err(&err);
 *	rank_sums_finish(r, RANK_REST, pool, NULL, NULL, &err);
 *	auc = r->u[g * n_genes + gene] / (n * m);
 *	rank_sums_free(r);
 *
 * Against the rest (RANK_REST) all other cells count, those of no group too; against a reference
 * group only its cells. The result does not depend on the number of threads or on the memory.
 */
#ifndef EXPRESSION_RANK_SUMS_H
#define EXPRESSION_RANK_SUMS_H

#include "base/err.h"
#include "base/pool.h"
#include "matrix/cells.h"

#define RANK_REST SIZE_MAX
#define RANK_MOST_GROUPS ((size_t)1 << 26)

struct rank_sums {
	size_t n_groups, n_genes, reference;
	size_t *n_cells; /* per group, and of no group */
	/*
	 * Groups x genes, after rank_sums_finish: pairs of a cell of the group and one it is
	 * compared with, in which the group's is higher; equal pairs count half. U of Mann and
	 * Whitney.
	 */
	double *u;
	/* Sum of t^3 - t over blocks of t equal values: per gene, or groups x genes with a
	 * reference. */
	double *ties;
	struct rank_spool *spool;
};

/*
 * 'memory' bounds what waits in buffers; sorting takes a bucket or two a thread besides. At most
 * RANK_MOST_GROUPS groups. NULL when there is no room for a temporary file.
 */
struct rank_sums *rank_sums_new(size_t n_groups, size_t n_genes, size_t n_cells, size_t memory,
				struct err *err) MUST_USE;
void rank_sums_free(struct rank_sums *r); /* NULL is fine */

/* 'group_of' is per cell of the stream: below n_groups, or UINT32_MAX for none. */
int rank_sums_add(struct rank_sums *r, const struct cells *block, const uint32_t *group_of,
		  struct err *err) MUST_USE;

/* 'heard' is told how many genes are done, now and then; or NULL. */
int rank_sums_finish(struct rank_sums *r, size_t reference, struct pool *pool,
		     void (*heard)(void *arg, size_t genes), void *arg, struct err *err) MUST_USE;

#endif
