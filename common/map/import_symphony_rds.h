/* import_symphony_rds.h - references that Symphony itself made, read without R.
 *
 * Symphony saves a list with saveRDS: meta_data, vargenes (symbol, mean, stddev), loadings, Z_orig,
 * Z_corr and R, and more that follows from these. Its cells are columns.
 *
 *	struct rds *file = rds_read("atlas.rds", NULL, pool, &err);
 *	struct reference *ref = import_symphony_rds(file, columns, n_columns, &rules, pool, &err);
 *
 * Weights and sums are computed anew from R and Z_corr: a reference built without batches leaves K, d
 * and the ridge's terms out. Of a gene that does not vary the deviation stays 0: it is never used.
 */
#ifndef MAP_IMPORT_SYMPHONY_RDS_H
#define MAP_IMPORT_SYMPHONY_RDS_H

#include "import/rds/value.h"
#include "map/build.h"

/* Complete, with spreads, profiles and calibration. NULL on failure. */
struct reference *import_symphony_rds(const struct rds *file, const char *const *columns,
				      size_t n_columns, const struct build_rules *rules,
				      struct pool *pool, struct err *err) MUST_USE;

#endif
