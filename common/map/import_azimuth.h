/* import_azimuth.h - Azimuth's references (ref.Rds), read without R.
 *
 * An Azimuth reference is a Seurat object: cells in a reduction refDR (50 dimensions), a picture
 * refUMAP, factors of labels in meta.data, and 31 neighbours of every cell by cosine distance
 * (refdr.annoy.neighbors). Its Annoy index, in a file beside it, is not needed: neighbours are
 * searched anew, exactly.
 *
 *	struct rds *file = rds_read("ref.Rds", &azimuth_plan, pool, &err);
 *	if (azimuth_is(file))
 *		ref = import_azimuth(file, columns, n_columns, &rules, pool, &err);
 *
 * Labels of a single cell are left out: nothing can be said of them. Its cells are placed by
 * sctransform's residuals, not by log-normalised values: where the file has the one model of counts
 * by depth that they came of, it is kept and a query's counts are placed by it (map/residuals.h);
 * else deviations are 0 and reference_projects is false. What another program has placed in refDR
 * (or brought into it, as Azimuth's integrated_dr) is called by knn-transfer --coordinates.
 */
#ifndef MAP_IMPORT_AZIMUTH_H
#define MAP_IMPORT_AZIMUTH_H

#include "import/rds/read.h"
#include "map/build.h"

/* What of such a file need not be kept: the UMAP's model, expression, colours. */
extern const struct rds_plan azimuth_plan;

/* A Seurat object with a reduction refDR? */
bool azimuth_is(const struct rds *file);

/* Complete, with clusters, spreads, profiles, calibration and layout. NULL on failure. */
struct reference *import_azimuth(const struct rds *file, const char *const *columns,
				 size_t n_columns, const struct build_rules *rules,
				 struct pool *pool, struct err *err) MUST_USE;

#endif
