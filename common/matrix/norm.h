/* norm.h - is this matrix counts, log-normalised, or something else, and is there a way back?
 *
 * Looks at every stored value of every cell, one block at a time, in O(1) memory, and judges at
 * the end. As a step of a stream: stream_judge (matrix/stream_steps.h), which every filter uses.
 *
 *	struct norm_look *look = norm_look_new();
 *	while (stream_next(s, &block, err) > 0)
 *		norm_look_at(look, block, pool);
 *	struct norm_verdict v = norm_judge(look);
 *	norm_look_free(look);
 *
 * The verdict names what was done to counts. What only scaled cells and took logarithms can be
 * undone: norm_way_back says how, and lognorm_cells (matrix/lognorm.h) does it.
 */
#ifndef MATRIX_NORM_H
#define MATRIX_NORM_H

#include "base/pool.h"
#include "matrix/cells.h"

enum norm_kind {
	NORM_COUNTS,
	NORM_FRACTIONAL_COUNTS, /* counts, corrected or shared out: no whole numbers any more */
	NORM_BINARY,            /* 1 where there were counts: how many is lost */
	NORM_LOG1P_10K,
	NORM_LOG1P_OTHER, /* log1p, of another common sum */
	NORM_LOG2_OTHER,  /* log2(1 + x), of any common sum */
	NORM_NOT_LOGGED,  /* "normalized_not_logged": one common sum, as stored */
	NORM_SCALED,
	NORM_SUBSET, /* log-normalised, then genes were dropped */
	NORM_UNKNOWN,
	NORM_N_KINDS
};

/* What brings stored values back to something in proportion to counts. */
enum norm_way {
	NORM_AS_STORED, /* nothing: they are */
	NORM_LOG1P,     /* expm1 */
	NORM_LOG2,      /* 2^x - 1 */
	NORM_N_WAYS
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
void norm_look_free(struct norm_look *look); /* NULL is fine */

/* The way from a verdict back to counts, up to a factor of the cell. False when there is none. */
bool norm_way_back(const struct norm_verdict *v, enum norm_way *way);

/* Could values that were judged so have come this way at all, whoever says so? */
bool norm_may_be(const struct norm_verdict *v, enum norm_way way);

/* What a way does, for a message that goes on: "the logarithm undone (expm1), ", or "". */
const char *norm_way_done(enum norm_way way);

/* exp(factor * value) - 1 undoes the logarithm; 0 for NORM_AS_STORED. */
float norm_way_factor(enum norm_way way);

extern const char *const norm_names[];      /* of all kinds, NULL at the end: for OPT_CHOICE */
const char *norm_name(enum norm_kind kind); /* "counts", "log1p_10k", ... */

#endif
