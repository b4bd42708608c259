/* depth_needs.c - see depth_needs.h. */
#include "base/util.h"

#include <math.h>

#include "model/depth_needs.h"

struct depth_needs *depth_needs_new(size_t n)
{
	struct depth_needs *d = mem_zero(1, sizeof(*d));

	d->n = n;
	MEM_ZERO(d->counts, n);
	MEM_ZERO(d->confidence, n);
	return d;
}

struct depth_needs *depth_needs_copy(const struct depth_needs *from)
{
	struct depth_needs *d;

	if (!from)
		return NULL;
	d = depth_needs_new(from->n);
	memcpy(d->counts, from->counts, from->n * sizeof(*d->counts));
	memcpy(d->confidence, from->confidence, from->n * sizeof(*d->confidence));
	if (from->novelty)
		d->novelty = mem_copy(from->novelty, from->n, sizeof(*d->novelty));
	return d;
}

void depth_needs_free(struct depth_needs *d)
{
	if (!d)
		return;
	free(d->counts);
	free(d->confidence);
	free(d->novelty);
	free(d);
}

/* The last row that is not of more counts; the first when all are. */
static size_t row_of(const struct depth_needs *d, double counts)
{
	size_t row = 0;

	while (row + 1 < d->n && counts >= d->counts[row + 1])
		row++;
	return row;
}

double depth_needs_at(const struct depth_needs *d, double counts)
{
	return d && d->n ? d->confidence[row_of(d, counts)] : 0;
}

double depth_novelty_at(const struct depth_needs *d, double counts)
{
	size_t row;
	double along;

	if (!d || !d->n || !d->novelty || !(counts > 0))
		return 0;
	row = row_of(d, counts);
	if (row + 1 == d->n || counts <= d->counts[row])
		return d->novelty[row];
	along = log(counts / d->counts[row]) / log(d->counts[row + 1] / d->counts[row]);
	return d->novelty[row] + along * (d->novelty[row + 1] - d->novelty[row]);
}

bool depth_needs_valid(const struct depth_needs *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (!isfinite(d->counts[i]) || (i && d->counts[i] <= d->counts[i - 1]))
			return false;
		if (!(d->confidence[i] >= 0 && d->confidence[i] <= 1))
			return false;
		if (d->novelty && !(d->novelty[i] >= 0 && isfinite(d->novelty[i])))
			return false;
	}
	return d->n > 0;
}
