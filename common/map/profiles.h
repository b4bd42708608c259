/* profiles.h - which label's profile a cell lies nearest to.
 *
 * A label's profile is the mean of its cells' unit vectors in the reference (ref_labels.means). The
 * nearest is that with the largest cosine, the first by name among equals; a label whose profile is
 * 0 is nearest only where no other has a positive cosine.
 *
 *	uint32_t *nearest = mem_alloc(n + 1, sizeof(*nearest));
 *	profiles_nearest(labels, points, n, ref->n_dims, pool, nearest);
 *	puts(labels->names[nearest[0]]);
 *
 * A cell's answer does not depend on the cells beside it, nor on the number of threads.
 */
#ifndef MAP_PROFILES_H
#define MAP_PROFILES_H

#include "base/pool.h"
#include "map/reference.h"

/*
 * For 'n' points of 'dims' coordinates the label whose profile is nearest: 'nearest' is the caller's.
 * 'labels' has one label at least. Points that are 0 get the first label.
 */
void profiles_nearest(const struct ref_labels *labels, const double *points, size_t n, size_t dims,
		      struct pool *pool, uint32_t *nearest);

#endif
