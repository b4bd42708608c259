/* harmony.h - coordinates with batches taken out: Harmony, in its three generations.
 *
 * Cells belong softly to clusters in which batches are asked to mix (rounds), and within each
 * cluster a ridge regression takes away what the batches add (a correction); both in turn until
 * the objective rests. Three sets of formulas are in use and are not the same:
 *
 *	HARMONY_0  R harmony up to 1.0.0, harmonypy up to 0.0.10; Symphony was made for it
 *	HARMONY_1  R 1.0.1 to 1.2, harmonypy 0.1 and 0.2
 *	HARMONY_2  R 2.0, harmonypy 2: clusters follow the corrected intercepts, rare pairs of batch
 *	           and cluster are left alone
 *
 *	struct harmony_options o = harmony_defaults(HARMONY_2);
 *	if (harmony_run(points, n, dims, &batches, &o, pool, &result, &err))
 *		die_err(&err);
 *	use(result.corrected, result.members);
 *	harmony_release(&result);
 *
 * Of several batch variables the penalties are multiplied, and the run ends when the objective
 * rests, not when it worsens: the packages differ among themselves in both. The same bytes for any
 * number of threads.
 */
#ifndef MAP_HARMONY_HARMONY_H
#define MAP_HARMONY_HARMONY_H

#include "base/err.h"
#include "base/pool.h"
#include "map/harmony/batches.h"

enum harmony_flavour { HARMONY_0, HARMONY_1, HARMONY_2 };

#define HARMONY_FEW ((size_t)40) /* of fewer cells a fifth is moved at a time */
#define HARMONY_AUTOMATIC (-1.0) /* lambda: alpha times what is expected of level and cluster */

struct harmony_options {
	enum harmony_flavour flavour;
	size_t n_clusters; /* 0: one for every 30 cells, at most 100 */
	double sigma, tau, alpha, block;
	double theta;                   /* how much batches are asked to mix */
	double lambda;                  /* of every level, or HARMONY_AUTOMATIC */
	const double *thetas;           /* per variable, instead of theta; or NULL */
	const double *lambdas;          /* per variable, instead of lambda; or NULL */
	double rest_rounds, rest_outer; /* relative changes that count as rest */
	size_t max_outer, max_rounds;
	uint64_t seed;
	/* What a peer drew, for comparing with it: */
	const double *start;    /* K x dims: first centroids; NULL: drawn here */
	const uint32_t *orders; /* n_orders x cells: the cells of each round, in order; or NULL */
	size_t n_orders;
	bool even_blocks;    /* their sizes differ by one at most (harmonypy up to 0.0.10) */
	bool adds_penalties; /* of several variables (all but harmonypy 2) */
	bool ends_when_worse;
};

struct harmony_result {
	size_t n_clusters, n_outer, n_rounds;
	bool converged;
	size_t *rounds;    /* per outer iteration */
	double *objective; /* of the start, then after every round: n_rounds + 1 */
	double *corrected; /* n x dims */
	double *members;   /* n x K, of the last round */
	double *centroids; /* K x dims, unit */
};

struct harmony_options harmony_defaults(enum harmony_flavour flavour);

/* Refuses fewer than 6 cells, and clusters that are not 2 to half of the cells. */
int harmony_run(const double *points, size_t n, size_t dims, const struct batches *batches,
		const struct harmony_options *options, struct pool *pool,
		struct harmony_result *result, struct err *err) MUST_USE;
void harmony_release(struct harmony_result *result);

/*
 * What a cell's membership in a cluster is multiplied with, to the power theta: of its batch so much is
 * there, against what is expected. 1 or less where it is too much.
 */
double harmony_penalty(enum harmony_flavour flavour, double there, double expected);

/* One for every 30 cells, halves to even, at most 100. */
size_t harmony_n_clusters(size_t n_cells);

/*
 * One correction alone: coordinates and memberships (n x K) to corrected coordinates, and where
 * 'centroids' is not NULL the unit intercepts of the clusters that were corrected.
 */
int harmony_correct(const double *points, size_t n, size_t dims, const struct batches *batches,
		    const struct harmony_options *options, const double *members, size_t K,
		    struct pool *pool, double *corrected, double *centroids,
		    struct err *err) MUST_USE;

#endif
