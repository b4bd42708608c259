/* nmf.h - cells as sums of a few parts, each a list of genes: non-negative matrix factorisation.
 *
 * Finds W (cells x rank) and H (genes x rank), nowhere below 0, for which W H' is nearest to the
 * cells of a stream in squares: the optimum that scikit-learn's NMF(solver="cd", init="nndsvda")
 * ends in, by its steps, so that the two objectives agree. The stream is read once for each step
 * and never held: memory is 12 bytes a cell and part, beside those of the genes.
 *
 *	struct nmf f;
 *	struct nmf_rules rules = {.rank = 10, .most_steps = 500, .tolerance = 1e-4};
 *	if (nmf_find(&f, &rules, open_again, input, n_genes, pool, &err))
 *		die_err(&err);
 *	use(f.w[cell * f.rank + part], f.h[gene * f.rank + part]);
 *	nmf_release(&f);
 *
 * It begins from the singular value decomposition (exact, of the genes' products: n_genes squared
 * doubles), zeros filled with the mean of all values. It ends when a step moves the gradient by
 * less than 'tolerance' of what the first one did. Nothing is drawn: same cells, same bytes, for
 * any number of threads. Parts are in the order of the singular values they began from.
 */
#ifndef EXPRESSION_NMF_H
#define EXPRESSION_NMF_H

#include "base/pool.h"
#include "matrix/stream.h"

struct nmf_rules {
	size_t rank, most_steps;
	double tolerance;
};

struct nmf {
	size_t n_cells, n_genes, rank;
	double *w, *h;    /* cells x rank, genes x rank */
	double distance;  /* of W H' from the cells: the root of the squares' sum */
	double length;    /* of the cells themselves: the distance of nothing */
	size_t n_steps;   /* passes over the cells after the first three */
	bool has_settled; /* before most_steps */
};

/* A new pass over the same cells; the caller of it frees the stream. NULL with 'err'. */
typedef struct stream *nmf_again(void *arg, struct err *err);

/*
 * The values of the cells are 0 or more: others are an error, as are fewer cells or genes than
 * parts and cells that are all empty.
 */
int nmf_find(struct nmf *f, const struct nmf_rules *rules, nmf_again *again, void *arg,
	     size_t n_genes, struct pool *pool, struct err *err) MUST_USE;
void nmf_release(struct nmf *f);

/* The share of the cells' squares that the parts explain, 0 to 1. */
double nmf_share(const struct nmf *f);

#endif
