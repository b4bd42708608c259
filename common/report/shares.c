/* shares.c - see shares.h. */
#include "base/util.h"

#include <math.h>

#include "base/mem.h"
#include "report/shares.h"

/* Student's t, 97.5 %, by degrees of freedom from 1. */
static double t_value(size_t freedom)
{
	static const double table[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
				       2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
				       2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
				       2.060,  2.056, 2.052, 2.048, 2.045, 2.042};

	return freedom <= ARRAY_LEN(table) ? table[freedom - 1] : 1.96 + 2.5 / (double)freedom;
}

size_t *shares_sizes(const struct query_summary *q)
{
	size_t *sizes = mem_zero(q->batches.n, sizeof(*sizes));

	for (uint32_t b = 0; b < q->batches.n; b++)
		for (size_t i = 0; i < q->n_called; i++)
			sizes[b] += query_batch_cells(q, b, q->by_count[i]);
	return sizes;
}

struct label_shares shares_of(const struct query_summary *q, const size_t *sizes, uint32_t label)
{
	struct label_shares s = {.least = 1};
	double sum = 0, squares = 0, half, n = (double)q->batches.n;

	for (uint32_t b = 0; b < q->batches.n; b++) {
		double share = (double)query_batch_cells(q, b, label) / (double)MAX(sizes[b], 1);

		sum += share;
		squares += share * share;
		s.least = fmin(s.least, share);
		s.most = fmax(s.most, share);
	}
	s.mean = sum / n;
	half = t_value(q->batches.n - 1) *
	       sqrt(fmax(squares - n * s.mean * s.mean, 0) / (n - 1) / n);
	s.low = fmax(s.mean - half, 0);
	s.high = fmin(s.mean + half, 1);
	return s;
}
