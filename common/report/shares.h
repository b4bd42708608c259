/* shares.h - how much of the samples a label is.
 *
 * Every sample counts the same, however many cells it has: the mean of its shares, and Student's 95 %
 * interval of that mean, which is only as good as the samples are alike and independent.
 *
 *	size_t *sizes = shares_sizes(q);
 *	struct label_shares s = shares_of(q, sizes, q->by_count[0]);
 *	printf("%.1f %% (%.1f to %.1f)\n", 100 * s.mean, 100 * s.low, 100 * s.high);
 *	free(sizes);
 *
 * The samples are the query's batches, of which there must be two or more.
 */
#ifndef REPORT_SHARES_H
#define REPORT_SHARES_H

#include "report/query_summary.h"

struct label_shares {
	double mean, low, high; /* of the mean, 95 % */
	double least, most;     /* of the samples */
};

/* The cells of every sample; the caller frees. */
size_t *shares_sizes(const struct query_summary *q);

struct label_shares shares_of(const struct query_summary *q, const size_t *sizes, uint32_t label);

#endif
