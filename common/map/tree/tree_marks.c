/* tree_marks.c - see tree_marks.h. */
#include "base/util.h"

#include "base/mem.h"
#include "map/tree/tree_marks.h"

#define LEAST_SHARE 0.1

struct share {
	double value;
	size_t at;
};

static int by_share(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

void tree_marks(const double *shares, size_t n, double match, uint8_t *marks)
{
	struct share *sorted = mem_alloc(n + 1, sizeof(*sorted));
	size_t marked = 0;

	memset(marks, 0, n);
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct share){shares[i], i};
	qsort(sorted, n, sizeof(*sorted), by_share);
	for (size_t i = 0; i < n && (i == 0 || i + 1 < n); i++) {
		if (!(sorted[i].value > LEAST_SHARE) ||
		    (i && !(sorted[i - 1].value - sorted[i].value < match)))
			break;
		marks[sorted[i].at] = 1;
		marked++;
	}
	if (marked == 1)
		marks[sorted[0].at] = 2;
	free(sorted);
}
