/* export_symphony.h - a reference as symphonypy reads one, so that its users can read ours.
 *
 *	if (export_symphonypy(ref, "atlas.h5ad", pool, &err))
 *		die_err(&err);
 *
 * An h5ad without a matrix: var mean, std, highly_variable; varm PCs; obsm X_pca and X_pca_harmony;
 * obs the labels; uns/harmony Nr, C, K, R, sigma. Memberships are those that follow from the centroids.
 */
#ifndef MAP_EXPORT_SYMPHONY_H
#define MAP_EXPORT_SYMPHONY_H

#include "base/pool.h"
#include "map/reference.h"

/* Whole or not at all. Refuses a reference without cells or without clusters. */
int export_symphonypy(const struct reference *ref, const char *path, struct pool *pool,
		      struct err *err) MUST_USE;

#endif
