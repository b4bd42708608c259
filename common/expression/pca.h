/* pca.h - principal components of scaled genes, from a stream of cells.
 *
 * The top components of what a stream would be if it were scaled and made dense, without either:
 * genes are scaled to mean 0 and deviation 1 and clipped at +-10, as scanpy's scale does before its
 * PCA. A scaled cell is a constant row plus its stored values' shifts, so the covariance is a
 * sparse product (expression/gram.h), and a cell's coordinates are a sum over its stored values. Memory is 8 bytes a
 * pair of genes, whatever the number of cells; so a few thousand genes are chosen first
 * (expression/variable_genes.h), and the stream brings no others (stream_take_genes).
 *
 *	struct scaled_genes genes = {n, mean, deviation};
 *	struct pca *p = pca_of(cells, &genes, 50, pool, &err);       // one pass
 *	if (!p || pca_project(p, again, pool, coordinates, &err))    // another; or other cells
 *		die_err(&err);
 *	pca_free(p);
 *
 * With 'uncentred' genes the components are the right singular vectors of the matrix itself.
 *
 * Components are eigenvectors of the covariance to a stated residual (linalg/eigen.h). Signs are
 * fixed: the largest loading of a component is positive. Same cells, same bytes, for any number of
 * threads.
 */
#ifndef EXPRESSION_PCA_H
#define EXPRESSION_PCA_H

#include "base/pool.h"
#include "expression/gram.h"
#include "matrix/stream.h"

struct pca {
	size_t n_genes, n_components;
	double *components; /* n_genes x n_components */
	double *variance;   /* per component, falling */
	double total_variance;
	double residual; /* of the worst component, relative to the first variance */
	const struct scaled_genes *genes; /* borrowed: must outlive the pca */
	double *zero;                     /* per gene: what scaling makes of 0 */
	double *offset; /* per component: what a cell without stored values gets, centred */
};

/*
 * Components of all cells of the stream, which is read to its end and stays the caller's; at most
 * 'n_components': no more than genes, or cells less one. The caller frees the result. NULL with
 * 'err' when reading fails or there are fewer than 2 cells.
 */
struct pca *pca_of(struct stream *cells, const struct scaled_genes *genes, size_t n_components,
		   struct pool *pool, struct err *err) MUST_USE;

/*
 * Coordinates of every cell of a stream of the same genes: those the components were made of, or
 * others, which are then scaled and centred as those were. 'coordinates' is cells x components.
 */
int pca_project(const struct pca *p, struct stream *cells, struct pool *pool, float *coordinates,
		struct err *err) MUST_USE;

/* The share of all variance that the components hold. */
double pca_share(const struct pca *p);

/* NULL is fine. */
void pca_free(struct pca *p);

#endif
