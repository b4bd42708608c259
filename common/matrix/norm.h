/* verdict.h - is this matrix counts, log-normalised, or something else?
 *
 * Looks at every stored value of every cell, one block at a time, in O(1) memory, and judges at
 * the end. The same code serves norm-check, lognorm, lr-predict, lr-train and concat.
 *
 *	struct norm_look *look = norm_look_new();
 *	while (stream_next(s, &block, err) > 0)
 *		norm_look_at(look, block, pool);
 *	struct norm_verdict v = norm_judge(look);
 *	norm_look_free(look);
 */
#ifndef MATRIX_VERDICT_H
#define MATRIX_VERDICT_H

#include "base/pool.h"
#include "matrix/cells.h"

enum norm_kind {
	NORM_COUNTS,
	NORM_LOG1P_10K,
	NORM_LOG1P_OTHER,
	NORM_LOG2_OTHER,
	NORM_NOT_LOGGED, /* "normalized_not_logged" */
	NORM_SCALED,
	NORM_SUBSET, /* log-normalised, then genes were dropped */
	NORM_UNKNOWN,
	NORM_N_KINDS
};

struct norm_look;

struct norm_verdict {
	enum norm_kind kind;
	size_t n_cells, n_genes, n_stored;
	double min, max;                  /* of stored values; 0 when there is none */
	double integer_fraction;          /* of stored values that are not zero */
	double sum_p01, sum_p50, sum_p99; /* of row sums as stored */
	double target_sum;                /* recovered, NaN when there is none */
	double log_base;                  /* e or 2, NaN when not logged */
	char why[200];                    /* the evidence in one phrase, with numbers */
};

struct norm_look *norm_look_new(void);
void norm_look_at(struct norm_look *look, const struct cells *block, struct pool *pool);
struct norm_verdict norm_judge(const struct norm_look *look);

/* Has every value so far been one that counts have? Cheap: for after every block. */
bool norm_maybe_counts(const struct norm_look *look);
void norm_look_free(struct norm_look *look);

extern const char *const norm_names[];      /* of all kinds, NULL at the end: for OPT_CHOICE */
const char *norm_name(enum norm_kind kind); /* "counts", "log1p_10k", ... */
bool norm_from_name(const char *name, enum norm_kind *kind);

#endif
