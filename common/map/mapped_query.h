/* mapped_query.h - the coordinates of a query's cells, as ref-map or another program left them.
 *
 *	struct mapped_query q;
 *	if (!mapped_query_has(file, "X_pca_mapped"))
 *		return;                                     // ref-map --skip-below passed it
 *	if (mapped_query_read(&q, file, "X_pca_mapped", 30, &err))
 *		die_err(&err);
 *	use(q.points, q.map_distance);                          // cells x 30; NULL without
 *	mapped_query_release(&q);
 *
 * Coordinates that are not finite, or of another number of dimensions, are errors that say where.
 */
#ifndef MAP_MAPPED_QUERY_H
#define MAP_MAPPED_QUERY_H

#include "h5ad/h5ad.h"

struct mapped_query {
	size_t n;
	double *points;       /* n x dims */
	double *map_distance; /* ref-map's column of obs, or NULL */
};

bool mapped_query_has(const struct h5ad *f, const char *key);
int mapped_query_read(struct mapped_query *q, struct h5ad *f, const char *key, size_t dims,
		      struct err *err) MUST_USE;
void mapped_query_release(struct mapped_query *q);

#endif
