/* expression.h - expression that a model may be trained on or applied to.
 *
 * Which matrix slot, is it fit, is it normalised already: decided once, here, for lr-predict and
 * lr-train, with the same judgement as norm-check (matrix/norm.h) and in the same single pass
 * as the work. Counts are normalised on the fly over all genes of the slot.
 *
 *	struct input_rules rules = {.slot = "auto", .target_sum = 1e4};
 *	struct input *in = input_open(file, &rules, pool, &err);
 *	struct stream *cells = input_stream(in, NULL, 0, &err);
 *	while ((got = stream_next(cells, &block, &err)) > 0)
 *		score(block);                    // log1p of counts per 10,000
 *	if (got < 0)
 *		die_err(&err);                   // 3 when the first verdict did not hold
 *	stream_free(cells);
 *	input_close(in);
 *
 * What is fit: log1p_10k and subset (log-normalised, then genes were dropped) as they are; counts
 * normalised, and so whatever only scaled counts or took their logarithm, which is undone first
 * (norm_way_back in matrix/norm.h); a verdict named in 'accept' as it is. 'as' says what a matrix
 * is to who knows better than the verdict. Anything else is refused with the evidence.
 *
 * The first block decides what is done to the values; the verdict over all cells, known at the end,
 * must be fit and must ask for the same, else the stream's end is an error that refuses. A first
 * block that is unfit has the whole slot judged before anything is given out, unless it holds
 * negative values.
 *
 * Slot "auto": of X, raw and layers (by name) the first that is log1p_10k; else counts or subset,
 * else fractional counts, else what can be undone; among equals the one with most genes, then the
 * first. With 'counts_first' an X that is log1p_10k and counts wherever they are come first, in
 * order, and a subset has to be accepted. A matrix whose first block cannot be read (NaN in what
 * was scaled) is passed over: warn with 'passed_over'.
 */
#ifndef EXPRESSION_EXPRESSION_H
#define EXPRESSION_EXPRESSION_H

#include "base/names.h"
#include "h5ad/h5ad.h"
#include "matrix/norm.h"

struct input_rules {
	const char *slot;   /* "auto", or a slot's name */
	const char *accept; /* the name of a verdict to take as it is, or NULL */
	const char *as;     /* what the matrix is, one of input_as, whatever the verdict; or NULL */
	bool counts_first;  /* for who makes log-normalised files, rather than uses them */
	bool counts_only;   /* for who needs counts: as they are; nothing else is fit */
	double target_sum;  /* counts are scaled to this: 10000 */
};

extern const char *const input_as[]; /* what 'as' may be, NULL at the end: for OPT_CHOICE */

struct input {
	struct h5ad *file;       /* borrowed */
	const struct slot *slot; /* the one chosen */
	char *const *genes;      /* of the slot, repeated names made unique as anndata does */
	size_t n_genes;
	bool normalises;             /* made log1p of counts per target on the fly */
	enum norm_way way;           /* and what is undone before */
	struct norm_verdict verdict; /* of the first block, then of all cells */
	bool judged_all;             /* 'verdict' is over all the cells */
	struct input_rules rules;
	struct pool *pool;
	struct stream *peeked; /* opened to look at; handed to the first input_stream */
	struct names names;    /* owns 'genes' */
	char *passed_over;     /* why a matrix was not looked at, or NULL */
};

/* Choose and judge. 'file' and 'pool' are borrowed until input_close. NULL on failure or refusal.
 */
struct input *input_open(struct h5ad *file, const struct input_rules *rules, struct pool *pool,
			 struct err *err) MUST_USE;
void input_close(struct input *in); /* NULL is fine */

/*
 * The cells, normalised (counts with 'counts_only'), over all genes of the slot, with their 'counts' where the slot has those;
 * those listed (rising) or all when 'cells' is NULL. May be called again for another pass, one
 * stream at a time. A stream over all cells judges them; once that is done later streams only
 * normalise. A stream over listed cells judges those.
 */
struct stream *input_stream(struct input *in, const size_t *cells, size_t n_cells,
			    struct err *err) MUST_USE;

/*
 * The names of the file's cells [first, first + n), fit for a TSV: asked for in order, valid until
 * the next call. NULL on failure.
 */
char *const *input_cells(const struct input *in, size_t first, size_t n, struct err *err) MUST_USE;

/* Bytes of the longest of them: reads them all once, and checks them. */
int input_cell_width(const struct input *in, size_t *width, struct err *err) MUST_USE;

/* What was decided, for a message: "X: log1p_10k: every row sums to ...; used as it is". */
const char *input_decision(const struct input *in, struct text *scratch);

#endif
