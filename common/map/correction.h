/* correction.h - query cells moved to where the reference's cells of their kind lie.
 *
 * Symphony's mapping: the reference's soft clusters say what kind a query cell is; within each
 * kind a ridge regression on the query's batches, in which the reference's own cells stand for no
 * batch, says what the batches add; that is taken away. Closed form, nothing is drawn.
 *
 *	correction_distances(ref, projected, n, pool, distances);
 *	if (correction_apply(ref, projected, &batches, 1, pool, corrected, &err))
 *		die_err(&err);
 *
 * A query of one batch is moved as a whole: what becomes of a cell depends on the other cells of
 * its file. Without correction it does not. Memberships are reckoned some thousand cells at a time,
 * and again when they are wanted again: memory does not grow with cells x clusters.
 */
#ifndef MAP_CORRECTION_H
#define MAP_CORRECTION_H

#include "map/harmony/batches.h"
#include "map/harmony/soft.h"
#include "map/reference.h"

/* Memberships of the reference's clusters, which there must be. 'members' is n x K. */
void correction_members(const struct reference *ref, const double *projected, size_t n,
			struct pool *pool, double *members);

/* 'lambda' is every level's penalty. 'corrected' is n x dims and may be 'projected'. */
int correction_apply(const struct reference *ref, const double *projected,
		     const struct batches *batches, double lambda, struct pool *pool,
		     double *corrected, struct err *err) MUST_USE;

/* How far from the reference's clusters, before correction (spread.h); they must have spreads. */
void correction_distances(const struct reference *ref, const double *projected, size_t n,
			  struct pool *pool, double *distances);

#endif
