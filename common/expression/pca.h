/* pca.h - principal components of scaled genes, from a streamed covariance.
 *
 * Genes are scaled to mean 0 and deviation 1 and clipped at +-10, as scanpy's scale does before its
 * PCA. A scaled cell is a constant row plus its stored values' shifts, so the covariance is a
 *sparse product; it is genes x genes, whatever the number of cells. The leading eigenvectors come
 *from a block Krylov space, to a stated residual. Signs are fixed: the largest loading of a
 *component is positive.
 *
 *	struct scaled_genes genes = {...};
 *	struct pca *p = pca_of(cells, &genes, 50, pool, &err);       // one pass
 *	pca_project(p, again, pool, coordinates, &err);              // another
 *	pca_free(p);
 */
#ifndef GRAPH_PCA_H
#define GRAPH_PCA_H

#include "base/pool.h"
#include "matrix/stream.h"

/* Per column of the stream: how it is scaled. */
struct scaled_genes {
	size_t n;
	double *mean, *deviation;
};

struct pca {
	size_t n_genes, n_components;
	double *components; /* n_genes x n_components */
	double *variance;   /* per component, falling */
	double total_variance;
	double residual; /* of the worst component, relative to the first variance */
	const struct scaled_genes *genes;
	double *offset; /* per component: what a cell without stored values gets, centred */
};

struct pca *pca_of(struct stream *cells, const struct scaled_genes *genes, size_t n_components,
		   struct pool *pool, struct err *err);

/* 'coordinates' is cells x components. */
int pca_project(const struct pca *p, struct stream *cells, struct pool *pool, float *coordinates,
		struct err *err) MUST_USE;

/* The share of all variance that the components hold. */
double pca_share(const struct pca *p);

void pca_free(struct pca *p);

#endif
