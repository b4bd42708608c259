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
	return d;
}

void depth_needs_free(struct depth_needs *d)
{
	if (!d)
		return;
	free(d->counts);
	free(d->confidence);
	free(d);
}

double depth_needs_at(const struct depth_needs *d, double counts)
{
	size_t row = 0;

	if (!d || !d->n)
		return 0;
	while (row + 1 < d->n && counts >= d->counts[row + 1])
		row++;
	return d->confidence[row];
}

bool depth_needs_valid(const struct depth_needs *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (!isfinite(d->counts[i]) || (i && d->counts[i] <= d->counts[i - 1]))
			return false;
		if (!(d->confidence[i] >= 0 && d->confidence[i] <= 1))
			return false;
	}
	return d->n > 0;
}
