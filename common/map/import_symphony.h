/* import_symphony.h - references that symphonypy made, read.
 *
 * symphonypy keeps a reference as an h5ad: var mean, std, highly_variable; varm PCs; obsm X_pca and
 * X_pca_harmony; uns/harmony Nr, C, K, sigma, R.
 *
 *	struct reference *ref = import_symphonypy(file, columns, n_columns, &rules, pool, &err);
 *
 * Weights and sums are computed anew from R and the coordinates: without batches symphonypy stores
 * k-means centres where sums belong, and its mapping is pulled towards 0. Of a gene that does not
 * vary the deviation stays 0: it is never used.
 */
#ifndef MAP_IMPORT_SYMPHONY_H
#define MAP_IMPORT_SYMPHONY_H

#include "h5ad/h5ad.h"
#include "map/build.h"

/* Complete, with spreads, profiles and calibration. NULL on failure. */
struct reference *import_symphonypy(struct h5ad *f, const char *const *columns, size_t n_columns,
				    const struct build_rules *rules, struct pool *pool,
				    struct err *err) MUST_USE;

#endif
