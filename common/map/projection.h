/* projection.h - cells placed in a reference's space.
 *
 * A cell's log1p values are scaled with the reference's means and deviations, clipped as it says,
 * and multiplied with its loadings. A gene that the file lacks, or that did not vary in the
 * reference, adds nothing: it counts as the reference's mean. What a cell does not store is a
 * constant, so only stored values of shared genes cost work.
 *
 *	struct projection *p = projection_new(ref, genes, n_genes);
 *	if (p->share < 0.25)
 *		refuse(...);                        // of the squared loadings
 *	projection_read(p, cells, pool, points, &n_empty, &err);   // cells x dims
 *	projection_free(p);
 *
 * The same for a reference's own cells and a query's: distances between them mean something. Of a
 * reference whose values are sctransform's residuals (map/residuals.h) the stream is one of counts.
 */
#ifndef MAP_PROJECTION_H
#define MAP_PROJECTION_H

#include "base/pool.h"
#include "map/reference.h"
#include "matrix/stream.h"

struct projection_scale; /* what a gene's values are scaled by */

struct projection {
	const struct reference *ref;     /* borrowed */
	size_t n_genes;                  /* of the file */
	uint32_t *gene;                  /* per gene of the file: the reference's, or UINT32_MAX */
	struct projection_scale *scales; /* per gene of the reference */
	double *offset;                  /* n_dims: a cell that stores nothing */
	size_t n_shared, n_flat;         /* genes used; shared ones that do not vary */
	double share;                    /* of all squared loadings, those of genes used */
	double *strips;         /* the loadings, some components after the others: per strip */
	size_t n_strips, width; /* n genes x width, with zeros after the last component */
};

/* 'genes' are unique names. */
struct projection *projection_new(const struct reference *ref, char *const *genes, size_t n_genes);
void projection_free(struct projection *p); /* NULL is fine */

/*
 * All cells of a stream over the file's genes. 'points' is cells x dims. 'n_empty', unless NULL,
 * becomes the number of cells without a value of a shared gene.
 */
int projection_read(const struct projection *p, struct stream *cells, struct pool *pool,
		    double *points, size_t *n_empty, struct err *err) MUST_USE;

#endif
