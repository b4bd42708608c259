/* atlas.h - labelled points to look for neighbours among: a reference's cells or label profiles,
 * or any labelled h5ad's array of obsm.
 *
 *	struct atlas *a = atlas_open("atlas.ref.h5", NULL, columns, n_columns, &err);
 *	struct atlas *b = atlas_open("atlas.h5ad", "X_scVI", columns, n_columns, &err);
 *	atlas_make_unit(a, pool);                   // cosine
 *	use(a->points, a->labels[0].of_point);
 *	atlas_free(a);
 *
 * Coordinates of scVI, scGPT, Geneformer, UCE and the like come by the second road.
 */
#ifndef MAP_ATLAS_H
#define MAP_ATLAS_H

#include "base/pool.h"
#include "h5ad/frame/column.h"
#include "map/reference.h"

struct atlas_labels {
	const char *column;
	size_t n;
	char *const *names;                    /* sorted by bytes */
	char *const *ids;                      /* Cell Ontology ids, or NULL */
	const int32_t *of_point;               /* -1: none */
	const struct ref_labels *of_reference; /* with quantiles and profiles; NULL of an h5ad */
};

struct atlas {
	size_t n, dims;
	double *points;
	struct atlas_labels *labels;
	size_t n_labels;
	struct reference *ref;        /* NULL of an h5ad */
	struct column_groups *groups; /* of an h5ad */
	struct arena arena;
};

/*
 * 'coordinates' names the obsm of an h5ad; NULL for a reference's corrected coordinates. A
 * reference without cells has no points (n 0). No columns: the one that a reference has. NULL on
 * failure.
 */
struct atlas *atlas_open(const char *path, const char *coordinates, const char *const *columns,
			 size_t n_columns, struct err *err) MUST_USE;
void atlas_free(struct atlas *a); /* NULL is fine */

/* Divide the points by their lengths. */
void atlas_make_unit(struct atlas *a, struct pool *pool);

#endif
